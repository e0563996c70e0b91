import pytest

from refnets.figures.graph import written


@pytest.mark.parametrize(
    ("numbers", "text"),
    [(2.0, "2"), (-17.0605, "−17.06"), (-0.0001, "0"), ([0.5, -1.7333], "0.5, −1.73"), ((), "")],
)
def test_numbers_are_written_without_trailing_zeros(numbers, text):
    assert written(numbers) == text
