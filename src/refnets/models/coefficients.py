"""Networks whose parameters are written out, as in the equations of book chapters 3 and 4."""

import torch

from refnets.models.mlp import MLP


def from_coefficients(*layers: list[list[float]]) -> MLP:
    """The ReLU network whose unit i of layer k has the bias layers[k][i][0] and the weights layers[k][i][1:].

    The last of the layers is the output: book eq 3.1 is from_coefficients(theta, [phi]). In double precision.
    """
    rows = [torch.tensor(layer, dtype=torch.float64) for layer in layers]  # (units, 1 + inputs) each
    *hidden, output = map(len, rows)
    with torch.device("meta"):  # no random weights are drawn
        shape = {"width": hidden, "depth": len(hidden), "activation": "relu", "init": "default", "dropout": 0.0}
        network = MLP((rows[0].shape[1] - 1,), output, **shape)
    values = [value for row in rows for value in (row[:, 1:], row[:, 0])]
    network.load_state_dict(dict(zip(network.state_dict(), values, strict=True)), assign=True)
    return network
