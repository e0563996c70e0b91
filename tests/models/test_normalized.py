import pytest
import torch
from torch import nn

from refnets.data.batches import channel_statistics
from refnets.models.normalized import Normalized


@pytest.fixture
def images():
    return torch.randint(256, (50, 3, 8, 6), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_statistics_are_those_of_all_pixels_of_a_channel(images):
    mean, std = channel_statistics(images)
    pixels = images.double().transpose(0, 1).flatten(1)
    assert torch.allclose(mean, pixels.mean(1))
    assert torch.allclose(std, pixels.std(1, correction=0))


def test_the_network_sees_every_channel_with_mean_0_and_deviation_1(images):
    normalized = Normalized(nn.Identity(), 3)
    normalized.measure(images)
    seen = normalized(images).double().transpose(0, 1).flatten(1)
    assert torch.allclose(seen.mean(1), torch.zeros(3).double(), atol=1e-6)
    assert torch.allclose(seen.std(1, correction=0), torch.ones(3).double())


def test_a_channel_that_is_the_same_everywhere_becomes_zero(images):
    images[:, 1] = 7
    normalized = Normalized(nn.Identity(), 3)
    normalized.measure(images)
    assert (normalized(images)[:, 1] == 0).all()


def test_the_statistics_are_kept_with_the_weights(images):
    normalized, other = Normalized(nn.Flatten(), 3), Normalized(nn.Flatten(), 3)
    normalized.measure(images)
    other.load_state_dict(normalized.state_dict())
    assert torch.equal(other(images), normalized(images))
