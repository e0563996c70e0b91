"""A trained network applied to image files: classes, masks or boxes, in tables and painted on the images."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from omegaconf import OmegaConf
from PIL import Image, ImageOps
from pydantic import PositiveInt, TypeAdapter
from torch import Tensor, nn
from torchvision.transforms.functional import pil_to_tensor, to_pil_image

from refnets.data.image_files import Size, fit, fitted, read_image
from refnets.data.target import LEAST_SCORE, Boxes, Classes, Masks
from refnets.faults import is_memory
from refnets.files import as_json, write
from refnets.overlay import boxed, color, objects, tinted
from refnets.runs import Run
from refnets.spreadsheet import Rows, as_csv

OF_ONE_IMAGE = OSError, ValueError, RuntimeError, MemoryError  # torch has RuntimeError for sizes that do not fit
SIDES = "left", "top", "right", "bottom"
SIZE = TypeAdapter(tuple[PositiveInt, PositiveInt] | PositiveInt | None)


class Predicted(NamedTuple):
    """How many images were done, for every other one the reason why not, and the seconds that it took."""

    done: int
    refused: list[str]
    seconds: float


class Network:
    """The network of a run, the names of its classes, and the channels and size of the images it was trained on.

    Of the boxes that it predicts those with at least `least_score` count.
    """

    def __init__(self, run: Run, least_score: float) -> None:
        self.least_score = least_score
        self.model, self.loss = run.model(), run.loss()
        self.names, (channels, *self.trained) = run.signature.target.names, run.signature.input_shape
        self.mode = "RGB" if channels == 3 else "L"
        data = OmegaConf.to_container(run.config.data)
        # Where they are files: into which size they were fitted, if into any.
        self.size = SIZE.validate_python(data.get("size") if "root" in data else None)

    def pixels(self, image: Image.Image) -> Tensor:
        """One image as the network takes it, (1, channels, height, width)."""
        return pil_to_tensor(image.convert(self.mode))[None]


def predict(run: Run, images: Sequence[tuple[Path, Path]], folder: Path, least_score: float = LEAST_SCORE) -> Predicted:
    """Applies a run to image files, each with the name under which what it predicts is written to `folder`.

    Of boxes those with at least `least_score` are written.
    """
    network, said, refused = Network(run, least_score), {}, []
    started = time.perf_counter()
    apply = WAYS[type(run.signature.target)]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for file, name in images:
            try:
                image = read_image(file)
                with torch.no_grad():
                    said[str(file)] = apply(network, image, folder / name)
            except OF_ONE_IMAGE as error:
                refused.append(
                    str(error) if str(file) in str(error) else f"{file}: {str(error) or type(error).__name__}"
                )
    finally:  # also of what was done before Ctrl-C
        write(folder / "predictions.csv", as_csv(said))
        write(folder / "predictions.json", as_json(said))
    return Predicted(len(images) - len(refused), refused, time.perf_counter() - started)


def classify(network: Network, image: Image.Image, path: Path) -> Rows:
    """The likeliest class, written on the image too, and the probability of each.

    The image is scaled and cropped around its centre to the size of those trained on.
    """
    height, width = network.trained
    output = network.model(network.pixels(ImageOps.fit(image, (width, height))))
    probabilities = network.loss.distribution(output).probs[0]
    best = probabilities.argmax()
    frame = torch.tensor([[best, probabilities[best], 0, 0, 1, 1]])
    _save(boxed(pil_to_tensor(image), frame, network.names), path, "overlay")
    return [{"class": network.names[best]} | dict(zip(_columns(network.names), probabilities.tolist(), strict=True))]


def segment(network: Network, image: Image.Image, path: Path) -> Rows:
    """The share of the pixels that each class has; a mask of the image's size, whose pixels are numbers of classes."""
    mask = _mask(network, image)
    classes = pil_to_tensor(mask)[0]
    _save(tinted(pil_to_tensor(image), classes), path, "overlay")
    palette = "".join(color(number).lstrip("#") for number in range(len(network.names)))
    mask.putpalette(bytes.fromhex(palette))
    mask.save(_named(path, "mask"))
    shares = classes.flatten().bincount(minlength=len(network.names)) / classes.numel()
    return [dict(zip(_columns(network.names), shares.tolist(), strict=True))]


