import pytest
from omegaconf import OmegaConf

from refnets.check import build
from refnets.config import CONFIGS
from refnets.data.signature import Signature
from refnets.data.target import Classes
from refnets.models.normalized import build_model

MODELS = {
    "width": ("mlp", {"width": 2**24}, "model: the weights would take .* GB, and this machine has"),
    "width beyond numbers": ("mlp", {"width": 2**32}, "model: is too large to be built"),
    "depth": ("residual_mlp", {"depth": 2**32}, "more than 20000 tensors of weights; make it less deep"),
    "depth before it is looked at": ("mlp", {"depth": 2**32}, "should be less than or equal to 10000"),
    "stages": ("cnn1d", {"depth": 2**32}, "should be less than or equal to 10000"),
}


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


@pytest.mark.parametrize("option", ["toy_regression", "growing_noise", "two_branches"])
def test_examples_of_curves(option, monkeypatch):
    monkeypatch.setattr("refnets.memory.memory", lambda: 1000)
    with pytest.raises(ValueError, match="the examples would take .* GB, and this machine has"):
        _ = build("data", OmegaConf.load(CONFIGS / "data" / f"{option}.yaml")).splits
