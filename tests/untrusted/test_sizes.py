import pytest
import torch
from omegaconf import OmegaConf

from refnets.config.build import build
from refnets.config.composition import CONFIGS
from refnets.data.generated import Generated
from refnets.data.piecewise import PiecewiseLinear
from refnets.data.signature import Signature
from refnets.data.target import Classes
from refnets.data.toy_regression import ToyRegression
from refnets.losses.magnitude import Exponential
from refnets.memory import weighed
from refnets.network import build_model

MODELS = {
    "width": ("mlp", {"width": 2**24}, "model: the weights would take .* GB, and this machine has"),
    "depth": ("residual_mlp", {"depth": 2**32}, "more than 10000 tensors of weights; make it less deep"),
    "depth before it is looked at": ("mlp", {"depth": 2**32}, "should be less than or equal to 10000"),
    "stages": ("cnn1d", {"depth": 2**32}, "should be less than or equal to 10000"),
}


@pytest.fixture(autouse=True)
def small_machine(monkeypatch):
    monkeypatch.setattr("refnets.memory.memory", lambda: 2**33)


@pytest.mark.parametrize("name", MODELS)
def test_networks(name):
    option, values, message = MODELS[name]
    node = OmegaConf.merge(OmegaConf.load(CONFIGS / "model" / f"{option}.yaml"), values)
    with pytest.raises(ValueError, match=message):
        build_model(node, Signature((1, 40), False, Classes(("a", "b"))), 2)


DATA = {
    "signals": ("mnist1d", {"num_samples": 2**32 - 6}, "data.num_samples=4294967290, .*: the signals would take"),
    "copies": ("mnist1d", {"augmented": 2**32}, "data.augmented=4294967296: the signals would take"),
    "positions": ("mnist1d", {"final_seq_length": 2**32}, "the signals would take"),
    "shapes": ("shapes_masks", {"num_train": 2**32}, "data.num_train .*: the images would take"),
    "pixels": ("shapes_boxes", {"size": [2**20, 2**20]}, "the images would take"),
}


@pytest.mark.parametrize("name", DATA)
def test_data(name):
    option, values, message = DATA[name]
    data = build("data", OmegaConf.merge(OmegaConf.load(CONFIGS / "data" / f"{option}.yaml"), values))
    with pytest.raises(ValueError, match=message):
        _ = data.splits


CURVE = {"x": [0, 1], "mean": [0, 0], "sigma": [1, 1], "seed": 0, "batch_size": None}
EXAMPLES = [
    ToyRegression(num_train=2**32, num_test=1, noise=0, seed=0, batch_size=None),
    Generated(likelihood=Exponential(), curves=[[0, 1, 1, 0]], num_samples=2**32, seed=0, batch_size=None),
    PiecewiseLinear(num_samples=2**32, **CURVE),
]


@pytest.mark.parametrize("data", EXAMPLES, ids=lambda data: type(data).__name__)
def test_examples_of_curves(data):
    with pytest.raises(ValueError, match="4294967.*: the examples would take .* GB, and this machine has 8.59 GB"):
        _ = data.splits


def test_weights_beyond_what_can_be_counted():
    with pytest.raises(ValueError, match="model: is too large to be built"), weighed():
        torch.nn.Linear(2**40, 2**40)


def test_a_network_is_weighed_without_drawing_random_numbers():
    before = torch.get_rng_state()
    with weighed():
        torch.nn.Linear(2, 2)
    assert torch.equal(torch.get_rng_state(), before)
