from collections import OrderedDict

import pytest
from torch import nn

from refnets.models.cnn1d import CNN1d
from refnets.models.normalized import Normalized
from refnets.trainer.frozen import freeze_all_but


def test_the_nearest_part_is_named():
    plain = {"activation": "relu", "init": "default"}
    model = CNN1d((1, 40), 10, channels=2, depth=1, kernel_size=3, stride=2, padding=0, **plain)
    with pytest.raises(
        ValueError, match=r"train_only=haed: .*; did you mean 'head'\? \(head, stages, stages.0, stages.0.0\)"
    ):
        freeze_all_but(model, "haed")


@pytest.mark.parametrize("part", ["head", "network.head"])
def test_a_part_of_a_network_for_images_has_its_own_name(part):
    model = Normalized(nn.Sequential(OrderedDict(stem=nn.Conv2d(3, 4, 3), head=nn.Linear(4, 2))), 3)
    freeze_all_but(model, part)
    trained = [name for name, weight in model.named_parameters() if weight.requires_grad]
    assert trained == ["network.head.weight", "network.head.bias"]
