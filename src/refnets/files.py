"""Files that are whole whatever happens while they are written."""

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def write(path: Path, content: str | bytes | memoryview) -> None:
    """Writes the file as a whole or not at all, even when the process is killed, the disk full or the power cut.

    Raises OSError with the name of the file. The content is flushed before the file is renamed: else a power cut could
    leave the name without it.
    """
    unfinished = path.with_name(path.name + ".tmp")
    with named(path):
        try:
            unfinished.unlink(missing_ok=True)  # it may be a link that a stranger has left there
            # A path that is no UTF-8 is in the text as it is on the disk.
            unfinished.write_bytes(content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content)
            flush(unfinished)
            os.replace(unfinished, path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise


@contextmanager
def named(file: Path) -> Iterator[None]:
    """Raises an OSError again with the name of the file that could not be written."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error


def flush(path: Path) -> None:
    """Waits until the disk itself has what was written to the file: some milliseconds."""
    with path.open("ab") as file:
        os.fsync(file.fileno())


def as_json(value: Any) -> str:
    """As text. JSON has no NaN, such as the IoU of a class that occurs nowhere, and no infinity: they are null."""
    return json.dumps(_finite(value), indent=2, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
