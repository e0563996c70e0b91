"""A study of Optuna on disk, which several processes share and a later day takes up again.

A trial is asked for under a lock, so that all processes together ask for as many as are wanted. Whoever asked for it
holds a lock of its own while it lives: a trial that is running and whose process is gone goes on under the next one.
"""

import fcntl
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import optuna
from filelock import FileLock
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from refnets.config.instructions import is_of_hydra
from refnets.sweep.algorithms import built
from refnets.sweep.space import Space

optuna.logging.set_verbosity(optuna.logging.ERROR)  # the search says what it does itself
STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED}  # all other outcomes failed


class Trial(NamedTuple):
    """What is to be trained next: the command line of a run."""

    number: int
    overrides: list[str]


class Study:
    """A study of Optuna on the disk, which processes share: inside `with`, the others are told that this one lives."""

    def __init__(self, folder: Path, name: str, url: str, objectives: Mapping[str, str]) -> None:
        """`objectives` maps each to its direction. Raises ValueError when the study was made for others."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.name, self.driver = folder, name, f"{uuid.uuid4().hex}.driver"
        with FileLock(folder / "lock"):
            try:
                self.storage = open_storage(url)
                how = {"study_name": name, "storage": self.storage, "load_if_exists": True}
                self.optuna = optuna.create_study(directions=list(objectives.values()), **how)
            except (SQLAlchemyError, StorageInternalError) as error:
                raise ValueError(
                    f"hydra.sweeper.storage={url} cannot be opened ({type(error).__name__}: {error}); should be"
                    " sqlite:///FILE or journal:FILE, in a folder that exists"
                ) from error
            self.optuna.stop = lambda: None  # samplers that have tried all there is call it; trials are counted here
            earlier = self.optuna.user_attrs.setdefault("objectives", dict(objectives))
            self.optuna.set_user_attr("objectives", earlier)
        if earlier != dict(objectives):
            raise ValueError(f"study_name={name}: is a study of {earlier} already; choose another name")

    def __enter__(self) -> "Study":
        self.alive = (self.folder / self.driver).open("w")
        fcntl.flock(self.alive, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: Any) -> None:
        (self.folder / self.driver).unlink(missing_ok=True)
        self.alive.close()

    @property
    def trials(self) -> list[FrozenTrial]:
        """All that were begun, by whichever process."""
        return [each for each in self.optuna.get_trials(deepcopy=False) if "begun" in each.user_attrs]

    def begin_with(self, points: Sequence[Mapping[str, Any]]) -> None:
        """Points that are tried before any other, if they have not been."""
        with FileLock(self.folder / "lock"):
            for point in points:
                self.optuna.enqueue_trial(dict(point), skip_if_exists=True)

    def take(self, space: Space, total: int, at_once: int, sampler: Mapping[str, Any], seed: int) -> list[Trial]:
        """The next trials: those whose process is gone, then new ones while there are fewer than `total` in all.

        A sampler of its own for every trial, seeded by its number: an interrupted search goes on with the trials that
        it would have had, and no two processes draw the same ones.
        """
        with FileLock(self.folder / "lock"):
            begun = self.trials
            orphans = [each for each in begun if self._orphaned(each)]
            batch = [self._adopt(each) for each in orphans[:at_once]]
            for number in range(len(begun), total):
                if len(batch) < at_once:
                    self.optuna.sampler = built("sampler", {"seed": seed + number, **sampler})
                    batch += self._ask(space)
        return batch

    def tell(self, number: int, state: str, values: Sequence[float] = (), **facts: str) -> None:
        """How a trial ended; `facts` are kept with it."""
        self.storage.set_trial_user_attr(trial_id(self.storage, self.name, number), "ended", facts)
        self.optuna.tell(number, list(values) or None, state=STATES.get(state, TrialState.FAIL))

    def _ask(self, space: Space) -> list[Trial]:
        """A trial of a new point. That of an earlier one is not trained again but ends as that did: [].

        While the earlier one is still running it is given up: two processes must not train one run.
        """
        trial = self._half_asked() or self.optuna.ask()
        overrides = space.suggest(trial)
        same = [each for each in self.trials if overrides == overrides_of(each)]
        trial.set_user_attr("begun", {"driver": self.driver, "overrides": overrides})
        if not same:
            return [Trial(trial.number, overrides)]
        first = same[0]
        if not first.state.is_finished():
            self.tell(trial.number, "pruned", message=f"the same as trial {first.number}, which is running")
        else:
            values = first.values if first.state is TrialState.COMPLETE else ()
            self.tell(trial.number, first.state.name.lower(), values, **first.user_attrs["ended"])
        return []

    def _half_asked(self) -> optuna.Trial | None:
        """The trial of a process that was killed before it had noted what it asked for: nobody else has the lock."""
        for each in self.optuna.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
            if "begun" not in each.user_attrs:
                return optuna.Trial(self.optuna, trial_id(self.storage, self.name, each.number))
        return None

    def _adopt(self, orphan: FrozenTrial) -> Trial:
        number, overrides = orphan.number, overrides_of(orphan)
        facts = {"driver": self.driver, "overrides": overrides}
        self.storage.set_trial_user_attr(trial_id(self.storage, self.name, number), "begun", facts)
        return Trial(number, overrides)

    def _orphaned(self, trial: FrozenTrial) -> bool:
        driver = trial.user_attrs["begun"]["driver"]
        if trial.state is not TrialState.RUNNING or driver == self.driver:
            return False
        path = self.folder / driver
        try:
            with path.open("r+") as file:  # to write: else a network file system refuses the lock
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
        except FileNotFoundError:  # it ended before its trial, as by Ctrl-C
            return True
        except BlockingIOError:
            return False


def overrides_of(trial: FrozenTrial) -> list[str]:
    """The command line of its run. Raises ValueError when it is not one: the study may be a stranger's."""
    overrides = trial.user_attrs["begun"]["overrides"]
    if wrong := [each for each in overrides if not isinstance(each, str) or is_of_hydra(each)]:
        raise ValueError(f"trial {trial.number} of the study asks for {wrong[0]}, and may not say how Hydra runs")
    return overrides


def run_of(trial: FrozenTrial) -> str:
    """The directory of its run, or "" where none was begun."""
    return trial.user_attrs.get("ended", {}).get("run", "")


@lru_cache
def open_storage(url: str) -> BaseStorage:
    """sqlite:///FILE (or another database that Optuna knows), or journal:FILE."""
    if url.startswith("journal:"):
        return JournalStorage(JournalFileBackend(url.removeprefix("journal:")))
    patience = {"connect_args": {"timeout": 60}} if url.startswith("sqlite:") else {}
    return RDBStorage(url, engine_kwargs=patience)


def trial_id(storage: BaseStorage, study: str, number: int) -> int:
    """What the storage calls trial `number` of the study."""
    return storage.get_trial_id_from_study_id_trial_number(storage.get_study_id_from_name(study), number)
