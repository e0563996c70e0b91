"""What data sets made of signals without their targets have in common (book section 9.3.7): masked.py and views.py."""

from dataclasses import dataclass
from typing import Any

from pydantic import PositiveInt

from refnets.data.data import Data


@dataclass(kw_only=True)
class Unlabelled(Data):
    """Has only the inputs of the data set `of`. Raises ValueError when they are no signals."""

    of: Any
    batch_size: PositiveInt | None

    def __post_init__(self) -> None:
        if self.of.as_bytes or len(self.of.input_shape) != 2:
            raise ValueError("data.of should have signals of shape (channels, positions), as mnist1d has")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """That of `of`, (channels, positions)."""
        return tuple(self.of.input_shape)
