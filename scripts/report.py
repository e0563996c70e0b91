"""Writes RESULTS.md from the reports in outputs/figures and outputs/benchmark.json: scripts/report.py (no options)."""

import argparse
from pathlib import Path

from refnets.benchmarks.tables import kept
from refnets.catalogue import catalogue
from refnets.cli import plain_errors
from refnets.report import results


def main() -> None:
    """Writes the page into the current folder."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with plain_errors([]):
        Path("RESULTS.md").write_text(results(catalogue(), kept()), encoding="utf-8")
    print("RESULTS.md written")


if __name__ == "__main__":
    main()
