"""What an XML file of Pascal VOC says of its image."""

import re
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np

SIDES = "xmin", "ymin", "xmax", "ymax"


class Annotation(NamedTuple):
    """Names and corners, (k, 4), of the objects; width and height of the image, 0 if not given; its file name."""

    file: Path
    names: list[str]
    corners: np.ndarray
    size: tuple[int, int]
    filename: str


def read_annotation(file: Path) -> Annotation:
    """Raises ValueError naming the file, and the object without name or corners."""
    tree = _parse(file)
    elements = tree.findall("object")
    names = [_name(file, each, number) for number, each in enumerate(elements, 1)]
    corners = [_corners(file, each, number) for number, each in enumerate(elements, 1)]
    _refuse_fractions(file, corners)
    size = _length(tree, "width"), _length(tree, "height")
    return Annotation(file, names, np.array(corners).reshape(-1, 4), size, tree.findtext("filename", "").strip())


def _refuse_fractions(file: Path, corners: list[list[float]]) -> None:
    numbers = np.array(corners)
    if numbers.size and numbers.max() <= 1 and (numbers % 1).any():
        raise ValueError(f"{file} has boxes of fractions, as {corners[0]}, and should have pixels")


def _parse(file: Path) -> ElementTree.Element:
    """The XML in the file; refused when it declares entities, which may grow without bounds."""
    text = file.read_bytes()
    if b"\0" in text or re.search(rb"<!(?!--|\[CDATA\[)", text):
        raise ValueError(f"{file} has a DOCTYPE or is not UTF-8: annotations need none; delete the declaration")
    try:
        tree = ElementTree.fromstring(text)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise ValueError(f"{file} is no XML ({error}): make it anew, or delete it and its image") from error
    if tree.tag != "annotation":
        raise ValueError(f"{file} is a <{tree.tag}>, and should be an <annotation> as in Pascal VOC")
    return tree


def _length(tree: ElementTree.Element, side: str) -> int:
    text = tree.findtext(f"size/{side}", "").strip()
    return int(float(text)) if re.fullmatch(r"\d{1,9}(\.0*)?", text, re.ASCII) else 0


def _name(file: Path, element: ElementTree.Element, number: int) -> str:
    if not (name := element.findtext("name", "").strip()):
        raise ValueError(f"{file}: object {number} has no name")
    return name


def _corners(file: Path, element: ElementTree.Element, number: int) -> list[float]:
    texts = {side: element.findtext(f"bndbox/{side}", "") for side in SIDES}
    try:
        corners = [float(text) for text in texts.values()]
    except ValueError:
        corners = [float("nan")]
    if not np.isfinite(corners).all():
        raise ValueError(f"{file}: the bndbox of object {number} has {texts}, and should have numbers")
    return corners
