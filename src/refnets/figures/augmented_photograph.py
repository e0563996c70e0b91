"""A photograph, transformed in ways that do not change what it shows (fig 9.13)."""

from collections.abc import Callable

import torch
from matplotlib.axes import Axes
from matplotlib.cbook import get_sample_data
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import ElasticTransform
from torchvision.transforms.v2 import functional as F

from refnets.figures import style
from refnets.figures.toy import rms
from refnets.verdict import Number

Transform = Callable[[Tensor], Tensor]  # of images (3, height, width), integers 0 to 255, to the same shape
FACE = 90, 10, 430, 350  # left, upper, right and lower edge of what is shown of the photograph's 512 x 600 pixels


def draw(*, size: int, seed: int) -> tuple[Figure, dict[str, Number]]:
    """The original, `size` pixels wide and high, and seven transformed copies; what some transforms leave exactly."""
    original = photograph(size)
    copies = {name: transform(original) for name, transform in transforms(seed).items()}
    picture = Figure(figsize=(6.3, 3.5))
    axes = picture.subplots(2, 4).flatten()
    for letter, ax, (name, image) in zip("abcdefgh", axes, {"original": original, **copies}.items(), strict=True):
        _show(ax, image)
        style.title(ax, letter, name)
    return picture, {
        "change_by_two_flips": Number(change(original, F.horizontal_flip(copies["flip"]))),
        "change_by_two_negatives": Number(change(original, F.invert(copies["negative"]))),
        "change_of_the_mean_by_blur": Number((copies["blur"].double() - original).mean().abs()),
        "least_change_of_a_copy": Number(min(rms(original, copy) for copy in copies.values())),
    }


def photograph(size: int) -> Tensor:
    """Grace Hopper, photographed by the US Navy (public domain; it comes with matplotlib): (3, size, size)."""
    with get_sample_data("grace_hopper.jpg") as file, Image.open(file) as image:
        return F.pil_to_tensor(image.crop(FACE).resize((size, size), Image.Resampling.LANCZOS))


def transforms(seed: int) -> dict[str, Transform]:
    """Transforms by name: four move pixels, three change colors; random in training, here each with one strength."""
    return {
        "flip": F.horizontal_flip,
        "rotate, crop": lambda image: zoomed(F.rotate(image, 15, F.InterpolationMode.BILINEAR), 0.75),
        "stretch": lambda image: F.center_crop(
            F.resize(image, [image.shape[1] * 4 // 3, image.shape[2]]), image.shape[1:]
        ),
        "warp": lambda image: zoomed(warped(image, seed), 0.9),
        "blur": lambda image: F.gaussian_blur(image, [9, 9], [2.0, 2.0]),
        "vignette": vignetted,
        "negative": F.invert,
    }


def zoomed(image: Tensor, part: float) -> Tensor:
    """The middle of the image, `part` of its width and height, enlarged to its size: without empty corners."""
    size = list(image.shape[1:])
    return F.resize(F.center_crop(image, [round(part * each) for each in size]), size)


def warped(image: Tensor, seed: int) -> Tensor:
    """The image with every pixel moved by a random distance that is alike for neighbours (Simard et al. 2003)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ElasticTransform(alpha=80, sigma=6)(image)


def vignetted(image: Tensor) -> Tensor:
    """The image, darker with the squared distance from the middle, a quarter as bright in the corners."""
    y, x = (torch.linspace(-1, 1, size) for size in image.shape[1:])
    return (image * (1 - 0.75 * (y[:, None] ** 2 + x**2) / 2)).to(image.dtype)


def change(one: Tensor, other: Tensor) -> int:
    """The largest difference of two images."""
    return (one.int() - other.int()).abs().max().item()


def _show(ax: Axes, image: Tensor) -> None:
    ax.imshow(image.permute(1, 2, 0), interpolation="nearest")
    ax.set_axis_off()
