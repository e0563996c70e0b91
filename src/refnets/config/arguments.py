"""Values of a configuration against the signature of what they are for: their names and their types."""

import inspect
import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from refnets.config.composition import quoted
from refnets.faults import nearest

# The arguments that the code adds to those of the configuration.
ADDED = {"input_shape", "num_outputs", "params", "optimizer", "run", "step", "hyperparameters", "runs"}
# A name that torch imports for type checkers only, as what a YAML list is; of an Iterable the items are not checked.
FOR_TYPE_CHECKERS = {"Iterable": Sequence}


def check_arguments(prefix: str, target: Callable, arguments: dict[str, Any]) -> None:
    """Raises ValueError when `target` does not take these arguments: their names, and the types of their values."""
    named = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = {name: p for name, p in inspect.signature(target).parameters.items() if p.kind in named}
    function = target.__init__ if inspect.isclass(target) else target
    types = get_type_hints(function, localns=FOR_TYPE_CHECKERS, include_extras=True)
    for key, value in arguments.items():
        if key not in parameters:
            allowed = ", ".join(parameters)
            raise ValueError(f"{prefix}{key}: {target.__name__} has no {key!r}{nearest(key, parameters)} ({allowed})")
        if not _describes_objects(value):
            _check_type(f"{prefix}{key}", value, types.get(key, Any))
    for key, parameter in parameters.items():
        if parameter.default is parameter.empty and key not in {*arguments, *ADDED}:
            raise ValueError(f"{prefix}{key} is not set, and {target.__name__} needs it")


def _describes_objects(value: Any) -> bool:
    """Whether there is a `_target_` in it, at any depth: then its type is known only once it is built."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (isinstance(value, dict) and "_target_" in value) or any(map(_describes_objects, inner))


def _check_type(path: str, value: Any, annotation: Any) -> None:
    """As strict as JSON: 1 is a float and [36, 60] a tuple, but neither "1" nor true is an int."""
    if get_origin(annotation) is Callable:  # something that is built, as model.encoder: an option of its own
        raise ValueError(f"{path}={value}: choose an option, {path.partition('.')[0]}@{path}=NAME")
    try:
        _adapter(annotation).validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        details = [e["msg"] for e in error.errors() if e["type"] != "needs_python_object"]  # no tensors in YAML
        unlike = dict.fromkeys(detail.removeprefix("Input ").removeprefix("should be ") for detail in details)
        wanted = f"should be {' or '.join(unlike)}".replace("valid array", "list")
        if wanted == "should be a valid string" and isinstance(value, int | list):  # YAML takes 1, true for no text
            wanted += f'; type "{path}={_in_quotes(value)}"'
        if "valid integer" in wanted and isinstance(value, float) and value.is_integer():  # 1e4
            wanted += f"; type {path}={int(value)}"
        raise ValueError(f"{path}={value}: {wanted}") from None


def _in_quotes(value: Any) -> str:
    """Text that Hydra reads as text: '1', ['a','1']."""
    if isinstance(value, list):
        return f"[{','.join(map(_in_quotes, value))}]"
    return quoted(value if isinstance(value, str) else json.dumps(value))


@cache
def _adapter(annotation: Any) -> TypeAdapter:
    return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
