"""Measures speed; only the ratios, all within this one process, mean anything on another machine.

examples (prefix each with `uv run`):
  scripts/benchmark.py                    all tables
  scripts/benchmark.py steps stacks       some of them
"""

import argparse
from collections.abc import Callable
from statistics import median


def steps() -> None:
    """Training the network of fig 8.2, one thread, median of 15 rounds in turn."""
    from refnets.benchmarks import loop as benchmark

    taken = benchmark.compare(rounds=15)
    for way, times in taken.items():
        ratios = [ours / plain for ours, plain in zip(times, taken["plain loop"], strict=True)]
        fastest = min(times) / min(taken["plain loop"])
        print(f"  {way:24} {median(ratios):.2f} times the plain loop; fastest round against fastest {fastest:.2f}")


def stacks() -> None:
    """Seeds of it trained together, on all threads, median of 5 rounds in turn."""
    from refnets.benchmarks import loop as benchmark

    ways = {f"{number} runs": [f"seed=range({number})"] for number in (1, 8, 64)}
    compiled = {"8 runs, compiled": ["seed=range(8)", "trainer.compile=true"]}
    compiled["a step of them"] = [*compiled["8 runs, compiled"], "steps=1", "eval_every=1"]  # which is to compile
    taken = {way: median(times) for way, times in benchmark.stacked(ways | compiled, rounds=5).items()}
    for way, seconds in taken.items():
        print(f"  {way:24} {seconds / taken['1 runs']:.2f} times one run")


def descent() -> None:
    """Some networks of the figure of notebook 8_3, a twentieth of its epochs, median of 3 rounds in turn."""
    from refnets.benchmarks import double_descent as benchmark_double_descent

    taken = benchmark_double_descent.compare(widths=(10, 40, 100), epochs=50, rounds=3)
    ratio = median(ours / theirs for ours, theirs in zip(taken["refnets"], taken["notebook"], strict=True))
    print(f"  widths 10, 40, 100       {ratio:.2f} times the notebook's loop")


def images() -> None:
    """24 steps of ResNet-20 on CIFAR-10, on all threads, median of 5 rounds in turn."""
    from refnets.benchmarks import images as benchmark_images

    try:
        taken = benchmark_images.compare(rounds=5)
    except OSError as error:
        print(f"  not measured: {error}")
        return
    for way, times in taken.items():
        ratio = median(each / plain for each, plain in zip(times, taken["plain loop"], strict=True))
        print(f"  {way:24} {ratio:.3f} times the plain loop")


def detection() -> None:
    """YOLO-lite finds boxes in single images of 224 x 224, one thread, slowest and median of 15 rounds."""
    from refnets.benchmarks import images as benchmark_images

    speeds = benchmark_images.detections_per_second(rounds=15)
    print(f"  {min(speeds):.0f} and {median(speeds):.0f} images per second on this machine")


def processes() -> None:
    """16 runs that cannot be stacked, median of 3 rounds in turn."""
    from refnets.benchmarks import launch as benchmark_launch

    long, short = (benchmark_launch.compare(16, steps, rounds=3) for steps in (3000, 1))
    speedup = median(alone / parallel for alone, parallel in zip(long["in turn"], long["joblib"], strict=True))
    print(f"  hydra/launcher=joblib    {speedup:.2f} times as fast, one process per core")
    for way, times in short.items():
        print(f"  {way:24} {median(times) / 16 * 1000:.0f} ms per run of one step")


def start_up() -> None:
    """Seconds from typing a command to its end."""
    from refnets.benchmarks import loop as benchmark

    for command in (["scripts/train.py", "--help"], ["scripts/figure.py"], ["scripts/train.py", "trainer=smoke"]):
        print(f"  {' '.join(command):32} {benchmark.start_up(command):5.1f} s")


TABLES: dict[str, Callable[[], None]] = {
    table.__name__: table for table in (steps, stacks, descent, images, detection, processes, start_up)
}


def main() -> None:
    """Prints the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=", ".join(TABLES))
    names = parser.parse_args().tables or list(TABLES)
    if unknown := set(names) - set(TABLES):
        parser.error(f"there is no table {', '.join(unknown)}; there are {', '.join(TABLES)}")
    for name in names:
        print(TABLES[name].__doc__)
        TABLES[name]()


if __name__ == "__main__":
    main()
