import pytest
import torch
from torch import nn

from refnets.models.coefficients import from_coefficients
from refnets.models.mlp import MLP
from refnets.operations.joints import joints

LEFT, RIGHT = torch.tensor([-1.0]), torch.tensor([1.0])


def mlp(inputs, width, depth, **values):
    values = {"activation": "relu", "init": "he_normal", "dropout": 0.0, **values}
    model = MLP(inputs, 3, width=width, depth=depth, **values)
    for layer in model.layers:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.bias, std=0.5)
    return model


NETWORKS = {
    "shallow": lambda: (mlp((1,), 20, 1), LEFT, RIGHT),
    "deep": lambda: (mlp((1,), 10, 3), LEFT, RIGHT),
    "many inputs": lambda: (mlp((1, 40), 15, 2), torch.randn(1, 40), torch.randn(1, 40)),
    "leaky": lambda: (mlp((2,), 10, 2, activation="leaky_relu"), torch.randn(2), torch.randn(2)),
    "dropout": lambda: (mlp((2,), 10, 2, dropout=0.5), torch.randn(2), torch.randn(2)),
    "convolutions": lambda: (
        nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.Conv1d(4, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(24, 1)),
        torch.randn(1, 10),
        torch.randn(1, 10),
    ),
}


def pieces_where_the_slope_changes(network, start, end, pieces):
    """Brute force: slopes over `pieces` equal pieces; of those in a row that differ from the one before, the first."""
    network, t = network.double().eval(), torch.linspace(0, 1, pieces + 1, dtype=torch.float64)
    x = start + t.view(-1, *[1] * start.dim()) * (end.double() - start)
    with torch.no_grad():
        slopes = network(x).diff(dim=0) * pieces  # (pieces, outputs)
    bent = (slopes.diff(dim=0).abs().amax(1) > 1e-6).tolist()
    return [i + 1 for i, changes in enumerate(bent) if changes and not (i and bent[i - 1])]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_joints_are_those_that_brute_force_finds(name, seed):
    torch.manual_seed(seed)
    network, start, end = NETWORKS[name]()
    found = joints(network, start, end)
    along = (found - start).flatten(1).norm(dim=1) / (end - start).norm()  # (J,)
    expected = pieces_where_the_slope_changes(network, start, end, pieces := 100_000)
    assert len(expected) > 3
    assert (pieces * along).tolist() == pytest.approx(expected, abs=1.5)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_network_is_linear_between_joints(name):
    torch.manual_seed(0)
    network, start, end = NETWORKS[name]()
    points = torch.cat([start[None].double(), joints(network, start, end), end[None].double()])
    with torch.no_grad():
        y, middle = network.double().eval()(points), network((points[1:] + points[:-1]) / 2)
    assert torch.allclose(middle, (y[1:] + y[:-1]) / 2, atol=1e-12)


# Notebook 4_1.
A = [[[0.0, -1.0], [0.0, 1.0], [-0.67, 1.0]], [[1.0, -2.0, -3.0, 9.3]]]
B = [[[-0.6, -1.0], [0.2, 1.0], [-0.5, 1.0]], [[0.5, -1.0, -1.5, 2.0]]]


@pytest.mark.parametrize(("parts", "regions"), [([A], 3), ([B], 4), ([A, A], 9), ([A, B], 12), ([A, A, B], 36)])
def test_composed_networks_have_the_product_of_their_regions(parts, regions):
    network = nn.Sequential(*(from_coefficients(*part) for part in parts))
    assert len(joints(network, LEFT, RIGHT)) + 1 == regions


def test_joints_are_exact():
    network = from_coefficients([[0.3, -1.0], [-1.0, 2.0], [-0.5, 0.65]], [[-0.3, 2.0, -1.0, 7.0]])
    assert joints(network, LEFT, RIGHT)[:, 0].tolist() == pytest.approx([0.3, 0.5, 0.5 / 0.65], abs=1e-15)


def test_units_that_switch_at_the_same_input_make_one_joint():
    assert len(joints(from_coefficients([[-0.1, 1.0], [-0.3, 3.0]], [[0.0, 1.0, 1.0]]), LEFT, RIGHT)) == 1


@pytest.mark.parametrize(
    "layers",
    [
        ([[0.0, 1.0]], [[1.0, 0.0]]),  # nobody listens to the unit
        ([[0.0, 1.0], [0.0, -1.0]], [[0.0, 1.0, -1.0]]),  # a(x) - a(-x) = x
        ([[0.5, 1.0], [1.0, 2.0]], [[-1.0, 2.0, -1.0]]),  # 2 a(x + 0.5) - a(2 x + 1) = 0
    ],
)
def test_units_that_switch_without_effect_make_no_joint(layers):
    assert len(joints(from_coefficients(*layers), LEFT, RIGHT)) == 0


def test_layers_that_are_not_piecewise_linear_are_named():
    with pytest.raises(ValueError, match=r"Tanh\(\) is neither affine nor a ReLU"):
        joints(mlp((1,), 3, 1, activation="tanh"), LEFT, RIGHT)


def test_the_network_is_left_as_it_was():
    network = mlp((1,), 3, 1, dropout=0.5)
    joints(network, LEFT, RIGHT)
    assert network.training
    assert next(network.parameters()).dtype == torch.float32