def _mask(network: Network, image: Image.Image) -> Image.Image:
    """The class of each pixel. A network that cannot take an image of this size sees it in that of its training."""
    try:
        return _fitted_mask(network, image, network.size)
    except RuntimeError as error:  # torch's, of maps that do not fit each other
        if network.size or is_memory(error):
            raise
        return _fitted_mask(network, image, network.trained)


def _fitted_mask(network: Network, image: Image.Image, size: Size | None) -> Image.Image:
    canvas = fit(image, size) if size else image
    mask = network.loss.predict(whole(network.model, network.pixels(canvas)))[0]  # (height, width)
    width, height = fitted(*image.size, size) if size else image.size
    return to_pil_image(mask[:height, :width]).resize(image.size, Image.Resampling.NEAREST)


def detect(network: Network, image: Image.Image, path: Path) -> Rows:
    """A row for every object: its class, the score, and the sides of its box in pixels of the image."""
    canvas = fit(image, network.trained)
    boxes = network.loss.predict(network.model(network.pixels(canvas)))[0]
    boxes = of_image(objects(boxes, network.least_score), image.size, network.trained)  # (objects, 6)
    _save(boxed(pil_to_tensor(image), boxes, network.names), path, "overlay")
    pixels = boxes[:, 2:] * torch.tensor(image.size * 2)
    return [
        {"class": network.names[int(number)], "score": score} | dict(zip(SIDES, sides, strict=True))
        for (number, score), sides in zip(boxes[:, :2].tolist(), pixels.tolist(), strict=True)
    ]


def of_image(boxes: Tensor, image: tuple[int, int], size: Size) -> Tensor:
    """Boxes in an image of this (width, height) that was fitted into `size`, as fractions of the image: (m, 6) each.

    They are cut to the image; those beside it, in the grey, are left out.
    """
    width, height = fitted(*image, size)
    sides = (boxes[:, 2:] * torch.tensor([size[1] / width, size[0] / height] * 2)).clamp(max=1)
    inside = (sides[:, :2] < sides[:, 2:]).all(1)
    return torch.cat([boxes[:, :2], sides], 1)[inside]


WAYS: dict[type, Callable[[Network, Image.Image, Path], Rows]] = {Classes: classify, Masks: segment, Boxes: detect}


def whole(model: nn.Module, x: Tensor) -> Tensor:
    """Logits for every pixel of x, (1, K, height, width).

    A network that leaves out the border sees the image with its border mirrored (Ronneberger et al. 2015, fig 2).
    """
    output = model(x)
    borders = [outer - inner for outer, inner in zip(x.shape[2:], output.shape[2:], strict=True)]
    if not any(borders):
        return output
    rows, columns = borders
    # On both sides: twice what is lost, or a little more.
    mirrored = F.pad(x.float(), [columns, columns, rows, rows], mode="reflect")
    output, sides = model(mirrored), x.shape[2:]
    # Of an odd number of rows or columns one less is lost at the top or left, as in training: see `centred`.
    lost = [(outer - inner) // 2 for outer, inner in zip(mirrored.shape[2:], output.shape[2:], strict=True)]
    top, left = (border - each for border, each in zip(borders, lost, strict=True))
    return output[..., top : top + sides[0], left : left + sides[1]]


def _save(image: Tensor, path: Path, kind: str) -> None:
    to_pil_image(image).save(_named(path, kind))


def _named(path: Path, kind: str) -> Path:
    """cat.jpg -> cat.jpg.overlay.png, in a folder that exists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{path.name}.{kind}.png")


def _columns(names: Sequence[str]) -> list[str]:
    """A column for each class; that of one called "image" is "class image": ours has that name."""
    return [f"class {name}" if name == "image" or name.startswith("class ") else name for name in names]
