"""Whether a published claim was reproduced: computed from the numbers, never typed."""

from dataclasses import dataclass
from math import floor, log10
from statistics import mean, stdev
from typing import Any

MARK = {"reproduced": "✓", "differs": "✗", "unchecked": "–"}


@dataclass(frozen=True)
class Number:
    """A quantity measured on n runs."""

    unit: str
    values: list[float]


def judge(numbers: dict[str, Number], expected: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per expected number: mean, std and n of what was measured, what is expected, and the verdict.

    `expected` has `value` and `tol`, or `min` and/or `max`, and their `source`. Raises KeyError when the drawing
    function did not measure an expected number.
    """
    return [_row(name, numbers[name], dict(bounds)) for name, bounds in expected.items()]


def overall(rows: list[dict[str, Any]], partial: bool) -> str:
    """The verdict of a figure. Shortened runs can contradict a claim's numbers or not: they reproduce nothing."""
    verdicts = {row["verdict"] for row in rows}
    if partial or not verdicts - {"unchecked"}:
        return "unchecked"
    return "differs" if "differs" in verdicts else "reproduced"


def describe(row: dict[str, Any]) -> str:
    """ "mlp test error 38.71 ± 0.34 % (n = 3), expected 36 to 42" """
    measured, spread = _written(row["mean"]), ""
    if row["n"] > 1 and row["std"] > 0:
        decimals = max(0, 1 - floor(log10(row["std"])))  # two significant digits of the standard deviation
        measured, spread = f"{row['mean']:.{decimals}f}", f" ± {row['std']:.{decimals}f}"
    runs = f" (n = {row['n']})" if row["n"] > 1 else ""
    name = row["name"].replace("_", " ")
    return f"{name} {measured}{spread}{' ' * bool(row['unit'])}{row['unit']}{runs}, expected {_bounds(row['expected'])}"


def _row(name: str, number: Number, bounds: dict[str, Any]) -> dict[str, Any]:
    values = [float(value) for value in number.values]
    average, source = mean(values), bounds.pop("source", None)
    row = {"name": name, "unit": number.unit, "mean": average, "std": stdev(values) if len(values) > 1 else None}
    return row | {
        "n": len(values),
        "values": values,
        "expected": bounds,
        "source": source,
        "verdict": _verdict(average, bounds),
    }


def _verdict(average: float, bounds: dict[str, float]) -> str:
    if "value" in bounds:
        return "reproduced" if abs(average - bounds["value"]) <= bounds["tol"] else "differs"
    if not bounds:
        return "unchecked"
    return "reproduced" if bounds.get("min", -float("inf")) <= average <= bounds.get("max", float("inf")) else "differs"


def _bounds(bounds: dict[str, float]) -> str:
    if "value" in bounds:
        return _written(bounds["value"]) + (f" ± {bounds['tol']:g}" if bounds["tol"] else "")
    if "min" in bounds and "max" in bounds:
        return f"{_written(bounds['min'])} to {_written(bounds['max'])}"
    if "min" in bounds:
        return f"at least {_written(bounds['min'])}"
    return f"at most {_written(bounds['max'])}" if bounds else "nothing"


def _written(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:.4g}"
