import numpy as np
import pytest
import torch
import torch.nn.functional as F

from refnets.operations.convolution import (
    convolution_matrix,
    convolve_1d,
    convolve_2d,
    output_size,
    transposed_convolve_1d,
    transposed_convolve_2d,
)

X = np.array([[5.2, 5.3, 5.4, 5.1, 10.1, 10.3, 9.9, 10.3, 3.2, 3.4, 3.3, 3.1]])  # notebook 10_1
CONVOLUTIONS = {1: (convolve_1d, transposed_convolve_1d), 2: (convolve_2d, transposed_convolve_2d)}
SEEDS = range(20)


def random_case(seed, dimensions):
    """Input, weights, bias and settings of random shapes, such that the kernel fits."""
    rng = np.random.default_rng(seed)
    inputs, outputs, kernel_size, stride, dilation = rng.integers(1, 4, size=5)
    padding = rng.integers(0, 3)
    sizes = rng.integers(dilation * (kernel_size - 1) + 1, 12, size=dimensions)
    x, weight = rng.normal(size=(inputs, *sizes)), rng.normal(size=(outputs, inputs, *[kernel_size] * dimensions))
    steps = {"stride": int(stride), "padding": int(padding), "dilation": int(dilation)}
    return x, weight, rng.normal(size=outputs), steps


def torchs(function, *arrays, **settings):
    return function(*map(torch.tensor, arrays), **settings).numpy()


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_torchs_in_one_dimension(seed):
    x, weight, bias, steps = random_case(seed, 1)
    assert np.allclose(convolve_1d(x, weight, bias, **steps), torchs(F.conv1d, x, weight, bias, **steps), atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_torchs_in_two_dimensions(seed):
    x, weight, bias, steps = random_case(seed, 2)
    assert np.allclose(convolve_2d(x, weight, bias, **steps), torchs(F.conv2d, x, weight, bias, **steps), atol=1e-12)


@pytest.mark.parametrize(
    ("kernel", "steps", "total"),
    [
        ([0.33] * 3, {"padding": 1}, 71.115),
        ([0.2] * 5, {"padding": 2}, 69.56),
        ([0.33] * 3, {"padding": 2, "dilation": 2}, 68.277),
    ],
)
def test_the_sums_of_notebook_10_1(kernel, steps, total):
    assert convolve_1d(X, np.array([[kernel]]), np.zeros(1), **steps).sum() == pytest.approx(total, abs=1e-9)


def test_a_stride_of_two_gives_every_other_value():
    weight, bias = np.full((1, 1, 3), 0.33), np.zeros(1)
    every = convolve_1d(X, weight, bias, padding=1)
    assert np.array_equal(convolve_1d(X, weight, bias, padding=1, stride=2), every[:, ::2])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_matrix_convolves(seed):
    x, weight, _, steps = random_case(seed, 1)
    matrix = convolution_matrix(weight[0, 0], x.shape[1], **steps)
    assert np.allclose(matrix @ x[0], convolve_1d(x[:1], weight[:1, :1], np.zeros(1), **steps)[0], atol=1e-12)


def test_a_kernel_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="a kernel that reaches over 5 positions does not fit on 4 with padding=0"):
        output_size(4, 3, dilation=2)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_transposed_matrix_is_the_transposed_convolution(seed):
    x, weight, _, steps = random_case(seed, 1)
    matrix = convolution_matrix(weight[0, 0], x.shape[1], **steps)
    h = np.random.default_rng(seed).normal(size=(1, len(matrix)))
    assert np.allclose(matrix.T @ h[0], transposed_convolve_1d(h, weight[:1, :1], x.shape[1], **steps)[0], atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("dimensions", [1, 2])
def test_the_transposed_convolution_is_torchs(seed, dimensions):
    x, weight, bias, steps = random_case(seed, dimensions)
    convolve, transpose = CONVOLUTIONS[dimensions]
    h, sizes = convolve(x, weight, 0 * bias, **steps), x.shape[1:]
    gradient = torch.tensor(x, requires_grad=True)  # torch's own cannot reach every size; its gradient is the transpose
    function = (F.conv1d, F.conv2d)[dimensions - 1]
    function(gradient, torch.tensor(weight), **steps).backward(torch.tensor(h))
    got = transpose(h, weight, sizes if dimensions == 2 else sizes[0], **steps)
    assert np.allclose(got, gradient.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("positions", [3, 12])
def test_positions_that_no_convolution_takes_to_these_are_refused(positions):
    with pytest.raises(ValueError, match=f"of {positions} positions, not the 4 that h has"):
        transposed_convolve_1d(np.ones((1, 4)), np.ones((1, 1, 3)), positions, stride=2)


def test_neither_are_sizes():
    with pytest.raises(ValueError, match="makes 5 of 11 positions, not the 4 that h has"):
        transposed_convolve_2d(np.ones((1, 4, 4)), np.ones((1, 1, 3, 3)), (9, 11), stride=2)
