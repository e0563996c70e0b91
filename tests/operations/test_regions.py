import pytest

from refnets.operations.regions import parameters, regions


@pytest.mark.parametrize(
    ("inputs", "width", "depth", "expected"),
    [
        (2, 3, 1, 7),  # notebook 3_3
        (10, 50, 1, 13432735556),  # notebook 3_3
        (10, 8, 1, 256),  # fewer units than inputs: every unit halves every region
        (1, 10, 5, 161051),  # fig 4.7 a
    ],
)
def test_regions_are_those_of_the_book(inputs, width, depth, expected):
    assert regions(inputs, width, depth) == expected


@pytest.mark.parametrize(
    ("inputs", "width", "depth", "expected"),
    [(10, 8, 1, 97), (1, 10, 5, 471), (10, 50, 5, 10801)],  # notebook 3_3, fig 4.7 a and b
)
def test_parameters_are_those_of_the_book(inputs, width, depth, expected):
    assert parameters(inputs, width, depth) == expected
