"""Several ways to do the same, timed in turn: what else the machine does meets all of them alike."""

from collections.abc import Callable, Mapping


def in_turn(ways: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each of the `ways` returns, as seconds, in each of the `rounds`; one round before them warms up."""
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(1 + rounds):
        for way, measure in ways.items():
            taken[way].append(measure())
    return {way: measured[1:] for way, measured in taken.items()}
