"""Whether a published claim was reproduced: computed from the numbers, never typed."""

from dataclasses import dataclass
from math import floor, inf, isfinite, log10
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

MARK = {"reproduced": "✓", "differs": "✗", "unchecked": "–"}


class Number:
    """A quantity measured on n runs, or a single number; without values where it takes more runs than there are."""

    def __init__(self, values: ArrayLike, unit: str = "") -> None:
        """`values` is a number, or has one dimension: a list, an array, or a tensor without a gradient."""
        self.values = [float(each) for each in np.atleast_1d(values)]
        self.unit = unit


@dataclass(frozen=True)
class Bounds:
    """What a number is expected to be: `value` within `tol`, or from `min` to `max`; `source` says who expects it."""

    source: str
    value: float | None = None
    tol: float = 0.0
    min: float | None = None
    max: float | None = None


def judge(numbers: dict[str, Number], expected: dict[str, Bounds]) -> list[dict[str, Any]]:
    """One row per expected number: mean, std and n of what was measured, what is expected, and the verdict.

    Raises ValueError when the drawing function did not measure an expected number.
    """
    for name in expected:
        if name not in numbers:
            raise ValueError(f"expected.{name}: the drawing function measures {', '.join(numbers)}")
    return [_row(name, numbers[name], bounds) for name, bounds in expected.items()]


def overall(rows: list[dict[str, Any]]) -> str:
    """The verdict of a figure: one number that differs decides."""
    verdicts = {row["verdict"] for row in rows}
    if not verdicts - {"unchecked"}:
        return "unchecked"
    return "differs" if "differs" in verdicts else "reproduced"


def describe(row: dict[str, Any]) -> str:
    """ "mlp test error 38.71 ± 0.34 % (n = 3), expected 36 to 42" """
    measured, spread = "not measured" if row["mean"] is None else _written(row["mean"]), ""
    if row["std"] and row["std"] > 1e-6 * abs(row["mean"]):  # less is rounding
        decimals = max(0, 1 - floor(log10(row["std"])))  # two significant digits of the standard deviation
        measured, spread = f"{row['mean']:z.{decimals}f}", f" ± {row['std']:.{decimals}f}"
    unit = f" {row['unit']}" if row["unit"] and row["mean"] is not None else ""
    runs = f" (n = {row['n']})" if row["n"] > 1 else ""
    expected = f", expected {_bounds(**row['expected'])}" if row["expected"] else ""
    return f"{row['name'].replace('_', ' ')} {measured}{spread}{unit}{runs}{expected}"


def _row(name: str, number: Number, bounds: Bounds) -> dict[str, Any]:
    values = number.values
    measured = bool(values) and all(map(isfinite, values))  # the IoU of a class that occurs nowhere is NaN
    mean = float(np.mean(values)) if measured else None
    std = float(np.std(values, ddof=1)) if measured and len(values) > 1 else None
    row = {"name": name, "unit": number.unit, "mean": mean, "std": std}
    row |= {"n": len(values), "values": values, "expected": _stated(bounds), "source": bounds.source}
    return row | {"verdict": _verdict(mean, bounds)}


def _stated(bounds: Bounds) -> dict[str, float]:
    if bounds.value is not None:
        return {"value": bounds.value, "tol": bounds.tol}
    return {key: bound for key in ("min", "max") if (bound := getattr(bounds, key)) is not None}


def _verdict(average: float | None, bounds: Bounds) -> str:
    if not _stated(bounds):
        return "unchecked"
    if average is None:
        return "differs"
    low, high = (-inf if bounds.min is None else bounds.min), (inf if bounds.max is None else bounds.max)
    if bounds.value is not None:
        low, high = bounds.value - bounds.tol, bounds.value + bounds.tol
    return "reproduced" if low <= average <= high else "differs"


def _bounds(value: float | None = None, tol: float = 0.0, min: float | None = None, max: float | None = None) -> str:
    if value is not None:
        return _written(value) + (f" ± {tol:g}" if tol else "")
    if min is not None and max is not None:
        return f"{_written(min)} to {_written(max)}"
    return f"at least {_written(min)}" if min is not None else f"at most {_written(max)}"


def _written(value: float) -> str:
    value = float(value)
    return f"{value:,.0f}" if value.is_integer() else f"{value:.4g}"
