"""Images with boxes in the format of Pascal VOC: an XML file for each (Everingham et al. 2010, IJCV 88)."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PureWindowsPath

import numpy as np

from refnets.data.box_files import BoxFiles, Labels
from refnets.data.files.named_files import with_labels
from refnets.data.files.split_files import Labelled, in_lists
from refnets.data.files.split_folders import paired_folders, read_splits
from refnets.data.files.split_names import SPLITS
from refnets.data.files.voc_xml import Annotation, read_annotation
from refnets.faults import nearest


@dataclass(kw_only=True)
class VOC(BoxFiles):
    """Images in `root`/`images` and an XML file of the same name for each in `root`/`annotations`.

    "{split}" in both stands for train, validation (val, valid) and test. Without it `lists` says which list in
    `root`/ImageSets/Main is of which split; by default these are train, val and test, as far as they are there; of a
    list the last lines are held out, if any. Without lists all are training images. The corners of boxes are taken as
    they are, from the left and top edge of the image; VOC itself counts pixels from 1, labelling tools from 0. Objects
    that are marked as difficult count as others do. An XML file is of the image with its name, in a sub-folder of the
    same name if it is in one, whatever it says; images without one are left out. See `BoxFiles` for the other
    arguments.
    """

    images: str = "JPEGImages"  # runs from before these options have none
    annotations: str = "Annotations"
    lists: dict[str, str] | None

    @cached_property
    def names(self) -> list[str]:
        """The names of the classes; those found, sorted."""
        found = (annotation for split in self.described.values() for _, annotation in split)
        return self.classes or sorted({name for annotation in found for name in annotation.names})

    @cached_property
    def labelled(self) -> dict[str, list[Labels]]:
        """The labels of each split. Raises ValueError naming the file with a class of another name."""
        return {name: [self._numbered(*each) for each in split] for name, split in self.described.items()}

    @cached_property
    def described(self) -> dict[str, list[tuple[Path, Annotation]]]:
        """Each image of each split, and what its XML file says."""
        if "{split}" in self.images and self.lists:
            raise ValueError(f"data.lists={self.lists}: is for folders without {{split}}; type data.lists=null")
        folders = paired_folders(Path(self.root), self.images, self.annotations, "annotations", self.skipped_files)
        pairs = read_splits(self._pairs, folders, self.skipped_files)
        listed = pairs if "{split}" in self.images else self._listed(pairs["train"])
        return {
            split: [(image, self._read(image, file)) for image, file in each.values() if file]
            for split, each in listed.items()
        }

    def _pairs(self, image_folder: Path, annotation_folder: Path) -> Labelled:
        images, files = with_labels(image_folder, annotation_folder, ".xml", "XML", self.skipped_files)
        self.skip("image without an XML file, left out", [file for name, file in images.items() if name not in files])
        self.skip("XML file without an image, left out", [file for name, file in files.items() if name not in images])
        return {name: (image, files.get(name)) for name, image in images.items()}

    def _listed(self, pairs: Labelled) -> dict[str, Labelled]:
        """Those of each split."""
        folder = Path(self.root, "ImageSets", "Main")
        if not folder.is_dir() and self.lists is None:
            return {"train": pairs}
        names = ((split, name) for split, names in SPLITS.items() for name in names)
        usual = {split: name for split, name in names if (folder / f"{name}.txt").is_file()}
        return in_lists(pairs, folder, self.lists or usual, self.skipped_files)

    def _read(self, image: Path, file: Path) -> Annotation:
        annotation = read_annotation(file)
        if annotation.filename and image.stem not in (annotation.filename, PureWindowsPath(annotation.filename).stem):
            self.skip("XML file that says to be of another image; taken for that of its name", [file])
        return annotation

    def _numbered(self, image: Path, annotation: Annotation) -> Labels:
        if unknown := [name for name in annotation.names if name not in self.names]:
            near, there = nearest(unknown[0], self.names), ", ".join(self.names)
            raise ValueError(f"{annotation.file}: data.classes has no {unknown[0]!r}{near} ({there})")
        classes = [self.names.index(name) for name in annotation.names]
        corners = annotation.corners.reshape(-1, 2, 2)  # (k, 2, 2)
        ordered = np.sort(corners, axis=1)
        exchanged = (corners != ordered).any((1, 2)).sum()
        self.skip("box whose corners are exchanged; taken in order", [annotation.file] * exchanged)
        return Labels(image, annotation.file, classes, ordered.reshape(-1, 4), annotation.size)
