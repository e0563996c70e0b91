"""What the commands print: the catalogue, a report, and errors that say what to type."""

import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hydra.errors import CompactHydraException, HydraException
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from refnets.catalogue import Figure
from refnets.config.hints import hints
from refnets.config.untrusted import printable
from refnets.faults import EXPECTED
from refnets.processes.workers import launched
from refnets.runs import Run
from refnets.verdict import MARK, describe

COLORS = {"reproduced": "green", "differs": "red", "unchecked": "yellow", "not run": "dim"}


@contextmanager
def plain_errors(overrides: Sequence[str], rest: str = "the same command goes on with the rest") -> Iterator[None]:
    """Ends the command with a message and exit code 1, instead of a traceback, when the mistake is the user's.

    HYDRA_FULL_ERROR=1 in the environment brings the traceback back. Characters that the terminal does not know, as ✓,
    are printed by their names. `rest` says after Ctrl-C what becomes of what is not done.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="namereplace")
    try:
        yield
    except EXPECTED as error:
        if os.environ.get("HYDRA_FULL_ERROR"):
            raise
        message = printable(_message(error, overrides))
        if launched():  # the other runs of the sweep go on; the process that has launched it prints the message
            raise CompactHydraException(message) from None
        sys.exit(message)
    except KeyboardInterrupt:  # where nothing is trained; see trainer/fit.py
        print(f"interrupted; what is finished is kept, and {rest}", file=sys.stderr)
        sys.exit(130)


def _message(error: Exception, overrides: Sequence[str]) -> str:
    said = str(error)
    if said.startswith("error: "):  # by a process that was launched
        return said
    by_hydra = isinstance(error, HydraException) or said.startswith("Config group override")
    if by_hydra and (meant := hints(overrides, said)):
        return "error: " + "\n".join(meant)
    if by_hydra and isinstance(error.__cause__, OmegaConfBaseException):  # which value, and what is wrong with it
        said += f": {str(error.__cause__).splitlines()[0]}"
    return f"error: {said}"


def print_catalogue(figures: list[Figure]) -> list[str]:
    """Two lines per figure: how it is called, what it costs, its verdict; and its claim. Returns the verdicts."""
    console = Console(highlight=False)
    for figure in figures:
        verdict = figure.report["verdict"]
        console.print(
            f"[bold]{figure.number}[/]  {figure.name}  [dim]{figure.cost}[/]  [{COLORS[verdict]}]{verdict}[/]"
        )
        console.print(Padding(escape(figure.claim), (0, 0, 0, 4)))
    return [figure.report["verdict"] for figure in figures]


def print_run(run: Run, already: bool = False) -> None:
    """Where it is, and what it ended with; whether it was finished before: its data may have changed since."""
    final = ", ".join(f"{key} {value:.6g}" for key, value in run.result["final"].items())
    print(f"{run.path}: {final}", flush=True)
    if already:
        print("it was finished before, and nothing is trained; to train it anew, delete the folder", file=sys.stderr)


def print_reports(names: Sequence[str], reports: Iterable[dict[str, Any] | Exception]) -> list[str]:
    """All reports, and what went wrong with a figure. Returns the verdicts, "failed" for one that could not be drawn.

    Raises what went wrong with the only one, or what nobody expects.
    """
    verdicts = []
    for name, report in zip(names, reports, strict=True):
        if isinstance(report, EXPECTED) and len(names) > 1:  # as of data that are not here: the others are drawn
            print(printable(f"error: {name}: {str(report).removeprefix(f'{name} ')}"), file=sys.stderr)
            verdicts.append("failed")
        elif isinstance(report, Exception):
            raise report
        else:
            print_report(report)
            verdicts.append(report["verdict"])
    return verdicts


def print_report(report: dict[str, Any]) -> None:
    """The verdict and the numbers it rests on."""
    print(f"{report['source']}, {report['figure']}: {report['verdict']}")
    for row in report["numbers"]:
        print(f"  {MARK[row['verdict']]} {describe(row)}")
    if report["changed"]:
        print("  the runs differ from the figure's own: no verdict")
    elif report["partial"] and report["verdict"] == "unchecked":
        print("  the figure's runs are shortened: no verdict")
    print(f"  picture: {report['picture']}")
