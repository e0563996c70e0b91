import pytest

from refnets.figures.unravelled import count, measure


@pytest.mark.parametrize(("depth", "paths"), [(1, (2, 1)), (3, (8, 4)), (10, (1024, 512))])
def test_n_blocks_are_two_to_the_n_paths_half_of_them_through_the_first(depth, paths):
    assert count(depth) == paths


def test_the_derivative_is_the_sum_over_the_paths():
    sizes, gap, _ = measure(depth=3, width=10, seed=0)
    assert len(sizes) == 8
    assert gap < 1e-12
    assert sizes[False, False, False] == pytest.approx(1)


def test_so_is_that_by_what_the_first_block_adds():
    *_, gap = measure(depth=3, width=10, seed=0)
    assert gap < 1e-12
