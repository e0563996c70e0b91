"""What a trained network says of image files: classes, masks or boxes, in tables and painted on the images."""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor, to_pil_image

from refnets.data.files.image_files import read_image
from refnets.data.target import LEAST_SCORE, Boxes, Classes, Masks
from refnets.files import as_json, named, write
from refnets.overlay import boxed, color, tinted
from refnets.predictor import Predictor
from refnets.runs import Run
from refnets.spreadsheet import Rows, as_csv

OF_ONE_IMAGE = OSError, ValueError, RuntimeError, MemoryError  # torch has RuntimeError for sizes that do not fit
SIDES = "left", "top", "right", "bottom"


class Predicted(NamedTuple):
    """How many images were done, for every other one the reason why not, and the seconds that it took."""

    done: int
    refused: list[str]
    seconds: float


def predict(run: Run, images: Sequence[tuple[Path, Path]], folder: Path, least_score: float = LEAST_SCORE) -> Predicted:
    """Applies a run to image files, each with the name under which what it predicts is written to `folder`.

    Of boxes those with at least `least_score` are written.
    """
    ways = {Classes: classify, Masks: segment, Boxes: partial(detect, least_score=least_score)}
    apply = partial(ways[type(run.signature.target)], Predictor(run))
    said, refused, started = {}, [], time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    with named(folder):
        TemporaryFile(dir=folder).close()  # where nothing can be written nothing is computed
    try:
        for file, name in images:
            try:
                with torch.no_grad():
                    said[str(file)] = apply(read_image(file), folder / name)
            except OF_ONE_IMAGE as error:
                refused.append(_reason(file, error))
    finally:  # also of what was done before Ctrl-C
        if said:
            write(folder / "predictions.csv", as_csv(said, _header(run.signature.target)))
            write(folder / "predictions.json", as_json(said))
    return Predicted(len(images) - len(refused), refused, time.perf_counter() - started)


def _reason(file: Path, error: Exception) -> str:
    """What is wrong with an image, and which one it is."""
    said = str(error) or type(error).__name__
    return said if str(file) in said else f"{file}: {said}"


def classify(predictor: Predictor, image: Image.Image, path: Path) -> Rows:
    """The likeliest class, written on the image too, and the probability of each."""
    names, probabilities = predictor.names, predictor.probabilities(image)
    best = probabilities.argmax()
    frame = torch.tensor([[best, probabilities[best], 0, 0, 1, 1]])
    _save(boxed(pil_to_tensor(image), frame, names), path, "overlay")
    return [{"class": names[best]} | dict(zip(_columns(names), probabilities.tolist(), strict=True))]


def segment(predictor: Predictor, image: Image.Image, path: Path) -> Rows:
    """The share of the pixels that each class has; a mask of the image's size, whose pixels are numbers of classes."""
    names, mask = predictor.names, predictor.mask(image)
    classes = pil_to_tensor(mask)[0]
    _save(tinted(pil_to_tensor(image), classes), path, "overlay")
    palette = "".join(color(number).lstrip("#") for number in range(len(names)))
    mask.putpalette(bytes.fromhex(palette))
    mask.save(_named(path, "mask"))
    shares = classes.flatten().bincount(minlength=len(names)) / classes.numel()
    return [dict(zip(_columns(names), shares.tolist(), strict=True))]


def detect(predictor: Predictor, image: Image.Image, path: Path, least_score: float) -> Rows:
    """A row for every object: its class, the score, and the sides of its box in pixels of the image."""
    names, boxes = predictor.names, predictor.boxes(image, least_score)
    _save(boxed(pil_to_tensor(image), boxes, names), path, "overlay")
    pixels = boxes[:, 2:] * torch.tensor(image.size * 2)
    return [
        {"class": names[int(number)], "score": score} | dict(zip(SIDES, sides, strict=True))
        for (number, score), sides in zip(boxes[:, :2].tolist(), pixels.tolist(), strict=True)
    ]


def _save(image: Tensor, path: Path, kind: str) -> None:
    to_pil_image(image).save(_named(path, kind))


def _named(path: Path, kind: str) -> Path:
    """cat.jpg -> cat.jpg.overlay.png, in a folder that exists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{path.name}.{kind}.png")


def _header(target: object) -> list[str]:
    """The keys of what `classify`, `segment` or `detect` say of an image: known also where nothing is detected."""
    if isinstance(target, Boxes):
        return ["class", "score", *SIDES]
    return ["class"] * isinstance(target, Classes) + _columns(target.names)


def _columns(names: Sequence[str]) -> list[str]:
    """A column for each class; that of one called "image" is "class image", as ours are called "image" and "class"."""
    return [f"class {name}" if name in ("image", "class") or name.startswith("class ") else name for name in names]
