import numpy as np
import pytest
import torch
import torch.nn.functional as F

from refnets.operations.resampling import (
    centers,
    duplicate,
    interpolate,
    max_pool,
    max_unpool,
    mean_pool,
    subsample,
)

PATCH = np.array([[1, 3, 5, 3], [6, 2, 0, 8], [4, 6, 1, 4], [2, 8, 0, 3]])  # notebook 10_4
SMALL = np.array([[6, 8], [8, 4]])


@pytest.fixture(params=range(10))
def case(request):
    """A random image, and a factor that need not divide its size."""
    rng = np.random.default_rng(request.param)
    return rng.normal(size=rng.integers(3, 12, size=2)), int(rng.integers(2, 4))


def in_torch(function, x, *arguments, **settings):
    return function(torch.tensor(x)[None, None], *arguments, **settings)[0, 0].numpy()


@pytest.mark.parametrize(
    ("function", "expected"),
    [(subsample, [[1, 5], [4, 1]]), (max_pool, [[6, 8], [8, 4]]), (mean_pool, [[3, 4], [5, 2]])],
)
def test_the_patch_of_notebook_10_4_becomes_smaller(function, expected):
    assert function(PATCH).tolist() == expected


@pytest.mark.parametrize(("function", "theirs"), [(max_pool, F.max_pool2d), (mean_pool, F.avg_pool2d)])
def test_pooling_is_torchs(case, function, theirs):
    x, factor = case
    assert np.allclose(function(x, factor), in_torch(theirs, x, factor), atol=1e-12)


def test_duplication_is_torchs(case):
    x, factor = case
    assert np.array_equal(duplicate(x, factor), in_torch(F.interpolate, x, scale_factor=factor, mode="nearest"))


def test_subsampling_undoes_duplication(case):
    x, factor = case
    assert np.array_equal(subsample(duplicate(x, factor), factor), x)


def test_max_unpooling_puts_the_maxima_back():
    expected = np.zeros((4, 4))
    expected[[1, 1, 3, 2], [0, 3, 1, 3]] = 6, 8, 8, 4  # notebook 10_4
    assert np.array_equal(max_unpool(SMALL, PATCH), expected)


def test_max_unpooling_is_torchs(case):
    x, factor = case
    pooled, where = F.max_pool2d(torch.tensor(x)[None, None], factor, return_indices=True)
    expected = F.max_unpool2d(pooled, where, factor, output_size=x.shape)[0, 0].numpy()
    assert np.array_equal(max_unpool(max_pool(x, factor), x, factor), expected)


def test_interpolation_at_the_centers_is_torchs(case):
    x, factor = case
    expected = in_torch(F.interpolate, x, scale_factor=factor, mode="bilinear", align_corners=False)
    assert np.allclose(interpolate(x, *(centers(size, factor) for size in x.shape)), expected, atol=1e-12)


def test_interpolation_is_zero_beyond_the_image():
    """Notebook 10_4 takes the numbers themselves, the means between them, and zeros beyond."""
    at = np.arange(4) / 2
    expected = [[6, 7, 8, 4], [7, 6.5, 6, 3], [8, 6, 4, 2], [4, 3, 2, 1]]
    assert interpolate(SMALL, at, at).tolist() == expected


def test_of_several_maxima_the_first_is_unpooled_to():
    flat = np.ones((2, 2))
    _, where = F.max_pool2d(torch.tensor(flat)[None, None], 2, return_indices=True)
    assert max_unpool(np.array([[5]]), flat).tolist() == [[5, 0], [0, 0]]
    assert where.item() == 0  # PyTorch's too
