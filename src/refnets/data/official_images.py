"""What data sets that are downloaded have in common: their authors' own splits, in files that are checked."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

from pydantic import PositiveInt

from refnets.data.batches import Split, first_per_class, hold_out
from refnets.data.images import Images


@dataclass(kw_only=True)
class OfficialImages(Images, ABC):
    """The official training and test images, kept in the folder `downloads`; downloaded when they are not there.

    Of each class the first `train_per_class` training images and the first `test_per_class` test images are used; None
    is all. See `Images` for the other arguments.
    """

    downloads: str
    train_per_class: PositiveInt | None
    test_per_class: PositiveInt | None

    @staticmethod
    @abstractmethod
    def load(folder: str) -> tuple[Split, Split]:
        """All training and all test images, downloaded if need be. Raises OSError when there are none to be had."""

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train, validation (if any is held out) and test. Raises OSError when there are no images to be had."""
        train, test = self.load(self.downloads)
        splits = {"train": first_per_class(train, self.train_per_class, "data.train_per_class")}
        if self.validation:
            splits["train"], splits["validation"] = hold_out(splits["train"], self.validation, self.seed)
        return splits | {"test": first_per_class(test, self.test_per_class, "data.test_per_class")}
