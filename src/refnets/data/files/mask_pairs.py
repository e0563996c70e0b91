"""Which mask is of which image: that of its name, but for what only names of images, or of masks, end in."""

from collections.abc import Sequence
from pathlib import Path

from refnets.data.files.named_files import Skipped, UnlabelledError, images_in
from refnets.data.files.split_files import Labelled


def masks_of(
    image_folder: Path, mask_folder: Path, image_suffixes: Sequence[str], mask_suffix: str, skipped: Skipped
) -> Labelled:
    """The images by their names without suffix, each with its mask. The two folders may be one.

    Raises UnlabelledError when there are no masks, ValueError when none is of an image.
    """
    images = images_in(image_folder, skipped, apart=mask_folder)
    if image_folder == mask_folder:
        masks = {name: file for name, file in images.items() if name.endswith(mask_suffix)}
        images = {name: file for name, file in images.items() if name not in masks}
    else:
        masks = images_in(mask_folder, skipped, apart=image_folder)
    none = not masks
    images = _shortened(images, image_suffixes, "image_suffix", skipped)
    masks = _shortened(masks, [mask_suffix], "mask_suffix", skipped)
    if not images.keys() & masks.keys():
        said = _expected(images, image_folder, mask_folder, image_suffixes, mask_suffix)
        raise UnlabelledError(said) if none else ValueError(said)
    skipped["image without a mask, left out"] += [str(file) for name, file in images.items() if name not in masks]
    skipped["mask without an image, left out"] += [str(file) for name, file in masks.items() if name not in images]
    return {name: (file, masks.get(name)) for name, file in images.items()}


def _shortened(files: dict[str, Path], suffixes: Sequence[str], option: str, skipped: Skipped) -> dict[str, Path]:
    """The files by their names without the longest of the suffixes; others, as colors beside numbers, are left out."""
    shortened: dict[str, Path] = {}
    for name, file in files.items():
        if not (ends := [suffix for suffix in suffixes if name.endswith(suffix)]):
            skipped[f"file whose name does not end in data.{option}, left out"].append(str(file))
        elif (first := shortened.setdefault(name.removesuffix(max(ends, key=len)), file)) != file:
            raise ValueError(f"{first} and {file} differ only in data.{option}: rename or delete one")
    return shortened


def _expected(
    images: dict[str, Path], image_folder: Path, mask_folder: Path, image_suffixes: Sequence[str], mask_suffix: str
) -> str:
    advice = (
        "if all masks, or all images, have longer names, type the rest: data.mask_suffix=_L data.image_suffix=_R; if"
        " they begin differently, as mask_1.png, rename them"
    )
    if not images:
        typed = f"data.image_suffix=[{','.join(image_suffixes)}] data.mask_suffix={mask_suffix}"
        return f"{typed}: no images are left in {image_folder}; {advice}"
    name, file = next(iter(images.items()))
    others = f", as {len(images) - 1} others" if len(images) > 1 else ""
    return f"{file} has no mask{others}: expected is {mask_folder / name}{mask_suffix}.*; {advice}"
