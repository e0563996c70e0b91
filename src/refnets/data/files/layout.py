"""What to type where the folders of images and labels lie otherwise than expected."""

from collections import defaultdict
from pathlib import Path

from refnets.data.files.named_files import files_in, image_files
from refnets.data.files.split_names import filled, has_images, split_of, stand_ins


def refuse_layout(root: Path, images: str, labels: str, option: str) -> None:
    """Raises ValueError with the folders that are there, and patterns that are likely for them."""
    depths = ("*", "*/*")
    single = sorted(each.parent for depth in depths for each in root.glob(f"{depth}/{option}") if _is_single(each))
    if len(single) > 1:
        raise ValueError(
            f"{single[0]} has one image and its {option}, as {len(single) - 1} more beside it: put all images into one"
            f" folder, and into another for each the {option} as one file of the same name"
        )
    folders = sorted(str(each.relative_to(root)) for depth in depths for each in root.glob(depth) if each.is_dir())
    wanted = " and ".join(map(str, filled(root, "train", images, labels)))
    there = ", ".join(folders[:12]) or "no folders"
    order = _order(root, option)
    raise ValueError(
        f"expected are the folders {wanted}; {root} has {there}. Type where they are: data.images=images"
        f" data.{option}={option} data.test=0.2 if all lie together, or with {{split}} for train, val and test"
        f" \"data.images='{order[0]}'\" \"data.{option}='{order[1]}'\"{_other_kind(root, option)}"
    )


def _other_kind(root: Path, option: str) -> str:
    """What to type if these seem to be labels of another kind."""
    kinds = {"labels": ("txt", "yolo_labels"), "annotations": ("xml", "voc")}
    for kind, (ending, name) in kinds.items():
        if kind != option and any(root.glob(f"{kind}/**/*.{ending}")):
            return f"; for the boxes in {root / kind} type data={name}"
    return ""


def _is_single(labels: Path) -> bool:
    """Whether beside the folder there is one of a single image, and they are no split."""
    images = image_files(files_in(labels.parent), defaultdict(list)) if not split_of(labels.parent.name) else []
    return len([each for each in images if each.parent != labels]) == 1


def _order(root: Path, option: str) -> tuple[str, str]:
    """The patterns that are likely for images and labels, by where the folders of splits are."""
    splits = [name for name in stand_ins(root, "{split}") if split_of(name)]
    if not splits:
        return "images/{split}", f"{option}/{{split}}"
    if not any(has_images(root / name) for name in splits):
        return "{split}/images", f"{{split}}/{option}"
    longer = [name for split in splits for name in stand_ins(root, split + "{split}") if option == "masks"]
    return "{split}", "{split}" + "".join(longer[:1])
