import pytest

from refnets.benchmarks import loop


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(loop, "STEPS", 20)
    monkeypatch.setattr(loop, "EVAL_EVERY", 10)


def test_the_plain_loop_learns_what_the_run_learns(monkeypatch, job):
    """Not bit for bit: its batches are other ones."""
    evaluated, evaluate = [], loop._evaluate
    monkeypatch.setattr(loop, "_evaluate", lambda *args: evaluated.append(evaluate(*args)) or evaluated[-1])
    cfg, _ = job("experiment=mnist1d_mlp")
    splits = loop.build("data", cfg.data).splits
    loop._plain(cfg, splits, loop._sliced(splits["train"]))
    (first, _), *_, (last, _) = [evaluation[0] for evaluation in evaluated]
    assert len(evaluated) == 3
    assert last < first - 0.02


def test_all_ways_are_timed():
    assert {way: len(times) for way, times in loop.compare(rounds=1).items()} == {
        "plain loop": 1,
        "plain loop, DataLoader": 1,
        "refnets": 1,
    }


def test_stacks_are_timed():
    short = "steps=2", "eval_every=2"
    taken = loop.stacked({"one": short, "two": [*short, "seed=0,1"]}, rounds=1)
    assert {way: len(times) for way, times in taken.items()} == {"one": 1, "two": 1}
