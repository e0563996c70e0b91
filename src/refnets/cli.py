"""What the commands print: the catalogue, a report, and errors that say what to type."""

import io
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import CompactHydraException, HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console
from rich.padding import Padding
from yaml import YAMLError

from refnets.catalogue import Figure
from refnets.config import CONFIGS, GROUPS, choices_of, compose, flatten, hydra_aside, nearest
from refnets.runs import Run
from refnets.untrusted import printable, refuse_folder
from refnets.verdict import MARK, describe
from refnets.workers import launched

EXPECTED = (ValueError, OSError, MemoryError, FloatingPointError, HydraException, OmegaConfBaseException, YAMLError)
# hydra/launcher=NAME -> the extra of pyproject.toml that installs it
LAUNCHERS = {"joblib": "joblib", "submitit_slurm": "slurm", "submitit_local": "slurm", "ray": "ray"}
COLORS = {"reproduced": "green", "differs": "red", "unchecked": "yellow", "not run": "dim"}


@contextmanager
def plain_errors(overrides: Sequence[str]) -> Iterator[None]:
    """Ends the command with a message and exit code 1, instead of a traceback, when the mistake is the user's.

    HYDRA_FULL_ERROR=1 in the environment brings the traceback back. Characters that the terminal does not know, as ✓,
    are printed by their names.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="namereplace")
    try:
        yield
    except EXPECTED as error:
        if os.environ.get("HYDRA_FULL_ERROR"):
            raise
        lines = [f"error: {error}", *(hints(overrides) if isinstance(error, HydraException) else [])]
        message = printable("\n".join(lines))
        if launched():  # the other runs of the sweep go on; in the end Hydra prints the message
            raise CompactHydraException(message) from None
        sys.exit(message)
    except KeyboardInterrupt:  # where nothing is trained; see fit.py
        print("interrupted; what is finished is kept, and the same command goes on with the rest", file=sys.stderr)
        sys.exit(130)


def refuse_foreign_programs(arguments: Sequence[str]) -> None:
    """Raises ValueError when a configuration file that a command line of scripts/train.py chooses is more than data.

    To be called before Hydra reads the command line: it does what a file says of `hydra` before it calls us. What is
    wrong otherwise is left to Hydra to say.
    """
    known, rest = get_args_parser().parse_known_args(arguments)  # Hydra's: it takes abbreviations
    if known.config_name or known.config_path:
        raise ValueError("--config-name and --config-path: this command has configs/train.yaml; type --config-dir")
    overrides = [each for each in [*known.overrides, *rest] if "=" in each or each.startswith("~")]
    if globs := [each for each in overrides if "glob(" in each]:
        raise ValueError(f"{globs[0]}: type the names, or choice(a,b)")
    if known.config_dir:
        folder = Path(known.config_dir)
        if not folder.is_dir():
            raise ValueError(f"--config-dir {folder}: there is no such folder in {Path.cwd()}")
        _refuse_foreign_groups(folder, overrides)
        refuse_folder(folder.absolute())
        overrides.append(f"hydra.searchpath=['file://{folder.absolute()}']")
    with suppress(HydraException), hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        for job in choices_of(overrides):
            compose(job)


def _refuse_foreign_groups(folder: Path, overrides: Sequence[str]) -> None:
    """Raises ValueError for an option of a group that this project does not have, and for any of Hydra's own.

    What is in such files nobody looks at.
    """
    if (folder / "hydra").exists():
        raise ValueError(f"{folder / 'hydra'}: only the command line says how Hydra runs; delete it")
    for override in overrides:
        group = override.lstrip("+~").partition("=")[0].partition("@")[0]
        if group not in GROUPS and (folder / group).is_dir():
            raise ValueError(f"{override}: {folder / group} should be one of {', '.join(GROUPS)}, as experiment")


def hints(overrides: Sequence[str]) -> list[str]:
    """What was probably meant by each override of a command line that Hydra refused."""
    try:
        parsed = OverridesParser.create().parse_overrides([o for o in overrides if not o.startswith("-")])
        return [hint for override in parsed for hint in _hints(override, _keys(parsed))]
    except Exception:  # a hint must never hide Hydra's own message
        return []


def _hints(override: Override, keys: list[str]) -> Iterator[str]:
    key = override.key_or_group
    if key == "hydra/launcher":
        yield from _missing_launcher(str(override.value()))
    elif key == "start" and isinstance(override.value(), str):
        yield from hints(shlex.split(override.value()))
    elif key in GROUPS:
        for choice in _choices(override):
            if choice not in (options := _options(key)):
                yield f"there is no {key}={choice}{nearest(choice, options)}"
    elif key not in keys and not (override.is_add() or override.is_delete() or key.startswith("hydra")):
        yield f"there is no {key}{nearest(key, keys)}"


def _missing_launcher(name: str) -> Iterator[str]:
    if f"{name}.yaml" not in ConfigStore.instance().list("hydra/launcher"):
        if extra := LAUNCHERS.get(name):
            yield f"hydra/launcher={name} is not installed: begin the command with `uv run --extra {extra}`"
        else:
            yield f"there is no hydra/launcher={name}{nearest(name, ['basic', *LAUNCHERS])}"


def _keys(parsed: list[Override]) -> list[str]:
    """All keys of the configuration with those options of `parsed` that exist."""
    exist = [o for o in parsed if o.key_or_group in GROUPS and set(_choices(o)) <= set(_options(o.key_or_group))]
    chosen = [f"{override.get_key_element()}={_choices(override)[0]}" for override in exist]
    with hydra_aside(), hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return [*GROUPS, *flatten(OmegaConf.to_container(hydra.compose("train", chosen)))]


def _choices(override: Override) -> list[str]:
    return list(override.sweep_string_iterator()) if override.is_sweep_override() else [str(override.value())]


def _options(group: str) -> list[str]:
    return [path.stem for path in (CONFIGS / group).glob("*.yaml")]


def print_catalogue(figures: list[Figure]) -> None:
    """Two lines per figure: how it is called, what it costs, its verdict; and its claim."""
    console = Console(highlight=False)
    for figure in figures:
        verdict = figure.report["verdict"]
        console.print(
            f"[bold]{figure.number}[/]  {figure.name}  [dim]{figure.cost}[/]  [{COLORS[verdict]}]{verdict}[/]"
        )
        console.print(Padding(figure.claim, (0, 0, 0, 4)))


def print_run(run: Run) -> None:
    """Where it is, and what it ended with."""
    final = ", ".join(f"{key} {value:.6g}" for key, value in run.result["final"].items())
    print(f"{run.path}: {final}", flush=True)


def print_report(report: dict[str, Any]) -> None:
    """The verdict and the numbers it rests on."""
    print(f"{report['source']}, {report['figure']}: {report['verdict']}")
    for row in report["numbers"]:
        print(f"  {MARK[row['verdict']]} {describe(row)}")
    if report["changed"]:
        print("  the runs differ from the figure's own: no verdict")
    print(f"  picture: {report['picture']}")
