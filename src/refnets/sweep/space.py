"""What is searched: Hydra's own syntax for sweeps as distributions of Optuna.

choice(a,b) or a,b     one of them; also an option of a group, model=choice(mlp,cnn1d)
range(20,100,20)       20, 40, 60, 80: the end is not included, as everywhere in Hydra
interval(0,1)          any number between
int(interval(8,64))    any integer between, both ends included
tag(log, interval(1e-4,1)), tag(log, int(interval(8,64)))   evenly on a logarithmic scale
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.trial import Trial

from refnets.faults import nearest
from refnets.sweep.distributions import allowed, distribution, found, plain, suggest, text


@dataclass
class Space:
    """Overrides that all trials share, and those that are searched; `when` has those of trials that chose something."""

    fixed: dict[str, str] = field(default_factory=dict)  # key -> override, as {"model": "model=mlp"}
    searched: dict[str, BaseDistribution] = field(default_factory=dict)
    when: dict[str, "Space"] = field(default_factory=dict)

    @classmethod
    def of(cls, params: Mapping[str, Any], when: Mapping[str, Any], arguments: Sequence[str]) -> "Space":
        """The command line in `arguments` wins over `params` and over those of every condition."""
        told = _parse(arguments)
        space = cls._of([*_parse(_lines(params)), *told])
        typed = {override.get_key_element() for override in told}
        for condition, further in when.items():
            space._refuse_unknown(condition)
            own = [each for each in _parse(_lines(further)) if each.get_key_element() not in typed]
            space.when[condition] = cls._of(own)
        return space

    @classmethod
    def _of(cls, overrides: Sequence[Override]) -> "Space":
        space = cls()
        for override in overrides:
            key = override.get_key_element()
            space.fixed.pop(key, None)
            space.searched.pop(key, None)
            if override.is_sweep_override():
                space.searched[key] = distribution(override)
            else:
                space.fixed[key] = override.input_line
        return space

    @property
    def parts(self) -> list["Space"]:
        """Itself, and what is searched under each condition."""
        return [self, *self.when.values()]

    def suggest(self, trial: Trial) -> list[str]:
        """The command line of one trial, whose values Optuna chooses."""
        chosen = self.fixed | {key: f"{key}={suggest(trial, key, each)}" for key, each in self.searched.items()}
        for condition, further in self.when.items():
            if _meaning(condition) in map(_meaning, chosen.values()):
                values = {
                    key: f"{key}={suggest(trial, conditional(key, condition), each)}"
                    for key, each in further.searched.items()
                }
                chosen |= further.fixed | values
        return list(chosen.values())

    def point(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a trial of these values, as it is enqueued: under every condition that they could meet.

        What the command line has settled is left out. Raises ValueError for a value that is not searched.
        """
        point: dict[str, Any] = {}
        for key, value in values.items():
            if places := self._places(key, values):
                point |= _fitting(key, value, places)
            elif not any(key in part.fixed for part in self.parts):
                known = [each for part in self.parts for each in part.searched]
                raise ValueError(f"hydra.sweeper.first: {key} is not searched{nearest(key, known)}")
        return point

    def _places(self, key: str, values: Mapping[str, Any]) -> dict[str, BaseDistribution]:
        """The parameters that `key` is in the study: its own, and one for each condition that `values` could meet."""
        places = {key: self.searched[key]} if key in self.searched else {}
        for condition, further in self.when.items():
            of, value = _meaning(condition)
            could = of not in values or _meaning(f"{of}={text(values[of])}")[1] == value
            if could and key in further.searched:
                places[conditional(key, condition)] = further.searched[key]
        return places

    def _refuse_unknown(self, condition: str) -> None:
        """Raises ValueError for a condition that no trial can meet, unless the command line has settled it."""
        key, value = _meaning(condition)
        if any(key in part.fixed for part in self.parts):
            return
        searched = [part.searched[key] for part in self.parts if key in part.searched]
        if not searched:
            known = nearest(key, [each for part in self.parts for each in part.searched])
            raise ValueError(f"hydra.sweeper.when: {condition!r} is of a key that is not searched{known}")
        choices = [text(each) for among in searched for each in getattr(among, "choices", ())]
        if choices and value not in [_meaning(f"{key}={each}")[1] for each in choices]:
            raise ValueError(f"hydra.sweeper.when: {condition!r}, and {key} is one of {', '.join(choices)}")

    def described(self) -> dict[str, str]:
        """What makes one space equal to another."""
        own = self.fixed | {key: distribution_to_json(each) for key, each in self.searched.items()}
        return own | {
            f"{condition}: {k}": v for condition, each in self.when.items() for k, v in each.described().items()
        }


def _fitting(key: str, value: Any, places: Mapping[str, BaseDistribution]) -> dict[str, Any]:
    """The value under the name of each place that may have it. Raises ValueError when there is none."""
    fitting = {name: each for name, among in places.items() if (each := found(value, among)) is not None}
    if not fitting:
        among = allowed(next(iter(places.values())))
        raise ValueError(
            f"hydra.sweeper.first: {key}={text(value)} is not {among}; type another, or hydra.sweeper.first=[]"
        )
    return fitting


def conditional(key: str, condition: str) -> str:
    """The name of a parameter in the study: the learning rate of Adam is another one than that of momentum."""
    return f"{key} ({condition})"


def _meaning(override: str) -> tuple[str, Any]:
    """Key and value, however it is spelt: lr=1e-3 is lr=0.001, and true is True."""
    (parsed,) = _parse([override])
    return parsed.get_key_element(), plain(parsed.value())


def _lines(params: Mapping[str, Any]) -> list[str]:
    return [f"{key}={text(value)}" for key, value in params.items()]


def _parse(lines: Sequence[str]) -> list[Override]:
    return OverridesParser.create().parse_overrides(list(lines))
