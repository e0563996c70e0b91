"""Measures speed; only the ratios, all within this one process, mean anything on another machine.

examples (prefix each with `uv run`):
  scripts/benchmark.py                    all tables
  scripts/benchmark.py steps stacks       some of them
  scripts/benchmark.py images trainer=cuda model=resnet model.depth=18     another network, elsewhere

What it prints is kept in outputs/benchmark.json, from which scripts/report.py has it. Let nothing else run meanwhile.
"""

import argparse

from refnets.benchmarks.tables import TABLES, measure
from refnets.cli import plain_errors


def main() -> None:
    """Prints and keeps the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE or key=value", help=", ".join(TABLES))
    words = parser.parse_args().tables
    overrides = [word for word in words if "=" in word]
    names = [word for word in words if word not in overrides] or list(TABLES)
    if unknown := set(names) - set(TABLES):
        parser.error(f"there is no table {', '.join(unknown)}; there are {', '.join(TABLES)}")
    if overrides and names != ["images"]:
        parser.error(f"{overrides[0]} is for the table images alone: scripts/benchmark.py images {' '.join(overrides)}")
    with plain_errors(overrides, rest="the same command measures all of it once more"):
        for name in names:
            measure(name, overrides)


if __name__ == "__main__":
    main()
