import pytest
import torch
import torch.nn.functional as F
from torch import nn

from refnets.models.resnet_cifar import CifarResNet, SubsampleAndPad
from refnets.models.weights import load_in_order


def resnet(**values):
    return CifarResNet(
        (3, 32, 32), 10, **{"depth": 20, "residual": True, "preactivation": False, **values, "init": "he_fan_out"}
    )


def test_option_a_takes_every_second_pixel_and_adds_channels_of_zeros():
    x = torch.randn(2, 16, 5, 5)
    y = SubsampleAndPad(16)(x)
    assert y.shape == (2, 32, 3, 3)
    assert torch.equal(y[:, 8:24], x[:, :, ::2, ::2])
    assert not y[:, :8].any()
    assert not y[:, 24:].any()


def test_it_is_the_network_of_the_paper_written_out():
    """Under the names and in the order of the state dicts of github.com/akamaster/pytorch_resnet_cifar10."""
    weights = _named_elsewhere()
    model = resnet().eval()
    load_in_order(model, weights)
    x = torch.randn(4, 3, 32, 32)
    assert torch.allclose(model(x), _written_out(weights, x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("preactivation", [False, True])
def test_a_plain_network_is_the_residual_one_without_shortcuts(preactivation):
    plain, residual = (resnet(residual=value, preactivation=preactivation).eval() for value in (False, True))
    plain.load_state_dict(residual.state_dict())
    x = torch.randn(4, 3, 32, 32)
    assert not torch.allclose(plain(x), residual(x))
    for stage in residual.stages:
        for block in stage:
            if hasattr(block, "shortcut"):
                block.shortcut = _Zero()
    assert torch.allclose(plain(x), residual(x), atol=1e-5)


class _Zero(nn.Module):
    def forward(self, x):
        return 0.0


def test_with_preactivation_the_identity_reaches_from_block_to_block():
    """arXiv:1603.05027, eq 4: what goes in comes out, plus what the branches add."""
    model = resnet(preactivation=True).eval()
    blocks = model.stages[1][1:]
    for block in blocks:
        nn.init.zeros_(block.branch[-1].weight)
    x = torch.randn(4, 32, 8, 8)
    assert torch.equal(blocks(x), x)


@pytest.mark.parametrize("depth", [2, 21, 52])
def test_other_depths_are_refused(depth):
    with pytest.raises(ValueError, match=f"model.depth={depth}: 6 m \\+ 2 is allowed, such as 20"):
        resnet(depth=depth)


def _named_elsewhere() -> dict[str, torch.Tensor]:
    """Random weights of ResNet-20: conv1, bn1, layer1.0.conv1, ... linear."""
    generator, weights, features = torch.Generator().manual_seed(0), {}, 3

    def normalized_convolution(prefix: str, number: int, fan_in: int, fan_out: int) -> None:
        weights[f"{prefix}conv{number}.weight"] = (
            torch.randn(fan_out, fan_in, 3, 3, generator=generator) / fan_in**0.5 / 3
        )
        for key in ("weight", "bias", "running_mean", "running_var"):
            weights[f"{prefix}bn{number}.{key}"] = 0.5 + torch.rand(fan_out, generator=generator)

    normalized_convolution("", 1, 3, 16)
    features = 16
    for layer, width in enumerate((16, 32, 64), start=1):
        for block in range(3):
            normalized_convolution(f"layer{layer}.{block}.", 1, features, width)
            normalized_convolution(f"layer{layer}.{block}.", 2, width, width)
            features = width
    return weights | {"linear.weight": torch.randn(10, 64, generator=generator), "linear.bias": torch.arange(10.0)}


def _written_out(weights: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    def normalized_convolution(prefix: str, number: int, x: torch.Tensor, stride: int = 1) -> torch.Tensor:
        w, b, mean, var = (
            weights[f"{prefix}bn{number}.{key}"] for key in ("weight", "bias", "running_mean", "running_var")
        )
        x = F.conv2d(x, weights[f"{prefix}conv{number}.weight"], stride=stride, padding=1)
        return F.batch_norm(x, mean, var, w, b)

    x = normalized_convolution("", 1, x).relu()
    for layer in (1, 2, 3):
        for block in range(3):
            prefix, stride = f"layer{layer}.{block}.", 2 if layer > 1 and block == 0 else 1
            shortcut = x
            if stride == 2:
                half = x.shape[1] // 2
                shortcut = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, half, half))
            x = normalized_convolution(prefix, 1, x, stride).relu()
            x = (normalized_convolution(prefix, 2, x) + shortcut).relu()
    return x.mean((2, 3)) @ weights["linear.weight"].T + weights["linear.bias"]


def test_the_gradients_of_a_deep_plain_network_do_not_vanish_when_every_layer_is_normalized():
    torch.manual_seed(0)
    model = resnet(depth=56, residual=False)
    F.cross_entropy(model(torch.randn(32, 3, 32, 32)), torch.randint(10, (32,))).backward()
    first, *_, last = (module.weight.grad.norm() for module in model.modules() if isinstance(module, nn.Conv2d))
    assert first > 100 * last
