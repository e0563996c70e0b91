"""A trained network applied to image files: classes, masks or boxes, in tables and painted on the images."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from omegaconf import OmegaConf
from PIL import Image, ImageOps
from pydantic import PositiveInt, TypeAdapter
from torch import Tensor, nn
from torchvision.transforms.functional import pil_to_tensor, to_pil_image

from refnets.data.image_files import fit, fitted, read_image
from refnets.data.split_files import EXTENSIONS
from refnets.data.target import Boxes, Classes, Masks
from refnets.models.unet import middle
from refnets.overlay import LEAST_SCORE, boxed, color, objects, tinted
from refnets.runs import Run, write

SIDES = "left", "top", "right", "bottom"
Rows = list[dict[str, Any]]
SIZE = TypeAdapter(tuple[PositiveInt, PositiveInt] | PositiveInt | None)


class Network:
    """The network of a run, the names of its classes, and the size of the images it was trained on.

    Of the boxes that it predicts those with at least `least_score` count.
    """

    def __init__(self, run: Run, least_score: float) -> None:
        self.least_score = least_score
        self.model, self.loss = run.model(), run.loss()
        self.names, (_, *self.trained) = run.signature.target.names, run.signature.input_shape
        data = OmegaConf.to_container(run.config.data)
        # Where they are files: into which size they were fitted, if into any.
        self.size = SIZE.validate_python(data.get("size") if "root" in data else None)


def predict(
    path: Path, inputs: Sequence[Path], folder: Path, least_score: float = LEAST_SCORE
) -> tuple[int, list[str]]:
    """Applies the run in `path` to image files and folders of them, and writes to `folder` what it predicts.

    Of boxes those with at least `least_score` are written. Returns how many images were done, and for every other one
    the reason why not. Raises ValueError when the run is not finished or not for images, or when there is no image.
    """
    run = Run(path)
    run.refuse_links()
    if not run.finished:
        raise ValueError(f"{path} holds no finished run: train it first")
    target, shape = run.signature.target, run.signature.input_shape
    if len(shape) != 3 or type(target) not in WAYS:
        raise ValueError(f"{path} was trained on inputs of shape {shape} with targets {target}: no images")
    network, said, refused = Network(run, least_score), {}, []
    for file, name in (found := images(inputs)):
        try:
            image = read_image(file)
            with torch.no_grad():
                said[str(file)] = WAYS[type(target)](network, image, folder / name)
        except (OSError, ValueError, RuntimeError) as error:  # the last is torch's, of sizes that do not fit
            refused.append(str(error) if str(file) in str(error) else f"{file}: {error}")
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "predictions.csv", _csv(said))
    write(folder / "predictions.json", json.dumps(said, indent=2) + "\n")
    return len(found) - len(refused), refused


def images(inputs: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Every image, and the name under which it is written: its own, in sub-folders as it lies in a folder of `inputs`.

    Files are taken whatever their names end in, of folders those that end as images do. Raises ValueError for none.
    """
    found = []
    for each in inputs:
        if each.is_dir():
            files = sorted(file for file in each.rglob("*") if _is_image(file))
            found += [(file, each.name / file.relative_to(each)) for file in files]
        else:
            found.append((each, Path(each.name)))
    names = [name for _, name in found]
    if twice := [str(file) for file, name in found if names.count(name) > 1]:
        raise ValueError(
            f"{' and '.join(twice[:2])} would be written under one name: type them in commands of their own"
        )
    if not found:
        raise ValueError(f"no images in {', '.join(map(str, inputs))} ({' '.join(EXTENSIONS)})")
    return found


def _is_image(file: Path) -> bool:
    return file.suffix.lower() in EXTENSIONS and not file.name.startswith(".") and file.is_file()


def classify(network: Network, image: Image.Image, path: Path) -> Rows:
    """The likeliest class, written on the image too, and the probability of each.

    The image is scaled and cropped around its centre to the size of those trained on.
    """
    height, width = network.trained
    output = network.model(pil_to_tensor(ImageOps.fit(image, (width, height)))[None])
    probabilities = network.loss.distribution(output).probs[0]
    best = probabilities.argmax()
    frame = torch.tensor([[best, probabilities[best], 0, 0, 1, 1]])
    _save(boxed(pil_to_tensor(image), frame, network.names), path, "overlay")
    return [{"class": network.names[best]} | dict(zip(network.names, probabilities.tolist(), strict=True))]


def segment(network: Network, image: Image.Image, path: Path) -> Rows:
    """The share of the pixels that each class has; a mask of the image's size, whose pixels are numbers of classes."""
    canvas = fit(image, network.size)[0] if network.size else image
    mask = network.loss.predict(whole(network.model, pil_to_tensor(canvas)[None]))[0]  # (height, width)
    width, height = fitted(*image.size, network.size) if network.size else image.size
    mask = to_pil_image(mask[:height, :width]).resize(image.size, Image.Resampling.NEAREST)
    classes = pil_to_tensor(mask)[0]
    _save(tinted(pil_to_tensor(image), classes), path, "overlay")
    palette = "".join(color(number).lstrip("#") for number in range(len(network.names)))
    mask.putpalette(bytes.fromhex(palette))
    mask.save(_named(path, "mask"))
    shares = classes.flatten().bincount(minlength=len(network.names)) / classes.numel()
    return [dict(zip(network.names, shares.tolist(), strict=True))]


def detect(network: Network, image: Image.Image, path: Path) -> Rows:
    """A row for every object: its class, the score, and the sides of its box in pixels of the image."""
    canvas, scale = fit(image, tuple(network.trained))
    boxes = network.loss.predict(network.model(pil_to_tensor(canvas)[None]))[0]
    boxes = objects(boxes, network.least_score)  # (objects, 6)
    corner = torch.tensor([*image.size, *image.size])
    sides = (boxes[:, 2:] * torch.tensor([*canvas.size, *canvas.size]) / scale).minimum(corner)  # pixels of the image
    _save(boxed(pil_to_tensor(image), torch.cat([boxes[:, :2], sides / corner], 1), network.names), path, "overlay")
    said = zip(boxes[:, :2].tolist(), sides.tolist(), strict=True)
    return [
        {"class": network.names[int(number)], "score": score} | dict(zip(SIDES, box, strict=True))
        for (number, score), box in said
    ]


WAYS: dict[type, Callable[[Network, Image.Image, Path], Rows]] = {Classes: classify, Masks: segment, Boxes: detect}


def whole(model: nn.Module, x: Tensor) -> Tensor:
    """Logits for every pixel of x, (1, K, height, width).

    A network that leaves out the border sees the image with its border mirrored (Ronneberger et al. 2015, fig 2).
    """
    output = model(x)
    border = max(outer - inner for outer, inner in zip(x.shape[2:], output.shape[2:], strict=True))
    if not border:
        return output
    mirrored = F.pad(x.float(), [border] * 4, mode="reflect")  # both sides: twice what is lost, or a little more
    return middle(model(mirrored), *x.shape[2:])


def _save(image: Tensor, path: Path, kind: str) -> None:
    to_pil_image(image).save(_named(path, kind))


def _named(path: Path, kind: str) -> Path:
    """cat.jpg -> cat.jpg.overlay.png, in a folder that exists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{path.name}.{kind}.png")


def _as_text(value: Any) -> Any:
    """For spreadsheets: of text that they would compute, as "=1+1", with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _csv(said: dict[str, Rows]) -> str:
    rows = [{"image": file} | row for file, rows in said.items() for row in rows]
    rows = [{_as_text(key): _as_text(value) for key, value in row.items()} for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["image"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
