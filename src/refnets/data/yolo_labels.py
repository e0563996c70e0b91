"""Images with boxes in the format of YOLO: a text file for each, and in its lines class, centre, width and height."""

from dataclasses import dataclass
from functools import cached_property
from os.path import dirname
from pathlib import Path

import numpy as np

from refnets.data.box_files import BoxFiles, Labels
from refnets.data.files.named_files import with_labels
from refnets.data.files.split_files import Labelled, in_files, inside, lines
from refnets.data.files.split_folders import paired_folders, read_splits
from refnets.data.files.yolo_yaml import keypoints_in, lists_in, names_in

LARGEST_OF_POLYGONS = 1.5  # one may reach out a little; a 2 says that a keypoint is visible


@dataclass(kw_only=True)
class YOLOLabels(BoxFiles):
    """Images in `root`/`images` and text files of the same names in `root`/`labels`, or in sub-folders of both.

    "{split}" stands for train, validation (val, valid) and test; without it all are training images. The names of
    classes 0, 1 ... are those in data.yaml or classes.txt in `root`, or beside the labels. Boxes are fractions of the
    image as one looks at it, turned upright if it is stored turned. Of a polygon, a line of class x y x y x y ..., as
    of a turned box, the box around it is taken. Where data.yaml says kpt_shape, keypoints may follow a box, and are
    left out. An image without a text file has no objects, but a folder without any is left out. Without "{split}"
    data.yaml may name lists of images, text files, for splits; without one for training the others are trained on. See
    `BoxFiles` for the other arguments.
    """

    images: str
    labels: str

    @cached_property
    def folders(self) -> dict[str, tuple[Path, Path]]:
        """Where images and text files of each split are."""
        return paired_folders(Path(self.root), self.images, self.labels, "labels", self.skipped_files)

    @cached_property
    def names(self) -> list[str]:
        """The names of the classes. Raises ValueError when no file has them."""
        root, labels = Path(self.root), self.folders["train"][1]
        lists = [folder / "classes.txt" for folder in (root, labels.parent, labels)]
        if self.classes:
            return self.classes
        if (file := root / "data.yaml").is_file():
            return names_in(file)
        for each in lists:
            if each.is_file() and (names := _names_by_line(each)):
                return names
        raise ValueError(f"there is no {file} and no {lists[0]}: type the names, as data.classes=[cat,dog]")

    @cached_property
    def keypoints(self) -> int:
        """How many numbers of keypoints may follow a box."""
        file = Path(self.root, "data.yaml")
        return keypoints_in(file) if file.is_file() else 0

    @cached_property
    def labelled(self) -> dict[str, list[Labels]]:
        """The labels of each split. Raises ValueError naming the file and the line that is no good."""
        splits = read_splits(self._pairs, self.folders, self.skipped_files)
        if "{split}" not in self.images and (lists := self._lists()):
            splits = in_files(splits["train"], lists, self.skipped_files)
        return {split: [self._labels(*pair) for pair in pairs.values()] for split, pairs in splits.items()}

    def _lists(self) -> dict[str, Path]:
        """The lists that data.yaml names, by their splits: in `root`, wherever they were on another machine."""
        file, found = Path(self.root, "data.yaml"), {}
        for split, name in (lists_in(file) if file.is_file() else {}).items():
            if here := next(filter(Path.is_file, inside(Path(self.root), name)), None):
                found[split] = here
            else:
                self.skip("list that data.yaml names and that is not there, passed over", [Path(name)])
        return found

    def _pairs(self, images: Path, labels: Path) -> Labelled:
        every, texts = with_labels(images, labels, ".txt", "text", self.skipped_files)
        labelled = {dirname(name) for name in texts}
        files = {name: file for name, file in every.items() if dirname(name) in labelled}
        others = [file for name, file in every.items() if name not in files]
        self.skip("image in a folder without any label file, left out", others)
        without = [file for name, file in files.items() if name not in texts]
        self.skip("image without a label file, taken to have no objects", without)
        single = [file for name, file in texts.items() if name not in files]
        self.skip("label file without an image, left out", single)
        return {name: (image, texts.get(name)) for name, image in files.items()}

    def _labels(self, image: Path, file: Path | None) -> Labels:
        said = enumerate(lines(file), 1) if file else ()
        found = [self._line(file, number, line) for number, line in said if line]
        self.skip("polygon, the box around it taken", [file for _, numbers in found if len(numbers) > 4])
        boxes = np.array([_sides(numbers) for _, numbers in found]).reshape(-1, 4)
        return Labels(image, file or image, [number for number, _ in found], boxes, None)

    def _line(self, file: Path, place: int, line: str) -> tuple[int, list[float]]:
        """The number of the class; and centre, width and height, or x and y of each corner of a polygon."""
        where = f"{file}:{place}"
        try:
            number, *numbers = map(float, line.split())
        except ValueError:
            number, numbers = 0.0, []
        if len(numbers) > 4 and len(numbers) == 4 + self.keypoints:
            self.skip("keypoints, left out", [file])
            numbers = numbers[:4]
        is_polygon = len(numbers) >= 6 and len(numbers) % 2 == 0 and not self.keypoints
        if not (len(numbers) == 4 or is_polygon) or not np.isfinite([number, *numbers]).all():
            more = ", and as many numbers of keypoints as kpt_shape in data.yaml says" if len(numbers) > 4 else ""
            raise ValueError(f"{where} is {line[:80]!r}, and should be: class centre_x centre_y width height{more}")
        if number not in range(last := len(self.names)):
            there = ", ".join(self.names)
            raise ValueError(f"{where} has class {number:g}, and there are 0 to {last - 1} ({there}): see data.classes")
        if max(numbers) > 2:
            raise ValueError(f"{where} has {max(numbers):g}: should be fractions of width and height, not pixels")
        if is_polygon and max(numbers) > LARGEST_OF_POLYGONS:
            raise ValueError(
                f"{where} has {max(numbers):g}, and corners of a polygon are fractions: if keypoints follow a box,"
                " data.yaml should say so, as kpt_shape: [17, 3]"
            )
        return int(number), numbers


def _sides(numbers: list[float]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a box (centre, width and height), or of a polygon (x, y, x, y ...)."""
    if len(numbers) > 4:
        x, y = numbers[::2], numbers[1::2]
        return min(x), min(y), max(x), max(y)
    x, y, width, height = numbers
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _names_by_line(file: Path) -> list[str]:
    """The names in a text file, which may end with empty lines."""
    names = "\n".join(lines(file)).rstrip().split("\n")
    if len(names) > 1 and "" in names:
        raise ValueError(f"{file}:{names.index('') + 1} is empty, and would be the name of a class: write or delete it")
    return list(filter(None, names))
