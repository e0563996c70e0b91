import pytest
import torch

from refnets.benchmarks.images import compare, detections_per_second
from refnets.data.batches import Split

SHORT = "steps=3", "eval_every=3"


@pytest.fixture
def images(monkeypatch):
    """40 of them, instead of CIFAR-10."""
    images = torch.randint(256, (40, 3, 32, 32), dtype=torch.uint8)
    split = Split(images, torch.arange(40) % 10)
    monkeypatch.setattr("refnets.data.cifar10.CIFAR10.load", staticmethod(lambda _: (split, split)))


def test_all_ways_are_timed_in_every_round(images):
    taken = compare(*SHORT, "model.depth=8", "data.train_per_class=4", "data.batch_size=4", rounds=2)
    assert {way: len(times) for way, times in taken.items()} == {"plain loop": 2, "refnets": 2, "its batches": 2}


def test_every_round_of_detections_has_a_speed():
    assert len(detections_per_second(rounds=2)) == 2


def test_another_loss_than_that_of_the_plain_loop_is_refused(images):
    with pytest.raises(ValueError, match="the plain loop is for loss=categorical; these are refnets.losses.binary"):
        compare("loss=bernoulli", rounds=1)
