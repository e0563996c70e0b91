"""The network that a configuration describes, for the data that it is for."""

from typing import Any

from torch import nn

from refnets.config.build import build
from refnets.data.signature import Signature
from refnets.memory import weighed
from refnets.models.normalized import Normalized


def build_model(node: Any, signature: Signature, num_outputs: int) -> nn.Module:
    """The network that the group `model` describes, for such data: a `Normalized` one where they are bytes.

    Raises ValueError when it does not fit into memory.
    """
    how = node, signature.input_shape, num_outputs
    with weighed():
        build("model", *how)
    network = build("model", *how)
    return Normalized(network, signature.input_shape[0]) if signature.as_bytes else network
