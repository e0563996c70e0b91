import pytest
import torch

from refnets.models.cnn1d import CNN1d
from refnets.models.gru import GRU
from refnets.models.mlp import MLP

ORDER = torch.randperm(40, generator=torch.Generator().manual_seed(0))
MLPS = {"width": 100, "activation": "relu", "init": "default", "dropout": 0.0}


@pytest.mark.parametrize("depth", [0, 2])
def test_a_fully_connected_network_has_the_order_of_its_inputs_in_its_weights(depth):
    """So whatever it can learn of the original signals, it can learn of shuffled ones."""
    model, x = MLP((1, 40), 10, depth=depth, **MLPS), torch.randn(5, 1, 40)
    expected = model(x)
    model.layers[1].weight.data = model.layers[1].weight.data[:, ORDER]
    assert torch.allclose(model(x[..., ORDER]), expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["convolutional", "recurrent"])
def test_other_networks_have_it_in_their_layers(kind):
    """Sharing weights, they see neighbours: shuffled back at the end, their hidden units are others."""
    torch.manual_seed(0)
    shape = {"channels": 3, "depth": 1, "kernel_size": 3, "stride": 1, "padding": 1}
    cnn = CNN1d((1, 40), 10, **shape, activation="relu", init="default").stages[0]
    gru = GRU((1, 40), 10, width=6).units
    x = torch.randn(5, 1, 40)
    hidden = cnn if kind == "convolutional" else lambda x: gru(x.transpose(1, 2))[0].transpose(1, 2)
    assert not torch.allclose(hidden(x[..., ORDER]), hidden(x)[..., ORDER], atol=0.01)
