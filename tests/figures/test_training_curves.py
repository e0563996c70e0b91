import numpy as np
import pytest

from refnets.figures import style
from refnets.figures.training_curves import draw

PANEL = {"run": "mlp", "quantity": "error", "top": 100}


def test_numbers_are_measured_on_every_run(tiny_run):
    three = {"step": [0, 50, 100], "train_loss": [2, 1, 0], "lr": [1, 1, 1]}
    a = tiny_run("a", **three, train_error=[90, 5, 1], test_loss=[2, 1, 1.5], test_error=[90, 41, 39])
    b = tiny_run("b", **three, train_error=[90, 5, 3], test_loss=[2, 3, 4.0], test_error=[90, 43, 41])
    _, numbers = draw({"mlp": [a, b]}, panels=[PANEL], last=100)
    assert {name: number.values for name, number in numbers.items()} == {
        "mlp_test_error": [40, 42],
        "mlp_train_error": [3, 4],
        "mlp_lowest_test_loss": [1, 2],
        "mlp_final_test_loss": [1.25, 3.5],
        "mlp_step_of_lowest_test_loss": [50, 0],
        "mlp_final_over_lowest_test_loss": [1.25, 1.75],
        "mlp_parameters": [15210, 15210],
    }


def test_errors_on_the_way_are_those_of_their_steps(tiny_run):
    three = {"step": [0, 50, 100], "train_loss": [2, 1, 0], "train_error": [90, 5, 1], "test_loss": [2, 1, 1]}
    run = tiny_run("a", **three, test_error=[90, 41, 39], lr=[1, 1, 1])
    _, numbers = draw({"mlp": [run]}, panels=[PANEL], last=100, at=[50])
    assert numbers["mlp_test_error_at_50"].values == [41]
    assert numbers["mlp_train_error_at_50"].values == [5]


def test_curves_are_the_means_over_the_runs(tiny_run):
    runs = [tiny_run("a", test_error=[90, 38]), tiny_run("b", test_error=[80, 40])]
    picture, _ = draw({"mlp": runs}, panels=[PANEL], last=500)
    (curve,) = [line for line in picture.axes[0].lines if line.get_color() == style.TEST]
    assert curve.get_ydata() == pytest.approx(np.array([85, 39]))


def test_the_published_curve_lies_behind(tiny_run):
    published = {"error": {"test": {"step": [0, 3000, 6000], "value": [91, 39, 37]}}}
    picture, _ = draw({"mlp": [tiny_run()]}, panels=[{**PANEL, "published": "error"}], last=500, published=published)
    (curve,) = [line for line in picture.axes[0].lines if line.get_color() == style.PUBLISHED]
    assert list(curve.get_ydata()) == [91, 39, 37]
    assert curve.get_zorder() < min(line.get_zorder() for line in picture.axes[0].lines if line is not curve)


def test_axes_have_quantities_and_units(tiny_run):
    picture, _ = draw({"mlp": [tiny_run()]}, panels=[PANEL, {**PANEL, "quantity": "loss", "top": 3}], last=500)
    assert [ax.get_ylabel() for ax in picture.axes] == ["error (%)", "loss (nats)"]
    assert {ax.get_xlabel() for ax in picture.axes} == {"training step"}
