import pytest

from refnets.figures.depth import draw, measure


def test_differences_are_between_the_last_errors_of_the_same_seed(tiny_run):
    deep = [tiny_run("a", train_error=[90, 30], test_error=[90, 50])]
    shallow = [tiny_run("b", train_error=[90, 20], test_error=[90, 45]), tiny_run("c", test_error=[90, 1])]
    numbers = measure({"deep": deep, "shallow": shallow})
    assert numbers["deep_minus_shallow_train_error"].values == [10]
    assert numbers["deep_minus_shallow_test_error"].values == [5]
    assert numbers["shallow_test_error"].values == [45, 1]
    assert numbers["deep_parameters"].values == [15210]


def test_the_training_loss_is_compared_as_well(tiny_run):
    numbers = measure({"deep": [tiny_run("a", train_loss=[2, 1.5])], "shallow": [tiny_run("b", train_loss=[2, 1])]})
    assert numbers["deep_minus_shallow_train_loss"].values == [0.5]
    assert numbers["deep_train_loss"].unit == "nats"


def test_a_panel_shows_the_mean_error_of_each_depth_the_least_deep_dashed(tiny_run):
    runs = {
        "deep": [tiny_run("a", test_error=[90, 50])],
        "shallow": [tiny_run("b"), tiny_run("c", test_error=[90, 42])],
    }
    picture, _ = draw(runs, panels={"plain": {20: "shallow", 56: "deep"}}, top=100)
    (ax,) = picture.axes
    assert [text.get_text() for text in ax.texts] == ["test 20", "train 20", "test 56", "train 56"]
    shallow, _, deep, _ = ax.lines
    assert shallow.get_ydata() == pytest.approx([90, 40])
    assert (shallow.get_linestyle(), deep.get_linestyle()) == ("--", "-")
