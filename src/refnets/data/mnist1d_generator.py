"""The generator of MNIST-1D, the `mnist1d` package of its authors; what it makes is kept."""

import contextlib
import hashlib
import io
import json
import random
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from refnets.files import write

ARRAYS = "x", "y", "x_test", "y_test"


@lru_cache(maxsize=8)  # the runs of a figure mostly differ in their own seed, or share a few data sets
def generate(**arguments: object) -> dict[str, np.ndarray]:
    """x, y, x_test and y_test as `mnist1d.data.make_dataset` makes them of its arguments.

    That takes two seconds, so they are kept in data/mnist1d, if that can be written.
    """
    made_of = json.dumps(arguments | {"mnist1d": version("mnist1d")}, sort_keys=True)
    path = Path("data", "mnist1d", f"{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.npz")
    if arrays := _kept(path, arguments):
        return arrays
    arrays = _make(arguments)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(content := io.BytesIO(), **arrays)
        with FileLock(path.with_name("lock")):  # parallel processes begin with the same data
            write(path, content.getbuffer())
    return arrays


def _kept(path: Path, arguments: dict[str, Any]) -> dict[str, np.ndarray] | None:
    """The arrays of the file, or None where there is none or it is not what these arguments make."""
    train = int(arguments["num_samples"] * arguments["train_split"])
    shapes = [(number, arguments["final_seq_length"]) for number in (train, arguments["num_samples"] - train)]
    with contextlib.suppress(Exception), np.load(path) as file:  # a damaged file may raise anything
        arrays = {name: file[name] for name in ARRAYS}
        if [arrays["x"].shape, arrays["x_test"].shape] == shapes:
            return arrays
    return None


def _make(arguments: dict[str, object]) -> dict[str, np.ndarray]:
    from mnist1d.data import make_dataset
    from mnist1d.utils import ObjectView

    with random_numbers_restored():
        made = make_dataset(ObjectView(arguments))
    return {name: made[name] for name in ARRAYS}


@contextlib.contextmanager
def random_numbers_restored() -> Iterator[None]:
    """A fence around the `mnist1d` package, which draws from the global generators of numpy and Python."""
    numpy_state, python_state = np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(numpy_state)
        random.setstate(python_state)
