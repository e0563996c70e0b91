"""Whether data, model and loss fit each other: found out, and said what to type, before anything is trained."""

import copy

import torch
from torch import Tensor, nn

from refnets.data.boxes import crowded_out
from refnets.data.data import Data
from refnets.data.skipping import Skipping
from refnets.data.target import Boxes, Classes, Hidden, Masks, Ordering, Values, Views, WrongTargetError
from refnets.data_parallel.shareable import refuse_unshareable
from refnets.trainer.frozen import evaluate_frozen

# What to type for each kind of target: a loss or, where the model must be another one as well, a recipe.
FITTING = {
    Boxes: "experiment=shapes_yolo",
    Classes: "loss=categorical",
    Hidden: "loss=masked",
    Masks: "loss=pixelwise, or experiment=shapes_unet for the model, too",
    Ordering: "loss=plackett_luce",
    Values: "loss=gaussian for one number each, loss=independent for several",
    Views: "loss=contrastive",
}


def num_outputs_for(loss: nn.Module, target: object) -> int:
    """How many numbers a network must predict. Raises ValueError when the loss is not for such targets."""
    try:
        return loss.num_outputs(target)
    except WrongTargetError as error:
        raise WrongTargetError(f"{error}; for these type {FITTING[type(target)]}") from None


def check_fit(model: nn.Module, data: Data, loss: nn.Module, num_outputs: int, keep: str, processes: int) -> None:
    """Raises ValueError when the model cannot be trained with these data and this loss; notes what it cannot learn.

    `keep` is which of its weights it is to end with, `processes` how many are to train it together.
    """
    refuse_bad_values(data, loss)
    if keep == "best" and "validation" not in data.splits:
        raise ValueError(
            "keep=best chooses by the validation loss, and the data have no such split: data.validation=0.1"
        )
    refuse_unshareable(data, loss, processes)
    output = dry_run(model, data, loss, num_outputs)
    refuse_small_crops(model, data)
    refuse_single_examples(model, data)
    note_unlearnable(data, output)


def refuse_bad_values(data: Data, loss: nn.Module) -> None:
    """Raises ValueError when an input is not finite, or a target is no class of the data or not one for the loss."""
    for name, split in data.splits.items():
        if split.x.is_floating_point() and not split.x.isfinite().all():
            raise ValueError(f"the inputs of the {name} split have values that are not finite")
        if not split.y.isfinite().all():
            raise ValueError(f"the targets of the {name} split have values that are not finite")
        loss.check(split.y)
        if isinstance(data.target, Classes) and split.y.max() >= (number := len(data.target.names)):
            raise ValueError(f"the {name} split has class {split.y.max()}; the data have classes 0 to {number - 1}")


def dry_run(model: nn.Module, data: Data, loss: nn.Module, num_outputs: int) -> Tensor:
    """The outputs for two examples, if there are so many: (n, num_outputs, ...).

    In eval mode, and with random numbers of its own: the training that follows is the same with it and without. Raises
    ValueError when they are not what the loss needs.
    """
    x, y = (part[:2] for part in data.splits["train"])
    network = getattr(model, "network", model)  # of a Normalized one
    name = type(network).__name__
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        output = model.eval()(x)
        if output.shape[:2] != (len(x), num_outputs):
            got, wanted = tuple(output.shape), (len(x), num_outputs)
            raise ValueError(f"{name} gives outputs of shape {got} for {len(x)} examples; the loss needs {wanted}")
        _refuse_other_maps(name, network, data.target, x, output)
        try:
            loss.eval()(output, y)
        except (RuntimeError, IndexError) as error:  # torch's, of shapes that do not fit
            got, wanted = tuple(output.shape), tuple(y.shape)
            raise ValueError(f"{name} gives outputs of shape {got} for targets of shape {wanted}: {error}") from error
    model.train()
    loss.train()
    return output


def refuse_small_crops(model: nn.Module, data: Data) -> None:
    """Raises ValueError when the model cannot be trained on the parts of images that a step has."""
    if not data.crop:
        return
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            model.eval()(_as_in_a_step(data, 2))
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"data.crop={list(data.crop)}: the model needs another size ({error})") from error
    finally:
        model.train()


def refuse_single_examples(model: nn.Module, data: Data) -> None:
    """Raises ValueError when an epoch ends with a batch of one example, and the model cannot be trained on one.

    Batch normalization cannot where a channel has one value, as in a map of 1 x 1.
    """
    n = len(data.examples.x)
    size = data.batch_size or n
    if n % size != 1 and min(size, n) > 1:
        return
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            trained = copy.deepcopy(model).train()
            evaluate_frozen(trained)
            trained(_as_in_a_step(data, 1))
    except ValueError as error:
        raise ValueError(
            f"data.batch_size={size} leaves one of {n} examples alone in the last batch ({error}): type another"
        ) from error


def note_unlearnable(data: Data, output: Tensor) -> None:
    """Notes in `data.skipped` what of them cannot be learned, by reason; `output` is for two examples."""
    if isinstance(data, Skipping):
        y = data.splits["train"].y
        shown = y[..., 0].unique() if isinstance(data.target, Boxes) else y.unique()
        for number, name in enumerate(data.target.names):
            data.skip(f"class that no training image shows, {name}", ["train"] * int(number not in shown))
        if isinstance(data.target, Boxes):
            reason = (
                "object not learned, a larger one is in its cell: the grid is too coarse, see model.grid or data.size"
            )
            data.skip(reason, ["train"] * crowded_out(y, *output.shape[2:]))


def _as_in_a_step(data: Data, n: int) -> Tensor:
    """The inputs that a training step makes of `n` examples: changed at random, or cropped, or views of them."""
    x, y = (part[:n] for part in data.examples)
    return data.augment(x, y, torch.Generator())[0] if data.augment else x


def _refuse_other_maps(name: str, network: nn.Module, target: object, x: Tensor, output: Tensor) -> None:
    """Raises ValueError for maps where an image has one class, cells where it has masks, and pixels where boxes."""
    if isinstance(target, Classes) and output.dim() > 2:
        raise ValueError(f"{name} gives maps, and the data have one class for each example: type model=resnet_cifar")
    is_grid = hasattr(network, "grid")  # which may be as fine as the image
    is_image = not is_grid and output.shape[2:] == x.shape[2:]
    if (isinstance(target, Masks) and is_grid) or (isinstance(target, Boxes) and is_image):
        given, needed = ("a vector for each cell of a grid", "pixel") if is_grid else ("one for each pixel", "cell")
        model = "model=unet" if is_grid else "model=yolo_lite"
        raise ValueError(f"{name} gives {given}, and {target} need one for each {needed}: type {model}")
