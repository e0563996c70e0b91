"""The networks that torchvision has too are the same functions of the same weights."""

import pytest
import torch
import torchvision
from torch import nn

from refnets.config.build import build
from refnets.models.weights import load_in_order


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("resnet18", ["model=resnet", "model.depth=18"]),
        ("resnet34", ["model=resnet", "model.depth=34"]),
        ("resnet50", ["model=resnet"]),
        ("resnet101", ["model=resnet", "model.depth=101"]),
        ("resnet152", ["model=resnet", "model.depth=152"]),
        ("densenet121", ["model=densenet"]),
        ("vgg16", ["model=vgg"]),
        ("vgg16_bn", ["model=vgg", "model.batch_norm=true"]),
    ],
)
def test_it_is_torchvisions_network(job, name, overrides):
    with torch.device("meta"):  # parameters without values: those of VGG alone take seconds to draw
        theirs = torchvision.models.get_model(name)
        ours = build("model", job(*overrides)[0].model, (3, 224, 224), 1000)
    theirs.to_empty(device="cpu").eval()
    ours.to_empty(device="cpu").eval()
    _draw(theirs)
    load_in_order(ours, theirs.state_dict())
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    expected = theirs(x)
    assert expected.std() > 1e-3
    assert torch.allclose(ours(x), expected, rtol=1e-4, atol=1e-5 * expected.abs().max().item())


def test_a_tensor_of_another_shape_is_refused_and_nothing_is_loaded():
    model, other = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4)), nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 5))
    before = model[0].weight.clone()
    with pytest.raises(ValueError, match=r"'1.weight' is \(4, 3\), but '1.weight' has \(5, 3\)"):
        load_in_order(model, other.state_dict())
    assert torch.equal(model[0].weight, before)


def test_tensors_sorted_by_name_are_refused():
    model = nn.BatchNorm1d(3)
    with pytest.raises(ValueError, match="'weight' is .* but 'bias' has .* sorted by name"):
        load_in_order(model, dict(sorted(model.state_dict().items())))


def test_another_number_of_tensors_is_refused():
    with pytest.raises(ValueError, match="the model has 4 tensors, the state dict 2"):
        load_in_order(nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4)), nn.Sequential(nn.Linear(2, 3)).state_dict())


def test_files_without_the_count_of_batches_are_loaded():
    model, other = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    other.running_mean += 1
    load_in_order(model, {name: each for name, each in other.state_dict().items() if name != "num_batches_tracked"})
    assert model.running_mean.tolist() == [1, 1, 1]


def _draw(network: nn.Module) -> None:
    """Weights that keep the size of the signal, and statistics that are not those of a new network."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in network.state_dict().items():
        if tensor.dim() > 1:
            tensor.normal_(0, (2 / tensor[0].numel()) ** 0.5, generator=generator)
        elif name.endswith(("running_var", "weight")):
            tensor.uniform_(0.5, 1.5, generator=generator)
        elif tensor.dim():
            tensor.normal_(0, 0.1, generator=generator)
