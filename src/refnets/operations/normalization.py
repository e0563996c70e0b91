"""Batch normalization (book section 11.4, notebook 11_3)."""

import numpy as np


def batch_normalize(h: np.ndarray, gamma: np.ndarray, delta: np.ndarray, epsilon: float = 1e-5) -> np.ndarray:
    """h (n, channels, ...) normalized by its own statistics, as in training; `gamma` and `delta` are (channels,)."""
    return normalize(h, *statistics(h), gamma, delta, epsilon)


def statistics(h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of every channel of h (n, channels, ...), over examples and positions (book eq 11.7)."""
    others = tuple(axis for axis in range(h.ndim) if axis != 1)
    return h.mean(others), h.var(others)  # (channels,) each


def normalize(
    h: np.ndarray, mean: np.ndarray, variance: np.ndarray, gamma: np.ndarray, delta: np.ndarray, epsilon: float = 1e-5
) -> np.ndarray:
    """h (n, channels, ...) with new mean `delta` and standard deviation `gamma` (book eqs 11.8 and 11.9).

    Like PyTorch, and unlike the book, epsilon is added to the variance and not to the standard deviation. In a trained
    network mean and variance are averages over training, and this is a linear function.
    """
    shape = (-1, *[1] * (h.ndim - 2))  # (channels, 1, ...)
    mean, variance, gamma, delta = (each.reshape(shape) for each in (mean, variance, gamma, delta))
    return gamma * (h - mean) / np.sqrt(variance + epsilon) + delta
