"""What scripts/predict.py is given: a run, and image files. Free of torch, so that mistakes show at once."""

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from refnets.config.untrusted import printable, refuse_links
from refnets.data.files.named_files import EXTENSIONS, Skipped, files_in, image_files
from refnets.data.target import Boxes, Classes, Masks
from refnets.faults import nearest
from refnets.runs import Run

WRITTEN = ".overlay.png", ".mask.png"  # what the names of predicted pictures end in


def run_on_images(path: Path) -> Run:
    """The run in `path`. Raises ValueError when it is not a run, is not finished, or was not trained on images."""
    if not path.is_dir():
        siblings = [each.name for each in path.parent.glob("*") if each.is_dir()]
        raise ValueError(f"there is no folder {path}{nearest(path.name, siblings)}")
    if not (path / "config.yaml").is_file():
        inside = next(path.rglob("result.json"), None)
        example = f"as {inside.parent}" if inside else "as outputs/runs/EXPERIMENT/NAME is"
        raise ValueError(f"{path} is not the directory of a run, {example}")
    run = Run(path)
    refuse_links(run.path)
    if not run.finished:
        raise ValueError(f"{path} holds no finished run: type the command that trains it once more")
    target, shape = run.signature.target, run.signature.input_shape
    if len(shape) != 3 or shape[0] not in (1, 3) or not isinstance(target, Classes | Masks | Boxes):
        raise ValueError(f"{path} was trained on inputs of shape {shape} with targets {target}: no images")
    return run


def images(inputs: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Every image, and the name under which it is written: its own, in sub-folders as it lies in a folder of `inputs`.

    Files are taken whatever their names end in, of folders those that end as images do. Raises ValueError for none.
    """
    found = []
    for each in inputs:
        if each.is_dir():
            found += [(file, Path(os.path.abspath(each)).name / file.relative_to(each)) for file in _images_in(each)]
        else:
            found.append((each, Path(each.name)))
    times = Counter(name for _, name in found)
    if twice := [str(file) for file, name in found if times[name] > 1]:
        raise ValueError(
            f"{' and '.join(twice[:2])} would be written under one name: type them in commands of their own, each with"
            " --output FOLDER"
        )
    if not found:
        raise ValueError(f"no images in {', '.join(map(str, inputs))} ({' '.join(EXTENSIONS)})")
    return found


def _images_in(folder: Path) -> list[Path]:
    """Those in the folder and in its sub-folders, without the pictures that an earlier command has written there.

    What is passed over is told.
    """
    skipped: Skipped = defaultdict(list)
    files = image_files(files_in(folder), skipped)
    skipped["predicted overlay or mask"] = [str(file) for file in files if file.name.endswith(WRITTEN)]
    for reason, others in skipped.items():
        if others:
            print(printable(f"{folder}: {reason}: {len(others)}, as {others[0]}"), file=sys.stderr)
    return [file for file in files if not file.name.endswith(WRITTEN)]
