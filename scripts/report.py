"""Writes RESULTS.md from the reports in outputs/figures.

scripts/report.py            writes RESULTS.md
scripts/report.py --check    exits with 1 if RESULTS.md is not what it would write
"""

import argparse
import sys
from pathlib import Path

from refnets.catalogue import catalogue
from refnets.report import results

RESULTS = Path("RESULTS.md")


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    page = results(catalogue())
    if parser.parse_args().check:
        stale = not RESULTS.exists() or RESULTS.read_text() != page
        print(f"{RESULTS} is {'not what the reports say: type uv run scripts/report.py' if stale else 'up to date'}")
        return int(stale)
    RESULTS.write_text(page)
    print(f"{RESULTS}: {page.count('## ')} figures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
