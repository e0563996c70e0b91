"""What a number depends on besides the configuration."""

import platform
import shlex
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("refnets", "torch", "lightning", "numpy", "mnist1d")


def provenance() -> dict[str, Any]:
    """The versions, the commit of the project ("+": code or configurations differ) and the command typed."""
    versions = {"python": platform.python_version()} | {package: version(package) for package in PACKAGES}
    return {"versions": versions, "commit": _commit(), "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])}


@cache
def _commit() -> str | None:
    """That of the first run of this process: what it has loaded does not change later."""

    def git(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)

    try:
        changed = git("diff", "--quiet", "HEAD", "--", "src", "configs").returncode == 1
        return git("rev-parse", "--short=12", "HEAD").stdout.strip() + "+" * changed or None
    except OSError:  # there is no git here
        return None
