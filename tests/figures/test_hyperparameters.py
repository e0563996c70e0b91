from types import SimpleNamespace

import numpy as np
import pytest

from refnets.figures.hyperparameters import Choice, draw, lowest


def run(width: int, lr: float, **final: float) -> SimpleNamespace:
    config = SimpleNamespace(model=SimpleNamespace(width=width), optimizer=SimpleNamespace(lr=lr))
    return SimpleNamespace(config=config, result={"final": final})


GRID = [
    run(50, 0.1, validation_error=40.0),  # it has no test error to read
    run(50, 0.1, validation_error=42.0),
    run(99, 0.1, validation_error=30.0, test_error=33.0),
    run(99, 0.1, validation_error=34.0, test_error=35.0),
]


def test_the_lowest_mean_is_chosen_not_the_lowest_run():
    errors = {Choice(1, 0.1): np.array([10.0, 40.0]), Choice(2, 0.1): np.array([20.0, 21.0])}
    assert lowest(errors) == Choice(2, 0.1)


def test_only_the_test_errors_of_the_chosen_are_read():
    _, numbers = draw({"grid": GRID, "recipe": GRID[:2]})
    assert numbers["test_error_of_the_chosen"].values == [33.0, 35.0]


def test_f_is_the_variance_between_choices_over_that_between_seeds():
    _, numbers = draw({"grid": GRID, "recipe": GRID[:2]})
    between, within = 2 * np.var([41, 32], ddof=1), np.mean([np.var([40, 42], ddof=1), np.var([30, 34], ddof=1)])
    (measured,) = numbers["variance_between_choices_over_variance_between_seeds"].values
    assert measured == pytest.approx(between / within)
