"""Fewer positions, and more again (book section 10.4, notebook 10_4). An image here is an array (height, width)."""

import numpy as np


def subsample(x: np.ndarray, factor: int = 2) -> np.ndarray:
    """Every `factor`-th row and column, from the first on (fig 10.11 a)."""
    return x[::factor, ::factor]


def max_pool(x: np.ndarray, factor: int = 2) -> np.ndarray:
    """The largest number of every square (fig 10.11 b); rows and columns that fill none are left out."""
    return _squares(x, factor).max((1, 3))


def mean_pool(x: np.ndarray, factor: int = 2) -> np.ndarray:
    """The mean of every square (fig 10.11 c); rows and columns that fill none are left out."""
    return _squares(x, factor).mean((1, 3))


def duplicate(x: np.ndarray, factor: int = 2) -> np.ndarray:
    """A square of every number (fig 10.12 a)."""
    return x.repeat(factor, axis=0).repeat(factor, axis=1)


def max_unpool(x: np.ndarray, before: np.ndarray, factor: int = 2) -> np.ndarray:
    """Every number where the largest one of its square was in the image `before` pooling, zeros elsewhere (fig 10.12).

    Of several largest ones it is the first.
    """
    unpooled, squares = np.zeros(before.shape), _squares(before, factor)
    for i, j in np.ndindex(x.shape):
        row, column = np.unravel_index(squares[i, :, j].argmax(), (factor, factor))
        unpooled[factor * i + row, factor * j + column] = x[i, j]
    return unpooled


def interpolate(x: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The image at fractional `rows` and `columns`, linear between neighbours and zero beyond them (fig 10.12 c)."""
    height, width = x.shape
    return _hats(rows, height) @ x @ _hats(columns, width).T  # (rows, columns)


def centers(size: int, factor: int = 2) -> np.ndarray:
    """Where `factor` times as many rows lie that share the space of `size`; the outermost repeat the border.

    Those of `torch.nn.functional.interpolate`, whose rows have their numbers in the middle.
    """
    return np.clip((np.arange(factor * size) + 0.5) / factor - 0.5, 0, size - 1)


def _squares(x: np.ndarray, factor: int) -> np.ndarray:
    """The squares of side `factor`, (rows, factor, columns, factor): [i, :, j] is one of them."""
    rows, columns = (size // factor for size in x.shape)
    return x[: factor * rows, : factor * columns].reshape(rows, factor, columns, factor)


def _hats(at: np.ndarray, size: int) -> np.ndarray:
    """The weights (at, size) of numbers that count fully where they are, and less up to their neighbours."""
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(size)))
