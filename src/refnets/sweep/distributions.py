"""A parameter that is searched: Hydra's syntax for sweeps as a distribution of Optuna, and its values as text."""

from typing import Any

from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, RangeSweep, Transformer
from hydra.errors import HydraException
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import Trial

SYNTAX = "choice(a,b), range(1,9), interval(0,1) or tag(log, interval(1e-4,1))"


def distribution(override: Override) -> BaseDistribution:
    """Raises HydraException when Optuna has none for it."""
    value = override.value()
    log = "log" in getattr(value, "tags", ())
    try:
        if isinstance(value, ChoiceSweep):
            return CategoricalDistribution(list(map(plain, override.sweep_iterator(transformer=Transformer.encode))))
        if isinstance(value, RangeSweep):
            values = list(override.sweep_iterator())  # Hydra's end is not included, Optuna's is
            kind = IntDistribution if all(isinstance(each, int) for each in values) else FloatDistribution
            return kind(values[0], values[-1], log=log, step=None if log and kind is FloatDistribution else value.step)
        if isinstance(value, IntervalSweep):
            kind = IntDistribution if isinstance(value.start, int) and isinstance(value.end, int) else FloatDistribution
            return kind(value.start, value.end, log=log)
    except (ValueError, IndexError) as error:  # Optuna's, as of bounds in the wrong order; of an empty range
        raise HydraException(f"{override.input_line}: {error}") from error
    raise HydraException(f"{override.input_line}: cannot be searched; type {SYNTAX}")


def suggest(trial: Trial, name: str, among: BaseDistribution) -> str:
    """The value that Optuna chooses for this trial, as it is typed."""
    if isinstance(among, FloatDistribution):
        return f"{trial.suggest_float(name, among.low, among.high, step=among.step, log=among.log):.6g}"
    if isinstance(among, IntDistribution):
        return str(trial.suggest_int(name, among.low, among.high, step=among.step, log=among.log))
    return text(trial.suggest_categorical(name, among.choices))


def allowed(among: BaseDistribution) -> str:
    """In words: one of adam, sgd; from 0 to 1."""
    if isinstance(among, CategoricalDistribution):
        return f"one of {', '.join(map(text, among.choices))}"
    return f"from {among.low:g} to {among.high:g}"


def found(value: Any, among: BaseDistribution) -> Any:
    """The value as the distribution has it; None where it does not."""
    if isinstance(among, CategoricalDistribution):
        typed = text(value).replace(" ", "")
        return next((each for each in among.choices if each == value or text(each).replace(" ", "") == typed), None)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and among._contains(among.to_internal_repr(value)) else None


def text(value: Any) -> str:
    """A value as it is typed."""
    return "null" if value is None else str(value)


def plain(value: Any) -> Any:
    """A value that Optuna can store: of others, as lists, the text."""
    return value if isinstance(value, bool | int | float) else str(value)
