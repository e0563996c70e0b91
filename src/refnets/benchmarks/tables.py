"""The tables of scripts/benchmark.py: speed, as ratios within one process, which alone mean anything elsewhere."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from refnets.files import as_json, write
from refnets.provenance import provenance

KEPT = Path("outputs/benchmark.json")
MEASURED = {"title", "lines", "versions", "commit", "command"}  # what there is of each table


def steps(_: Sequence[str]) -> Iterator[str]:
    """Training the network of fig 8.2, one thread, median of 15 rounds in turn."""
    from refnets.benchmarks import loop

    taken = loop.compare(rounds=15)
    for way, times in taken.items():
        ratios = [ours / plain for ours, plain in zip(times, taken["plain loop"], strict=True)]
        fastest = min(times) / min(taken["plain loop"])
        yield f"{way:24} {median(ratios):.2f} times the plain loop; fastest round against fastest {fastest:.2f}"


def stacks(_: Sequence[str]) -> Iterator[str]:
    """Seeds of it trained together, on all threads, median of 5 rounds in turn."""
    from refnets.benchmarks import loop

    ways = {f"{number} runs": [f"seed=range({number})"] for number in (1, 8, 64)}
    compiled = {"8 runs, compiled": ["seed=range(8)", "trainer.compile=true"]}
    compiled["a step of them"] = [*compiled["8 runs, compiled"], "steps=1", "eval_every=1"]  # which is to compile
    taken = {way: median(times) for way, times in loop.stacked(ways | compiled, rounds=5).items()}
    for way, seconds in taken.items():
        yield f"{way:24} {seconds / taken['1 runs']:.2f} times one run"


def descent(_: Sequence[str]) -> Iterator[str]:
    """Some networks of the figure of notebook 8_3, a twentieth of its epochs, median of 3 rounds in turn."""
    from refnets.benchmarks import double_descent

    taken = double_descent.compare(widths=(10, 40, 100), epochs=50, rounds=3)
    ratio = median(ours / theirs for ours, theirs in zip(taken["refnets"], taken["notebook"], strict=True))
    yield f"widths 10, 40, 100       {ratio:.2f} times the notebook's loop"


def images(overrides: Sequence[str]) -> Iterator[str]:
    """120 steps on images, by default of ResNet-20 on CIFAR-10, on all threads, median of 5 rounds in turn."""
    from refnets.benchmarks import images

    taken = images.compare(*overrides, rounds=5)
    for way, times in taken.items():
        ratio = median(each / plain for each, plain in zip(times, taken["plain loop"], strict=True))
        yield f"{way:24} {ratio:.3f} times the plain loop"


def detection(_: Sequence[str]) -> Iterator[str]:
    """YOLO-lite finds boxes in single images of 224 x 224, one thread, slowest and median of 15 rounds."""
    from refnets.benchmarks import images

    speeds = images.detections_per_second(rounds=15)
    yield f"{min(speeds):.0f} and {median(speeds):.0f} images per second on this machine"


def processes(_: Sequence[str]) -> Iterator[str]:
    """16 runs that cannot be stacked, median of 3 rounds in turn."""
    from refnets.benchmarks import launch

    long, short = (launch.compare(16, steps, rounds=3) for steps in (3000, 1))
    speedup = median(alone / parallel for alone, parallel in zip(long["in turn"], long["joblib"], strict=True))
    yield f"hydra/launcher=joblib    {speedup:.2f} times as fast, one process per core"
    for way, times in short.items():
        yield f"{way:24} {median(times) / 16 * 1000:.0f} ms per run of one step"


def start_up(_: Sequence[str]) -> Iterator[str]:
    """Seconds from typing a command to its end."""
    from refnets.benchmarks import launch

    for command in (["scripts/train.py", "--help"], ["scripts/figure.py"], ["scripts/train.py", "trainer=smoke"]):
        yield f"{' '.join(command):32} {launch.start_up(command):5.1f} s"


TABLES: dict[str, Callable[[Sequence[str]], Iterator[str]]] = {
    table.__name__: table for table in (steps, stacks, descent, images, detection, processes, start_up)
}


def measure(name: str, overrides: Sequence[str]) -> None:
    """Prints a table, line by line, and keeps it beside the others that were measured.

    One that lacks its data is told, and what was measured of it earlier stays. Raises ValueError when the kept tables
    cannot be read.
    """
    tables, lines = kept(), []
    title = TABLES[name].__doc__.removesuffix(".") + f" ({' '.join(overrides)})" * bool(overrides)
    print(title)
    try:
        for line in TABLES[name](overrides):
            print(f"  {line}", flush=True)
            lines.append(line)
    except OSError as error:
        print(f"  not measured: {error}")
        return
    measured = {" ".join([name, *overrides]): {"title": title, "lines": lines} | provenance()}
    KEPT.parent.mkdir(exist_ok=True)
    write(KEPT, as_json(tables | measured))


def kept() -> dict[str, dict[str, Any]]:
    """The tables that were measured last, with what they depend on. Raises ValueError when the file is damaged."""
    try:
        tables = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
        if missing := [name for name, table in tables.items() if not table.keys() >= MEASURED]:
            raise ValueError(f"{missing[0]} is no table")
        return tables
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{KEPT} cannot be read ({error}); delete it") from error
