"""Reproduces figures: trains what is missing, draws, judges.

examples (prefix each with `uv run`):
  scripts/figure.py                          the catalogue: every figure, its claim, cost and verdict
  scripts/figure.py 8.2                      one figure, by its number in the notes or by its name
  scripts/figure.py "section 11.2"           what has spaces, in quotes
  scripts/figure.py 8.2 10.8 seed=0,1        two of them, with values for scripts/train.py
  scripts/figure.py chapter=5,7              all figures of two chapters; 5.11: all rows of that table
  scripts/figure.py 10.8 trainer=smoke       20 steps only: a partial picture that proves nothing but that it runs
  scripts/figure.py 8.10 hydra/launcher=joblib     in parallel processes; needs uv run --extra joblib
  scripts/figure.py all --check              everything that needs no GPU; exit code 1 if a verdict is "differs"
"""

import argparse
import sys

from refnets.catalogue import catalogue, find
from refnets.cli import plain_errors, print_catalogue, print_reports
from refnets.config.instructions import is_of_hydra
from refnets.data_parallel.join import join


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="*", metavar="FIGURE or key=value", help="names, numbers, overrides; or: all")
    parser.add_argument("--check", action="store_true", help='exit with 1 if a verdict is "differs"')
    arguments = parser.parse_args()
    typed = [word for word in arguments.figures if "=" in word and not word.startswith("chapter=")]
    words = [word for word in arguments.figures if word not in typed]
    where = [word for word in typed if is_of_hydra(word)]  # it is computed, in processes or on a cluster
    overrides = [word for word in typed if word not in where]
    with plain_errors(typed):
        names = list(dict.fromkeys(name for word in words for name in find(word)))
        if typed and not names:
            raise ValueError(f"{typed[0]} of which figure? type its number or name too, or: all")
        if not names:
            verdicts = print_catalogue(catalogue())
        else:
            from refnets.reproduce_all import reproduce_all  # matplotlib takes a second: not for the catalogue

            verdicts = print_reports(names, reproduce_all(names, overrides, where))
    return int("failed" in verdicts or (arguments.check and "differs" in verdicts))


if __name__ == "__main__":
    join()
    sys.exit(main())
