"""What a data.yaml says of labels in the format of YOLO: names of classes, numbers of keypoints, lists of images."""

from pathlib import Path
from typing import Any

from refnets.config.untrusted import read_strings
from refnets.data.files.split_names import split_of


def names_in(file: Path) -> list[str]:
    """The names: a list, or numbers and their names. Raises ValueError when there are none."""
    try:
        names: Any = read_strings(file)["names"]
    except Exception as error:  # YAML has errors of its own
        raise ValueError(f"{file} has no names that can be read ({error}): type data.classes=[cat,dog]") from error
    if isinstance(names, dict) and names.keys() == {str(number) for number in range(len(names))}:
        names = [names[str(number)] for number in range(len(names))]
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"{file} has names: {names}, and should have a list, or 0: cat, 1: dog ...")
    return names


def keypoints_in(file: Path) -> int:
    """How many numbers the keypoints of an object have by kpt_shape: 51 for [17, 3], 0 without it."""
    try:
        shape = read_strings(file).get("kpt_shape") or ["0", "0"]
        points, numbers = map(int, shape) if isinstance(shape, list) else ()
    except Exception as error:  # YAML has errors of its own
        raise ValueError(f"{file} has no kpt_shape that can be read ({error}): should be as [17, 3]") from error
    return points * numbers


def lists_in(file: Path) -> dict[str, str]:
    """The text files that it names for splits, by the split, as val: lists/val.txt; folders are none."""
    try:
        said = read_strings(file)
    except Exception as error:  # YAML has errors of its own
        raise ValueError(f"{file} cannot be read ({error}): mend it, or take it away") from error
    lists: dict[str, str] = {}
    for key, value in said.items():
        name = value[0] if isinstance(value, list) and len(value) == 1 else value
        if (split := split_of(str(key))) and isinstance(name, str) and name.endswith(".txt"):
            lists.setdefault(split, name.replace("\\", "/"))
    return lists
