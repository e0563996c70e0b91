"""Measures speed; only the ratios, all within this one process, mean anything on another machine.

scripts/benchmark.py [--rounds 15]
"""

import argparse
from statistics import median


def main() -> None:
    """Prints five tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="repetitions, taken in turn (default 15)")
    rounds = parser.parse_args().rounds
    from refnets import benchmark, benchmark_double_descent, benchmark_launch  # imports torch: not for --help

    print(f"training the network of fig 8.2, one thread, median of {rounds} rounds in turn")
    taken = benchmark.compare(rounds)
    for way, times in taken.items():
        ratios = [ours / plain for ours, plain in zip(times, taken["plain loop"], strict=True)]
        fastest = min(times) / min(taken["plain loop"])
        print(f"  {way:24} {median(ratios):.2f} times the plain loop; fastest round against fastest {fastest:.2f}")

    print("seeds of it trained together, on all threads, median of 3 rounds in turn")
    together = benchmark.stacked((1, 8, 64), rounds=3)
    for number, times in together.items():
        print(f"  {number:2} runs {median(times) / median(together[1]):6.2f} times one run")

    print("some networks of the figure of notebook 8_3, a twentieth of its epochs, median of 3 rounds in turn")
    taken = benchmark_double_descent.compare(widths=(10, 40, 100), epochs=50, rounds=3)
    ratio = median(ours / theirs for ours, theirs in zip(taken["refnets"], taken["notebook"], strict=True))
    print(f"  widths 10, 40, 100       {ratio:.2f} times the notebook's loop")

    print("16 runs that cannot be stacked, median of 3 rounds in turn")
    long, short = (benchmark_launch.compare(16, steps, rounds=3) for steps in (3000, 1))
    speedup = median(alone / parallel for alone, parallel in zip(long["in turn"], long["joblib"], strict=True))
    print(f"  hydra/launcher=joblib    {speedup:.2f} times as fast, one process per core")
    for way, times in short.items():
        print(f"  {way:24} {median(times) / 16 * 1000:.0f} ms per run of one step")

    print("start-up")
    for command in (["scripts/train.py", "--help"], ["scripts/figure.py"], ["scripts/train.py", "trainer=smoke"]):
        print(f"  {' '.join(command):32} {benchmark.start_up(command):5.1f} s")


if __name__ == "__main__":
    main()
