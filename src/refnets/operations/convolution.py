"""Convolution written out, one product at a time (book sections 10.2 and 10.3, notebooks 10_1 and 10_3).

As everywhere in deep learning the kernel is not turned around: strictly, this is cross-correlation.
"""

import numpy as np


def output_size(size: int, kernel_size: int, *, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """At how many positions the kernel lies wholly on the `size` inputs and the `padding` zeros at either end.

    Raises ValueError when there is none.
    """
    reach = dilation * (kernel_size - 1) + 1  # from the first input under the kernel to the last
    if size + 2 * padding < reach:
        raise ValueError(f"a kernel that reaches over {reach} positions does not fit on {size} with padding={padding}")
    return (size + 2 * padding - reach) // stride + 1


def convolve_1d(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """x (inputs, positions), weight (outputs, inputs, kernel_size), bias (outputs,) -> (outputs, new positions).

    Inputs and outputs are channels (book eq 10.3 and section 10.2.5).
    """
    sizes = output_size(x.shape[1], weight.shape[2], stride=stride, padding=padding, dilation=dilation)
    padded = np.pad(x, ((0, 0), (padding, padding)))
    h = np.zeros((len(weight), sizes)) + bias[:, None]
    for o, i in np.ndindex(h.shape):
        for c, k in np.ndindex(weight.shape[1:]):
            h[o, i] += weight[o, c, k] * padded[c, stride * i + dilation * k]
    return h


def convolve(x: np.ndarray, kernel: np.ndarray, **settings: int) -> np.ndarray:
    """One channel x (positions,), kernel (kernel_size,) -> (new positions,), without a bias."""
    return convolve_1d(x[None], kernel[None, None], np.zeros(1), **settings)[0]


def convolve_2d(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """x (inputs, height, width), weight (outputs, inputs, kernel height, kernel width) -> (outputs, height, width).

    Inputs and outputs are channels (book section 10.3).
    """
    steps = {"stride": stride, "padding": padding, "dilation": dilation}
    sizes = [output_size(*each, **steps) for each in zip(x.shape[1:], weight.shape[2:], strict=True)]
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    h = np.zeros((len(weight), *sizes)) + bias[:, None, None]
    for o, i, j in np.ndindex(h.shape):
        for c, k, m in np.ndindex(weight.shape[1:]):
            h[o, i, j] += weight[o, c, k, m] * padded[c, stride * i + dilation * k, stride * j + dilation * m]
    return h


def convolution_matrix(
    kernel: np.ndarray, positions: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """The matrix (new positions, positions) by which a channel of inputs is multiplied when it is convolved (fig 10.4).

    Its transpose is the matrix of the transposed convolution.
    """
    rows = output_size(positions, len(kernel), stride=stride, padding=padding, dilation=dilation)
    matrix = np.zeros((rows, positions + 2 * padding))
    for i, k in np.ndindex(rows, len(kernel)):
        matrix[i, stride * i + dilation * k] = kernel[k]
    return matrix[:, padding : padding + positions]


def transposed_convolve_1d(
    h: np.ndarray, weight: np.ndarray, positions: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """h (outputs, new positions) -> (inputs, positions): every number adds its multiple of the kernel where it is from.

    The shapes are those that `convolve_1d` takes to each other; with a stride, several `positions` lead to the same new
    ones (book section 10.4.2, fig 10.13). Raises ValueError when a convolution of `positions`
    has another number of outputs than h.
    """
    _check_pair(positions, weight.shape[2], h.shape[1], stride=stride, padding=padding, dilation=dilation)
    padded = np.zeros((weight.shape[1], positions + 2 * padding))
    for o, i in np.ndindex(h.shape):
        for c, k in np.ndindex(weight.shape[1:]):
            padded[c, stride * i + dilation * k] += weight[o, c, k] * h[o, i]
    return padded[:, padding : padding + positions]


def transposed_convolve_2d(
    h: np.ndarray, weight: np.ndarray, sizes: tuple[int, int], *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """h (outputs, new height, new width) -> (inputs, *sizes): `transposed_convolve_1d` in two dimensions."""
    height, width = sizes
    for size, kernel_size, new in zip(sizes, weight.shape[2:], h.shape[1:], strict=True):
        _check_pair(size, kernel_size, new, stride=stride, padding=padding, dilation=dilation)
    padded = np.zeros((weight.shape[1], height + 2 * padding, width + 2 * padding))
    for o, i, j in np.ndindex(h.shape):
        for c, k, m in np.ndindex(weight.shape[1:]):
            padded[c, stride * i + dilation * k, stride * j + dilation * m] += weight[o, c, k, m] * h[o, i, j]
    return padded[:, padding : padding + height, padding : padding + width]


def _check_pair(positions: int, kernel_size: int, new: int, **settings: int) -> None:
    if (made := output_size(positions, kernel_size, **settings)) != new:
        raise ValueError(f"a convolution makes {made} of {positions} positions, not the {new} that h has")
