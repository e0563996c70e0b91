import json
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from refnets.figures.pretraining import draw_transfer
from refnets.runs import Run


@pytest.fixture
def group(job, tmp_path):
    """group("name", [[50, 40], [10, 8]]): finished runs of two seeds, with few examples and with all of them."""

    def make(name: str, errors: list[list[float]]) -> list[Run]:
        runs = []
        for share, row in zip((0.9, 0.0), errors, strict=True):
            for seed, error in enumerate(row):
                run = Run(Path(tmp_path, name, f"{share}-{seed}"))
                small = ["data.of.num_samples=500", f"data.of.validation={share}", "start=null"]
                run.create(OmegaConf.merge(job("experiment=mnist1d_four_classes", *small)[0], {"seed": seed}))
                (run.path / "result.json").write_text(json.dumps({"final": {"test_error": error}}))
                runs.append(run)
        return runs

    return make


def test_what_transfer_saves_is_the_difference_of_runs_of_one_seed(group):
    runs = {"six_digits": group("six", [[5, 6], [5, 6]]), "from_scratch": group("scratch", [[50, 40], [10, 8]])}
    runs |= {"head_only": group("head", [[30, 35], [20, 19]]), "fine_tuned": group("fine", [[40, 20], [9, 8]])}
    numbers = draw_transfer(runs)[1]
    assert numbers["head_only_saves_with_few"].values == [20, 5]
    assert numbers["fine_tuned_saves_with_few"].values == [10, 20]
    assert numbers["fine_tuned_saves_with_all"].values == [1, 0]
