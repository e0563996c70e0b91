"""A trained network, asked about one image of any size: for classes, a mask or boxes."""

import torch
import torch.nn.functional as F
from omegaconf import OmegaConf
from PIL import Image, ImageOps
from pydantic import PositiveInt, TypeAdapter
from torch import Tensor, nn
from torchvision.transforms.functional import pil_to_tensor, to_pil_image

from refnets.data.files.fitting import Size, fit, fitted
from refnets.faults import is_memory
from refnets.overlay import objects
from refnets.runs import Run

SIZE = TypeAdapter(tuple[PositiveInt, PositiveInt] | PositiveInt | None)


class Predictor:
    """The network of a run, the names of its classes, and the channels and size of the images it was trained on."""

    def __init__(self, run: Run) -> None:
        self.model, self.loss = run.model(), run.loss()
        self.names, (channels, *self.trained) = run.signature.target.names, run.signature.input_shape
        self.mode = "RGB" if channels == 3 else "L"
        data = OmegaConf.to_container(run.config.data)
        # The size that image files were fitted into, if into any; data that are made have another `size`.
        self.size = SIZE.validate_python(data.get("size") if "root" in data else None)

    def probabilities(self, image: Image.Image) -> Tensor:
        """The probability of each class, (K,), for the image cropped around its centre, scaled to the trained size."""
        height, width = self.trained
        output = self.model(self._pixels(ImageOps.fit(image, (width, height))))
        return self.loss.distribution(output).probs[0]

    def mask(self, image: Image.Image) -> Image.Image:
        """The class of each pixel. A network that cannot take an image of this size sees it in that of its training."""
        try:
            return self._fitted_mask(image, self.size)
        except RuntimeError as error:  # torch's, of maps that do not fit each other
            if self.size or is_memory(error):
                raise
            return self._fitted_mask(image, self.trained)

    def boxes(self, image: Image.Image, least_score: float) -> Tensor:
        """(objects, 6): class, score, and sides in fractions of the image, of each object with at least this score."""
        found = self.loss.predict(self.model(self._pixels(fit(image, self.trained))))[0]
        return of_image(objects(found, least_score), image.size, self.trained)

    def _fitted_mask(self, image: Image.Image, size: Size | None) -> Image.Image:
        canvas = fit(image, size) if size else image
        mask = self.loss.predict(whole(self.model, self._pixels(canvas)))[0]  # (height, width)
        width, height = fitted(*image.size, size) if size else image.size
        return to_pil_image(mask[:height, :width]).resize(image.size, Image.Resampling.NEAREST)

    def _pixels(self, image: Image.Image) -> Tensor:
        return pil_to_tensor(image.convert(self.mode))[None]  # (1, channels, height, width)


def of_image(boxes: Tensor, image: tuple[int, int], size: Size) -> Tensor:
    """Boxes in an image of this (width, height) that was fitted into `size`, as fractions of the image: (m, 6) each.

    They are cut to the image; those beside it, in the grey, are left out.
    """
    width, height = fitted(*image, size)
    sides = (boxes[:, 2:] * torch.tensor([size[1] / width, size[0] / height] * 2)).clamp(max=1)
    inside = (sides[:, :2] < sides[:, 2:]).all(1)
    return torch.cat([boxes[:, :2], sides], 1)[inside]


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
