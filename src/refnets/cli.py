"""What the commands print: the catalogue, a report, and errors that say what to type."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console
from rich.table import Table

from refnets.catalogue import PICTURES, Figure
from refnets.config import CONFIGS, GROUPS, flatten, nearest
from refnets.verdict import MARK, describe

EXPECTED = (ValueError, OSError, FloatingPointError, HydraException, OmegaConfBaseException)


@contextmanager
def plain_errors(overrides: Sequence[str]) -> Iterator[None]:
    """Ends the command with a message and exit code 1, instead of a traceback, when the mistake is the user's.

    HYDRA_FULL_ERROR=1 in the environment brings the traceback back.
    """
    try:
        yield
    except EXPECTED as error:
        if os.environ.get("HYDRA_FULL_ERROR"):
            raise
        sys.exit("\n".join([f"error: {error}", *hints(overrides)]))


def hints(overrides: Sequence[str]) -> list[str]:
    """What was probably meant by each override whose group option or key does not exist."""
    try:
        parsed = OverridesParser.create().parse_overrides([o for o in overrides if not o.startswith("-")])
    except HydraException:
        return []
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        keys = [*GROUPS, *flatten(OmegaConf.to_container(hydra.compose("train")))]
    found = []
    for override in parsed:
        key = override.key_or_group
        options = [path.stem for path in (CONFIGS / key).glob("*.yaml")]
        if key in GROUPS and options and str(override.value()) not in options:
            found.append(f"there is no {override.input_line}{nearest(str(override.value()), options)}")
        elif key not in keys and not override.is_add() and not override.is_delete() and not key.startswith("hydra"):
            found.append(f"there is no {key}{nearest(key, keys)}")
    return found


def print_catalogue(figures: list[Figure]) -> None:
    """A line per figure, to the terminal's width."""
    table = Table("number", "name", "claim", "cost", "verdict", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for figure in figures:
        verdict = figure.report["verdict"] + " (partial)" * figure.report.get("partial", False)
        table.add_row(figure.number, figure.name, figure.claim, figure.cost, verdict)
    Console().print(table)


def print_report(report: dict[str, Any]) -> None:
    """The verdict and the numbers it rests on."""
    print(f"{report['source']}, {report['figure']}: {report['verdict']}" + " (partial)" * report["partial"])
    for row in report["numbers"]:
        print(f"  {MARK[row['verdict']]} {describe(row)}")
    print(f"  picture: {PICTURES / report['figure']}.png")
