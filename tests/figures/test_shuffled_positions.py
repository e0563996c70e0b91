from types import SimpleNamespace

import pytest
import torch

from refnets.data.batches import Split
from refnets.figures.shuffled_positions import draw
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


def test_the_rise_is_of_each_seed():
    data = SimpleNamespace(splits={"test": Split(torch.rand(1, 1, 40), torch.zeros(1))})

    def runs(*errors):
        return [SimpleNamespace(data=lambda: data, result={"final": {"test_error": error}}) for error in errors]

    _, numbers = draw({"mlp": runs(40, 42), "mlp_shuffled": runs(41, 45)}, published={"mlp": [40, 40]})
    assert {name: number.values for name, number in numbers.items()} == {
        "mlp_error": [40, 42],
        "mlp_error_shuffled": [41, 45],
        "mlp_rise": [1, 3],
    }
