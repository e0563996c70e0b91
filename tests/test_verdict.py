import numpy as np
import pytest
import torch

from refnets.verdict import Bounds, Number, describe, judge, overall


def _row(values, unit="%", **expected):
    (row,) = judge({"error": Number(values, unit)}, {"error": Bounds("fig 0", **expected)})
    return row


@pytest.mark.parametrize(
    ("measured", "values"),
    [
        (3, [3.0]),
        ([1, 2.5], [1.0, 2.5]),
        ([], []),
        (np.array([0.5, 0.25]), [0.5, 0.25]),
        (torch.tensor(0.1), [torch.tensor(0.1).item()]),
        ([torch.tensor(0.1), 0.1], [torch.tensor(0.1).item(), 0.1]),
    ],
)
def test_a_number_is_given_as_it_was_measured(measured, values):
    assert Number(measured).values == values


@pytest.mark.parametrize(
    ("expected", "verdict"),
    [
        ({"min": 36, "max": 42}, "reproduced"),
        ({"min": 38}, "reproduced"),
        ({"max": 38}, "reproduced"),
        ({"min": 38.1}, "differs"),
        ({"max": 37.9}, "differs"),
        ({"value": 37.5, "tol": 0.5}, "reproduced"),
        ({"value": 37.5, "tol": 0.4}, "differs"),
        ({}, "unchecked"),
    ],
)
def test_the_mean_is_held_against_the_bounds(expected, verdict):
    assert _row([37.0, 39.0], **expected)["verdict"] == verdict


def test_a_mean_that_is_not_a_number_reproduces_nothing():
    row = _row([0.5, float("nan")], min=0)
    assert (row["mean"], row["std"], row["verdict"]) == (None, None, "differs")


def test_mean_std_and_n():
    row = _row([37.0, 39.0], min=0)
    assert (row["mean"], row["std"], row["n"]) == (38.0, pytest.approx(2**0.5), 2)


def test_what_was_not_measured_reproduces_nothing_and_is_said():
    row = _row([], min=0)
    assert (row["mean"], row["std"], row["n"], row["verdict"]) == (None, None, 0, "differs")
    assert describe(row) == "error not measured, expected at least 0"


def test_one_run_has_no_std():
    assert _row([37.0], min=0)["std"] is None


def test_a_number_that_was_not_measured_is_an_error():
    with pytest.raises(ValueError, match="expected.loss: the drawing function measures error"):
        judge({"error": Number(1.0, "%")}, {"loss": Bounds("fig 0", max=1)})


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["reproduced", "reproduced"], "reproduced"),
        (["reproduced", "unchecked"], "reproduced"),
        (["reproduced", "differs"], "differs"),
        (["unchecked"], "unchecked"),
        ([], "unchecked"),
    ],
)
def test_the_verdict_of_a_figure(verdicts, expected):
    assert overall([{"verdict": verdict} for verdict in verdicts]) == expected


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (_row([38.4, 39.04], min=36, max=42), "error 38.72 ± 0.45 % (n = 2), expected 36 to 42"),
        (_row([1700, 1900], unit="steps", max=3000), "error 1800 ± 141 steps (n = 2), expected at most 3,000"),
        (_row([59065, 59065], unit="", value=59065, tol=0), "error 59,065 (n = 2), expected 59,065"),
        (_row([0.5], value=0.4, tol=0.2), "error 0.5 %, expected 0.4 ± 0.2"),
        (_row([0.5], min=0.25), "error 0.5 %, expected at least 0.25"),
        (_row([0.5]), "error 0.5 %"),
        (_row([0.3, 0.1 + 0.2]), "error 0.3 % (n = 2)"),
        (_row([-1.0000001, 1.0]), "error 0.0 ± 1.4 % (n = 2)"),
        (_row([float("nan"), 1.0], min=0), "error not measured (n = 2), expected at least 0"),
    ],
)
def test_describe(row, text):
    assert describe(row) == text
