"""What a number depends on besides the configuration."""

import platform
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("refnets", "torch", "lightning", "numpy", "mnist1d")


def provenance() -> dict[str, Any]:
    """The versions, the commit of the project ("+" when files differ from it) and the command that was typed."""
    versions = {"python": platform.python_version()} | {package: version(package) for package in PACKAGES}
    return {"versions": versions, "commit": _commit(), "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])}


def _commit() -> str | None:
    command = ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    try:
        return subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):  # not a git checkout
        return None
