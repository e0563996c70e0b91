"""Applies a trained network to images: scripts/predict.py RUN IMAGE...

examples (prefix each with `uv run`):
  scripts/predict.py outputs/runs/bccd_yolo/recipe-1a2b3c4d photo.jpg              one image
  scripts/predict.py outputs/runs/camvid_unet/recipe-1a2b3c4d street.png frames/   a file, and all images of a folder
  scripts/predict.py RUN frames/ --output frames-predicted                         where to write, else RUN/predictions

Written are NAME.overlay.png for each image, and predictions.csv and .json for all: the probabilities of classes, boxes
in pixels of the image, or the share of the pixels that each class has. With masks there is NAME.mask.png, too: the
value of a pixel is the number of its class.
"""

import argparse
import sys
from pathlib import Path

from refnets.cli import plain_errors
from refnets.config.untrusted import printable
from refnets.data.target import LEAST_SCORE
from refnets.inputs import images, run_on_images


def main() -> int:
    """The exit code: 1 if a file could not be read; the others are done all the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", metavar="RUN", type=Path, help="the directory of a finished run")
    parser.add_argument("images", metavar="IMAGE", type=Path, nargs="+", help="image files, or folders of them")
    parser.add_argument("--output", metavar="FOLDER", type=Path, help="where to write, by default RUN/predictions")
    least = f"of boxes, the least that is written (default {LEAST_SCORE})"
    parser.add_argument("--score", type=float, default=LEAST_SCORE, help=least)
    arguments = parser.parse_args()
    with plain_errors([], rest="the same command does it once more"):
        run, found = run_on_images(arguments.run), images(arguments.images)
        from refnets.predict import predict  # imports torch

        folder = arguments.output or arguments.run / "predictions"
        done, refused, seconds = predict(run, found, folder, arguments.score)
    for reason in refused:
        print(printable(f"error: {reason}"), file=sys.stderr)
    speed = f", {done / seconds:.3g} per second" if done else ""
    print(f"{done} of {len(found)} images{speed}: {folder}")
    return int(bool(refused))


if __name__ == "__main__":
    sys.exit(main())
