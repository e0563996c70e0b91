"""The figures there are, found by their claim or by their number in the notes. Free of torch."""

import json
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import hydra
from omegaconf import OmegaConf

from refnets.config.arguments import check_arguments
from refnets.config.composition import CONFIGS
from refnets.config.untrusted import refuse_folder
from refnets.faults import nearest
from refnets.verdict import MARK, Bounds

PICTURES = Path("outputs/figures")
REPORTED = {"numbers", "command", "commit", "versions", "seconds", "device", "runs"}  # what report.py reads


@dataclass
class Figure:
    """A claim of the notes as configs/figure/<name>.yaml states it."""

    name: str
    title: str
    source: str  # where the notes make the claim: "fig 8.2"
    claim: str
    cost: str  # time on 2 CPU cores
    draw: str  # dotted path of the drawing function
    runs: dict[str, str] = field(default_factory=dict)  # name -> a command line of scripts/train.py
    params: dict[str, Any] = field(default_factory=dict)  # further arguments of the drawing function
    expected: dict[str, Bounds] = field(default_factory=dict)  # a number that `draw` measures -> what it should be
    differs: list[str] = field(default_factory=list)  # how the recipe deviates from the published one
    partial: bool = False  # its runs are shorter than the published ones: so it is never called reproduced

    @property
    def number(self) -> str:
        """The source without "fig": "8.2"."""
        return self.source.removeprefix("fig ")

    @property
    def chapter(self) -> str:
        """The first number of the source: "8"."""
        return re.search(r"\d+", self.source)[0]

    @property
    def on_gpu(self) -> bool:
        """Whether a run of it asks for one: it would take days without."""
        return any("trainer=cuda" in command.split() for command in self.runs.values())

    @cached_property
    def report(self) -> dict[str, Any]:
        """What the latest reproduction found, see reproduce.py. Raises ValueError when the file is damaged."""
        path = PICTURES / f"{self.name}.json"
        if not path.exists():
            return {"verdict": "not run", "numbers": []}
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
            if report["verdict"] not in MARK:
                raise ValueError(f"the verdict {report['verdict']}")
            if missing := REPORTED - report.keys():
                raise ValueError(f"no {', '.join(sorted(missing))}")
        except (ValueError, RecursionError, TypeError, KeyError) as error:
            kind = type(error).__name__
            raise ValueError(f"{path} cannot be read ({kind}: {error}); delete it and draw the figure again") from error
        return report


def load(name: str) -> Figure:
    """The figure of configs/figure/<name>.yaml, composed by Hydra so that it can name options of other groups."""
    with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return _figure(name, OmegaConf.to_container(hydra.compose(f"figure/{name}").figure))


def catalogue() -> list[Figure]:
    """All figures in the order of the notes, as their files state them."""
    refuse_folder(CONFIGS)
    files = (CONFIGS / "figure").glob("*.yaml")
    figures = [_figure(file.stem, _read(file, file.stat().st_mtime_ns)) for file in files]
    return sorted(figures, key=lambda figure: ([int(n) for n in re.findall(r"\d+", figure.source)], figure.source))


@cache
def _read(file: Path, changed: int) -> dict[str, Any]:
    """What is in the file that was `changed` then; a command asks twice, and to read all files takes a second."""
    return OmegaConf.to_container(OmegaConf.load(file))


def find(word: str) -> list[str]:
    """The names of the figures that `word` stands for, in the order of the notes.

    A name; a number such as 8.2, also of several figures (5.11 is all rows of that table); chapter=2,3 or all, without
    those that need a GPU. Raises ValueError with the nearest one.
    """
    figures = catalogue()
    word = re.sub(r"^fig(ure)?[. ]*(?=\d)", "", word, flags=re.IGNORECASE)
    if found := [figure.name for figure in figures if _is_called(figure, word.lower())]:
        return found
    if word.startswith("chapter"):
        chapters = ", ".join(dict.fromkeys(figure.chapter for figure in figures))
        raise ValueError(f"there are no figures of {word!r}: type chapter=5 or chapter=5,6, of {chapters}")
    known = [each for figure in figures for each in (figure.name, figure.number)]
    raise ValueError(f"there is no figure {word!r}{nearest(word, known)}; scripts/figure.py lists them all")


def _is_called(figure: Figure, word: str) -> bool:
    key, _, chapters = word.partition("=")
    if key == "chapter" or word == "all":
        return not figure.on_gpu and (word == "all" or figure.chapter in chapters.split(","))
    numbers = figure.number.replace(",", "").split()  # "5.11 row 3", "10.9, 10.10", "section 11.2"
    called = [each for each in numbers if "." in each] if numbers[0][0].isdigit() else []
    return word in (figure.name, figure.number.lower(), figure.source.lower(), *called)


def _figure(name: str, content: dict[str, Any]) -> Figure:
    content = {key: value for key, value in content.items() if key != "defaults"}
    path = f"configs/figure/{name}.yaml: "
    check_arguments(path, Figure, {"name": name, **content, "expected": {}})
    for number, bounds in content.get("expected", {}).items():
        check_arguments(f"{path}expected.{number}.", Bounds, bounds)
    expected = {number: Bounds(**bounds) for number, bounds in content.get("expected", {}).items()}
    return Figure(name=name, **content | {"expected": expected})
