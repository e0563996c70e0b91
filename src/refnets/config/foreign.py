"""Configuration files of others: they say what is trained, and never what Hydra runs."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import hydra
from hydra._internal.utils import get_args_parser
from hydra.errors import HydraException

from refnets.config.composition import CONFIGS, GROUPS, choices_of, compose, quoted
from refnets.config.instructions import key_of
from refnets.config.untrusted import refuse_folder


def refuse_foreign_programs(arguments: Sequence[str]) -> None:
    """Raises ValueError when a configuration file that a command line of scripts/train.py chooses is more than data.

    To be called before Hydra reads the command line: it does what a file says of `hydra` before it calls us. What is
    wrong otherwise is left to Hydra to say.
    """
    known, rest = get_args_parser().parse_known_args(arguments)  # Hydra's: it takes abbreviations
    if known.config_name is not None or known.config_path is not None:
        raise ValueError("--config-name and --config-path: this command has configs/train.yaml; type --config-dir")
    if known.experimental_rerun is not None:
        raise ValueError("--experimental-rerun: the same command goes on with its run, or type it once more")
    overrides = [each for each in [*known.overrides, *rest] if "=" in each or each.startswith("~")]
    if several := [each for each in overrides if each.startswith("sweep=") and "," in each]:
        raise ValueError(f"{several[0]}: one sweep at a time")
    if globs := [each for each in overrides if "glob(" in each]:
        raise ValueError(f"{globs[0]}: type the names, or choice(a,b)")
    if known.config_dir is not None:
        folder = Path(known.config_dir)
        if not folder.is_dir():
            raise ValueError(f"--config-dir {folder}: there is no such folder in {Path.cwd()}")
        _refuse_foreign_groups(folder, overrides)
        refuse_folder(folder.absolute())
        overrides.append(f"hydra.searchpath=[{quoted(f'file://{folder.absolute()}')}]")
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
        group = key_of(override).partition("@")[0]
        if group not in GROUPS and (folder / group).is_dir():
            raise ValueError(f"{override}: {folder / group} should be one of {', '.join(GROUPS)}, as experiment")
