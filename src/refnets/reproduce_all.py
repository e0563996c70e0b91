"""Several figures: in this process, or wherever a launcher takes them."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from refnets.catalogue import load
from refnets.config.jobs import Job, jobs, once
from refnets.faults import EXPECTED
from refnets.processes.launch import elsewhere, launch
from refnets.reproduce import command_lines, reproduce
from refnets.runs import Run
from refnets.train_all import train_all_by


def reproduce_all(
    names: Sequence[str], overrides: Sequence[str] = (), where: Sequence[str] = ()
) -> Iterable[dict[str, Any] | Exception]:
    """The report of each figure, or what went wrong with it, see `reproduce`.

    `where` chooses a launcher, see processes/launch.py: it trains all runs of all figures first, so that no process
    waits at the end of a figure, and then draws them; a single one is drawn here. Raises what went wrong with the runs
    of a single one.
    """
    train, folder = train_all_by(where), Path("outputs")
    if elsewhere(*where):
        folder = _train_first(names, overrides, train)
    calls = [partial(reproduce, name, overrides) for name in names]
    return launch(calls, where if len(names) > 1 else [], folder / "sweeps")


def _train_first(names: Sequence[str], overrides: Sequence[str], train: Callable[[list[Job]], list[Run]]) -> Path:
    """Trains all runs of the figures, and returns the folder of what is written.

    What is wrong with one of several figures is said when it is drawn.
    """
    planned: list[Job] = []
    try:
        planned = _trainings(names, overrides)
        train(planned)
    except EXPECTED as error:
        if len(names) == 1:
            raise
        if not isinstance(error, FloatingPointError):  # nothing is trained: a figure lacks its data
            for name in names:
                with suppress(*EXPECTED):
                    train(_trainings([name], overrides))
    return Path(planned[0].cfg.outputs if planned else "outputs")


def _trainings(names: Sequence[str], overrides: Sequence[str]) -> list[Job]:
    """What `reproduce` would train for these figures, each once."""
    commands = [command for name in names for command in command_lines(load(name), overrides).values()]
    return once(job for command in commands for job in jobs(command))
