import pytest

from refnets.figures.step_and_batch import draw


@pytest.fixture
def runs(tiny_run):
    def group(name, *errors):
        made = [tiny_run(f"{name} {error}", train_error=[90, error - 40], test_error=[90, error]) for error in errors]
        for run, width in zip(made, (10, 10, 20, 20), strict=True):
            run.config.model.width = width
        return made

    return {
        "rate 0.5": group("a", 48, 52, 40, 42),
        "rate 0.1": group("b", 51, 53, 43, 45),
        "batch 10": group("c", 50, 51, 45, 47),
    }


def test_errors_are_compared_at_each_width_with_those_of_later_groups(runs):
    panels = {"rate": ["rate 0.5", "rate 0.1"], "size": ["batch 10", "rate 0.1"]}
    saved = {name: number.values for name, number in draw(runs, panels=panels)[1].items() if "saved" in name}
    assert saved == {
        "error_saved_by_rate_0.5_over_rate_0.1": [2, 3],
        "error_saved_by_batch_10_over_rate_0.1": [1.5, -2],
    }


def test_the_narrowest_width_that_memorizes_has_a_mean_error_below_1_percent(runs):
    numbers = draw(runs, panels={"rate": ["rate 0.5", "rate 0.1"]})[1]
    assert numbers["narrowest_memorizing_width_with_rate_0.5"].values == []  # 1 % exactly at 20
    for run in runs["rate 0.1"][2:]:
        run.history["train_error"][-1] = 0.4
    assert draw(runs, panels={"": ["rate 0.1"]})[1]["narrowest_memorizing_width_with_rate_0.1"].values == [20]


def test_curves_are_named_by_what_sets_them_apart(runs):
    picture, _ = draw(runs, panels={"rate": ["rate 0.5", "rate 0.1"]})
    assert [text.get_text() for text in picture.axes[0].texts] == ["0.5", "0.1"]
