import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fake_trials import SQLITE, Trials, make
from optuna.trial import TrialState

from refnets.sweep.algorithms import built
from refnets.sweep.search import objectives_of, search
from refnets.sweep.study import Study
from refnets.sweep.trial import Outcome

FAKE = Path(__file__).parent / "fake_trials.py"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "s"


def trials(folder, storage="journal:{}/study.log"):
    return Study(folder, "s", storage.format(folder), {"validation_error": "minimize"}).trials


def start(folder, total, **how):
    command = [sys.executable, str(FAKE), str(folder), str(total), json.dumps(how)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("storage", [SQLITE, "journal:{}/study.log"])
def test_the_same_command_goes_on_to_the_total_and_repeats_no_point(folder, storage):
    first, then, alone = Trials(folder), Trials(folder), Trials(folder / "alone")
    search(make(folder, storage=storage, n_trials=5), first)
    search(make(folder, storage=storage, n_trials=8), then)
    search(make(folder, storage=storage, n_trials=8), then)
    search(make(folder / "alone", n_trials=8), alone)
    points = [values["x"] for values in first.trained + then.trained]
    assert len({*points}) == len(points) == 8
    assert points == [values["x"] for values in alone.trained]


def test_a_killed_search_goes_on_where_it_was(folder):
    assert start(folder, 6, kill_in=2).wait() == -signal.SIGKILL
    assert [each.state for each in trials(folder, SQLITE)] == [TrialState.COMPLETE] * 2 + [TrialState.RUNNING]
    search(make(folder, n_trials=6, storage=SQLITE), Trials(folder))
    search(make(folder / "alone", n_trials=6), Trials(folder / "alone"))
    assert [each.values for each in trials(folder, SQLITE)] == [each.values for each in trials(folder / "alone")]
    trained = [(folder / "runs" / str(number) / "trained").read_text().splitlines() for number in range(6)]
    assert [len(lines) for lines in trained] == [1, 1, 2, 1, 1, 1]  # the interrupted one is taken up again
    assert trained[2][0] == trained[2][1]


def test_one_at_a_time_takes_up_all_that_were_killed(folder):
    storage = f"journal:{folder}/study.log"
    with Study(folder, "s", storage, {"validation_error": "minimize"}) as killed:
        found = make(folder, n_trials=3)
        assert len(killed.take(found.space, 2, 2, found.settings["sampler"], 0)) == 2
    search(found, Trials(folder))
    assert [each.state for each in trials(folder)] == [TrialState.COMPLETE] * 3


def test_a_search_killed_while_it_asks_for_a_trial_repeats_and_skips_none(folder):
    first = [{"x": 7.0}]
    with Study(folder, "s", f"journal:{folder}/study.log", {"validation_error": "minimize"}) as killed:
        killed.begin_with(first)
        killed.optuna.ask()
    search(make(folder, n_trials=3, first=first), Trials(folder))
    search(make(folder / "alone", n_trials=3, first=first), Trials(folder / "alone"))
    assert [each.params for each in trials(folder)] == [each.params for each in trials(folder / "alone")]


def test_two_processes_share_a_study(folder):
    both = [start(folder, 12, seconds=0.1, processes=2) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    done = trials(folder, SQLITE)
    assert [each.state for each in done] == [TrialState.COMPLETE] * 12
    assert len({each.user_attrs["begun"]["driver"] for each in done}) == 2
    assert len({each.params["x"] for each in done}) == 12
    assert all(len(path.read_text().splitlines()) == 1 for path in folder.glob("runs/*/trained"))


def test_the_best_is_reported_with_the_command_that_trains_it(folder, capsys):
    found = search(make(folder, arguments=["model=cnn1d"]), Trials(folder))
    (best,) = found["best"]
    assert best["values"]["validation_error"] == min(each.value for each in trials(folder))
    assert best["command"] == f"uv run scripts/train.py model=cnn1d x={best['parameters']['x']:.6g}"
    assert found["test"] == {"test_error": pytest.approx(best["values"]["validation_error"] + 1)}
    assert found["importance"]["validation_error"] == {"x": 1.0}
    assert best["command"] in capsys.readouterr().out
    assert {path.name for path in folder.glob("search.*")} == {"search.json", "search.png", "search.svg"}
    assert (folder / "trials" / "007" / "result.json").exists()


def test_a_failed_trial_counts_and_the_search_goes_on(folder, capsys):
    def answer(values):
        x = float(values["x"])
        return Outcome("failed", message="the loss is nan") if x > 9 else Outcome("complete", [x])

    found = search(make(folder, first=[{"x": 9.5}], n_trials=6), Trials(folder, answer))
    assert found["trials"]["failed"] >= 1
    assert sum(found["trials"].values()) == len(trials(folder)) == 6
    assert "trial 0 failed: the loss is nan" in capsys.readouterr().out


def test_when_most_fail_the_search_ends(folder):
    with pytest.raises(ValueError, match=r"5 of 5 trials failed .* at last: diverged"):
        search(make(folder), Trials(folder, lambda values: Outcome("failed", message="diverged")))


def test_a_configuration_that_is_refused_at_first_ends_the_search(folder):
    with pytest.raises(ValueError, match=r"^x: should be an integer$"):
        search(make(folder), Trials(folder, lambda values: Outcome("refused", message="x: should be an integer")))
    assert len(trials(folder)) == 1


def test_a_finished_point_is_not_trained_again(folder):
    fake = Trials(folder)
    found = search(make(folder, params={"x": "choice(1,2)"}), fake)
    assert len(fake.trained) == 2
    assert found["trials"]["complete"] == 8


def test_several_trials_are_trained_at_once(folder):
    batches = []

    class Counting(Trials):
        def __call__(self, batch):
            batches.append(len(batch))
            return super().__call__(batch)

    search(make(folder, n_jobs=3), Counting(folder))
    assert batches == [3, 3, 2]


def test_trials_that_run_at_once_have_different_points(folder):
    fake = Trials(folder)
    found = search(make(folder, params={"x": "choice(1,2)"}, n_jobs=4), fake)
    assert sorted(each["x"] for each in fake.trained) == ["1", "2"]
    assert sum(found["trials"].values()) == 8
    assert found["best"][0]["parameters"]["x"] == 2


def test_the_recipe_by_hand_is_tried_first(folder):
    fake = Trials(folder)
    search(make(folder, first=[{"x": 2.5}], n_trials=2), fake)
    assert fake.trained[0] == {"x": "2.5"}


@pytest.mark.parametrize("sampler", ["BruteForceSampler", "GridSampler"])
def test_a_sampler_that_has_tried_all_ends_no_search(folder, sampler):
    how = {"_target_": f"optuna.samplers.{sampler}"} | ({"search_space": {"x": [1, 2]}} if sampler[0] == "G" else {})
    found = search(make(folder, params={"x": "choice(1,2)"}, sampler=how, n_trials=4), Trials(folder))
    assert found["trials"]["complete"] == 4


@pytest.mark.parametrize("storage", ["study.db", "sqlite:///{}/nowhere/study.db"])
def test_a_storage_that_cannot_be_opened_is_named(folder, storage):
    with pytest.raises(ValueError, match="hydra.sweeper.storage=.* cannot be opened"):
        search(make(folder, storage=storage), Trials(folder))


def test_a_damaged_study_is_named(folder):
    folder.mkdir()
    (folder / "study.db").write_text("no database")
    with pytest.raises(ValueError, match="hydra.sweeper.storage=.* cannot be opened"):
        search(make(folder, storage=SQLITE), Trials(folder))


def test_what_is_to_be_large_is_maximized(folder):
    how = {"params": {"x": "choice(1,7)"}, "objectives": {"validation_error": "maximize"}}
    found = search(make(folder, **how, first=[{"x": 1}, {"x": 7}], n_trials=2), Trials(folder))
    assert found["best"][0]["parameters"]["x"] == 7  # (x - 3)^2 is 4 and 16


def test_without_a_complete_trial_no_picture_is_named(folder, capsys):
    failing = Trials(folder, answer=lambda _: Outcome("failed", message="the loss is nan"))
    search(make(folder, n_trials=2, max_failure_rate=1), failing)
    assert "search.png" not in capsys.readouterr().out


def test_of_equal_trials_the_first_is_the_best(folder):
    fake = Trials(folder, lambda _: Outcome("complete", [1.0]))
    found = search(make(folder, n_trials=3), fake)
    assert [best["trial"] for best in found["best"]] == [0]
    assert "test" in found


def test_of_two_objectives_the_unbeaten_trials_are_reported(folder):
    objectives = {"validation_error": "minimize", "parameters": "minimize"}
    values = {"1": [1, 3], "2": [2, 2], "3": [3, 3], "4": [3, 1]}
    fake = Trials(folder, lambda chosen: Outcome("complete", values[chosen["x"]]))
    found = search(make(folder, params={"x": "choice(1,2,3,4)"}, objectives=objectives, n_trials=30), fake)
    assert sorted(best["parameters"]["x"] for best in found["best"]) == [1, 2, 4]
    assert "test" not in found
    assert (folder / "search.png").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"objective": "test_error"}, "the test split is no measure of it; type .*objective=validation_error"),
        ({"objective": ["validation_loss", "test_loss"]}, "objective=test_loss"),
        ({"direction": "minimise"}, "direction=minimise: .*; did you mean 'minimize'?"),
        ({"direction": ["minimize", "maximize"]}, "1 names, direction=.* 2"),
    ],
)
def test_what_may_not_be_chosen_by_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        objectives_of({"objective": "validation_error", "direction": "minimize"} | settings)


@pytest.mark.parametrize(
    "target", ["os.system", "optuna.samplers.TPESampelr", "optuna.samplers._tpe.sampler.TPESampler"]
)
def test_only_samplers_of_optuna_are_built(target):
    with pytest.raises(ValueError, match=r"is none of optuna\.samplers"):
        built("sampler", {"_target_": target})


def test_a_package_that_a_sampler_needs_is_missed_before_the_first_trial(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="CmaEsSampler needs cmaes, .* `uv run --extra sweep --with cmaes`"):
        built("sampler", {"_target_": "optuna.samplers.CmaEsSampler"})


def test_a_study_of_other_objectives_is_not_mixed_with(folder):
    search(make(folder, n_trials=1), Trials(folder))
    with pytest.raises(ValueError, match="is a study of .*validation_error.* already"):
        search(make(folder, objectives={"validation_loss": "minimize"}), Trials(folder))
