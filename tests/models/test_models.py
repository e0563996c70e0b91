"""What every model of configs/model must do."""

import pytest
import torch

from refnets.config.build import build
from refnets.config.composition import CONFIGS

MODELS = sorted(file.stem for file in (CONFIGS / "model").glob("*.yaml"))
SIGNAL, IMAGE = (1, 40), (3, 32, 32)
SHAPES = {"cnn1d": SIGNAL, "gru": SIGNAL, "mlp": SIGNAL, "residual_mlp": SIGNAL, "yolo": (3, 64, 64)}
IMAGE_MODELS = [name for name in MODELS if SHAPES.get(name) != SIGNAL]
SMALLER = {  # than 138 million parameters and more
    "deconvnet": ["model.width=4", "model.bottleneck=16"],
    "vgg": ["model.width=64"],
    "yolo": ["model.width=4", "model.hidden=16"],
}
DARKNET_53 = ["model=darknet", "model.stem_stride=1", "model.blocks=[0,1,2,8,8,4]"]
DARKNET_53 += ["model.channels=[32,64,128,256,512,1024]"]
MAPS = dict.fromkeys(["backbone_unet", "deconvnet", "hourglass", "unet"], IMAGE[1:])  # of models with dense outputs
MAPS |= {"yolo": (1, 1), "yolo_lite": (7, 7)}


@pytest.fixture(params=MODELS)
def name(request):
    return request.param


@pytest.fixture
def shape(name):
    return SHAPES.get(name, IMAGE)


@pytest.fixture
def model(job, name, shape):
    torch.manual_seed(0)
    return build("model", job(f"model={name}", *SMALLER.get(name, []))[0].model, shape, 10)


def test_one_output_vector_per_example_or_per_place_of_a_map(model, name, shape):
    assert model(torch.randn(7, *shape)).shape == (7, 10, *MAPS.get(name, ()))


def test_a_gradient_reaches_every_parameter(model, name, shape):
    model.train(name != "deconvnet")  # when training, batch normalization takes its biases away
    model(torch.randn(16, *shape)).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_examples_do_not_mix(model, shape):
    x = torch.randn(5, *shape)
    together = model.eval()(x)
    assert torch.allclose(together[2:3], model(x[2:3]), atol=1e-5 * together.abs().max().item())


@pytest.mark.parametrize("name", sorted({*IMAGE_MODELS} - {"deconvnet", "hourglass", "unet"}))
def test_the_stages_have_the_channels_and_strides_that_they_name(model):
    x = torch.randn(2, 3, 64, 64)
    assert len(model.stages) == len(model.channels) == len(model.strides)
    for stage, channels, stride in zip(model.stages, model.channels, model.strides, strict=True):
        x = stage(x)
        assert x.shape[1] == channels
        assert 64 / stride - 4 < x.shape[-1] <= 64 / stride  # convolutions without padding lose the border


@pytest.mark.parametrize("name", IMAGE_MODELS)
def test_what_is_no_image_is_refused(job, name):
    with pytest.raises(ValueError, match=r"takes images of shape \(channels, height, width\), the data has \(1, 40\)"):
        build("model", job(f"model={name}")[0].model, SIGNAL, 10)


@pytest.mark.parametrize(
    ("overrides", "shape", "num_outputs", "parameters"),
    [
        (["experiment=mnist1d_cnn"], SIGNAL, 10, 2050),  # fig 10.8
        (["experiment=mnist1d_fc"], SIGNAL, 10, 59065),  # fig 10.8
        (["experiment=mnist1d_mlp"], SIGNAL, 10, 15210),  # fig 8.2
        (["experiment=mnist1d_benchmark"], SIGNAL, 10, 5210),  # these four: the authors' mnist1d-classification.ipynb
        (["experiment=mnist1d_benchmark", "model=gru"], SIGNAL, 10, 5134),
        (["experiment=mnist1d_benchmark", "model=mlp"], SIGNAL, 10, 15210),
        (["experiment=mnist1d_benchmark", "model=mlp", "model.depth=0"], SIGNAL, 10, 410),
        (["model=residual_mlp"], SIGNAL, 10, 25310),  # notebook 11_2
        (["model=cnn2d"], (1, 28, 28), 10, 21840),  # notebook 10_5
        (["model=resnet_cifar"], IMAGE, 10, 269722),  # arXiv:1512.03385, table 6: 0.27 million
        (["model=resnet_cifar", "model.depth=32"], IMAGE, 10, 464154),  # 0.46
        (["model=resnet_cifar", "model.depth=44"], IMAGE, 10, 658586),  # 0.66
        (["model=resnet_cifar", "model.depth=56"], IMAGE, 10, 853018),  # 0.85
        (["model=resnet_cifar", "model.depth=110"], IMAGE, 10, 1727962),  # 1.7
        (["model=resnet_cifar", "model.depth=56", "model.residual=false"], IMAGE, 10, 853018),
        (["model=resnet_cifar", "model.preactivation=true"], IMAGE, 10, 269722),
        (["model=densenet_cifar"], IMAGE, 10, 769162),  # arXiv:1608.06993, table 2: 0.8 million
        (DARKNET_53, IMAGE, 1000, 41609928),  # 41.6 million in timm
        (["model=unet", "model.width=64", "model.padding=false", "model.batch_norm=false"], (1, 572, 572), 2, 31030658),
        (["model=deconvnet"], (3, 224, 224), 21, 251805653),  # arXiv:1505.04366: about 252 million
        (["model=yolo"], (3, 448, 448), 30, 271703550),  # arXiv:1506.02640, fig 3
        (["model=resnet", "model.depth=200", "model.preactivation=true"], IMAGE, 1000, 64666152),  # fig 11.8
    ],
)
def test_parameters_are_as_many_as_published(job, overrides, shape, num_outputs, parameters):
    with torch.device("meta"):
        model = build("model", job(*overrides)[0].model, shape, num_outputs)
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters


@pytest.mark.parametrize("name", [name for name in MODELS if "\ninit:" in (CONFIGS / f"model/{name}.yaml").read_text()])
def test_init_is_of_all_weights(job, name, shape):
    others = "stages" if name in ("backbone_unet", "yolo_lite") else "-"  # of a network that has an `init` of its own
    weights = []
    for init in ("default", "he_normal"):
        torch.manual_seed(0)
        cfg, _ = job(f"model={name}", f"model.init={init}", *SMALLER.get(name, []))
        model = build("model", cfg.model, shape, 10)
        weights.append(
            [each for key, each in model.named_parameters() if each.dim() > 1 and not key.startswith(others)]
        )
    assert not any(torch.equal(*pair) for pair in zip(*weights, strict=True))
