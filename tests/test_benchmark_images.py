import torch

from refnets.benchmark_images import compare
from refnets.data.batches import Split


def test_all_ways_are_timed_in_every_round(monkeypatch):
    images = torch.randint(256, (40, 3, 32, 32), dtype=torch.uint8)
    split = Split(images, torch.arange(40) % 10)
    monkeypatch.setattr("refnets.data.cifar10.load", lambda _: (split, split))
    taken = compare("model.depth=8", "data.train_per_class=4", "data.batch_size=4", rounds=2)
    assert {way: [seconds > 0 for seconds in times] for way, times in taken.items()} == {
        "plain loop": [True, True],
        "refnets": [True, True],
        "its batches": [True, True],
    }
