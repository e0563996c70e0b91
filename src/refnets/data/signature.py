"""What a network must know of the data it is for: enough to build it again where the data are not."""

from dataclasses import asdict, dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from pydantic import PositiveInt, TypeAdapter

from refnets.data.target import Boxes, Classes, Hidden, Masks, Ordering, Values, Views
from refnets.memory import refuse_larger

if TYPE_CHECKING:
    from refnets.data.data import Data

KINDS = Boxes, Classes, Hidden, Masks, Ordering, Values, Views


@dataclass(frozen=True)
class Signature:
    """The shape of an input, whether inputs are bytes, which networks normalize themselves, and what a target is."""

    input_shape: tuple[int, ...]
    as_bytes: bool
    target: Any

    @classmethod
    def of(cls, data: "Data") -> "Signature":
        """The signature of a data set."""
        return cls(tuple(data.input_shape), data.as_bytes, data.target)

    def as_json(self) -> dict[str, Any]:
        """For JSON: {"input_shape": [3, 32, 32], "as_bytes": true, "target": {"kind": "Classes", "names": [...]}}."""
        kind = {"kind": type(self.target).__name__}
        return {"input_shape": list(self.input_shape), "as_bytes": self.as_bytes, "target": kind | asdict(self.target)}

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> "Signature":
        """The inverse of `as_json`. Raises ValueError, KeyError or TypeError when `entry` is not a signature."""
        fields = {key: tuple(value) if isinstance(value, list) else value for key, value in entry["target"].items()}
        (kind,) = (each for each in KINDS if each.__name__ == fields["kind"])
        shape = TypeAdapter(tuple[PositiveInt, ...]).validate_python(tuple(entry["input_shape"]), strict=True)
        refuse_larger(f"an input of shape {shape}", 4 * prod(shape))
        return cls(shape, bool(entry["as_bytes"]), kind(**{key: fields[key] for key in fields if key != "kind"}))
