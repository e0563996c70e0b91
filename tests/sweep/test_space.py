import optuna
import pytest
from hydra.errors import HydraException
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from refnets.sweep.space import Space


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("choice(mlp,cnn1d)", CategoricalDistribution(["mlp", "cnn1d"])),
        ("16,32", CategoricalDistribution([16, 32])),
        ("0.5,null,true", CategoricalDistribution([0.5, "null", True])),
        ("choice([5,3],[3,3])", CategoricalDistribution(["[5,3]", "[3,3]"])),
        ("range(20,100,20)", IntDistribution(20, 80, step=20)),
        ("range(1,9,3)", IntDistribution(1, 7, step=3)),
        ("range(0,0.5,0.25)", FloatDistribution(0.0, 0.25, step=0.25)),
        ("interval(0,1)", FloatDistribution(0.0, 1.0)),
        ("int(interval(8,64))", IntDistribution(8, 64)),
        ("tag(log,interval(1e-4,1))", FloatDistribution(1e-4, 1.0, log=True)),
        ("tag(log,int(interval(8,64)))", IntDistribution(8, 64, log=True)),
    ],
)
def test_the_syntax_of_hydra_becomes_a_distribution_of_optuna(text, expected):
    assert Space.of({"x": text}, {}, []).searched == {"x": expected}


@pytest.mark.parametrize("text", ["interval(1,0)", "tag(log,interval(0,1))", "range(3,1)", "glob(*)"])
def test_what_cannot_be_searched_is_named(text):
    with pytest.raises(HydraException, match="x="):
        Space.of({"x": text}, {}, [])


def test_the_command_line_wins():
    when = {"optimizer=adam": {"optimizer.lr": "interval(0,1)", "eps": 1e-5}}
    params = {"width": "choice(1,2)", "optimizer": "adam", "depth": 3}
    space = Space.of(params, when, ["width=7", "optimizer.lr=0.5", "depth=choice(1,2)"])
    assert space.fixed == {"optimizer": "optimizer=adam", "width": "width=7", "optimizer.lr": "optimizer.lr=0.5"}
    assert list(space.searched) == ["depth"]
    assert space.when["optimizer=adam"].fixed == {"eps": "eps=1e-05"}
    assert not space.when["optimizer=adam"].searched


def test_a_choice_brings_its_own_parameters():
    when = {
        "optimizer=adam": {"lr": "interval(0,1)"},
        "optimizer=sgd": {"lr": "interval(10,11)", "nesterov": "choice(true,false)"},
        "nesterov=True": {"momentum": "interval(0.8,0.9)"},
    }
    space = Space.of({"optimizer": "choice(adam,sgd)"}, when, [])
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    suggested = [dict(o.split("=") for o in space.suggest(study.ask())) for _ in range(20)]
    adam, sgd = ([each for each in suggested if each["optimizer"] == name] for name in ("adam", "sgd"))
    assert {*map(len, adam)} == {2}
    assert all(float(each["lr"]) <= 1 for each in adam)
    assert all(float(each["lr"]) >= 10 for each in sgd)
    assert all(("momentum" in each) == (each["nesterov"] == "True") for each in sgd)
    assert {each["nesterov"] for each in sgd} == {"True", "False"}


def test_a_point_is_known_under_every_condition():
    when = {"optimizer=adam": {"lr": "interval(0,1)"}, "optimizer=sgd": {"lr": "interval(0,2)"}}
    space = Space.of({"optimizer": "choice(adam,sgd)"}, when, [])
    study = optuna.create_study()
    study.enqueue_trial(space.point({"optimizer": "adam", "lr": 0.25}))
    assert space.suggest(study.ask()) == ["optimizer=adam", "lr=0.25"]


@pytest.mark.parametrize(
    ("choices", "condition"),
    [("choice(true,false)", "x=true"), ("choice(1e-3,1e-2)", "x=1e-3"), ("0.001,7", "x=0.001")],
)
def test_a_condition_is_met_however_it_is_spelt(choices, condition):
    space = Space.of({"x": choices}, {condition: {"y": 5}}, [])
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    assert {len(space.suggest(study.ask())) for _ in range(20)} == {1, 2}


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("optimiser=adam", "'optimiser=adam' is of a key that is not searched; did you mean 'optimizer'"),
        ("optimizer=adan", "'optimizer=adan', and optimizer is one of adam, sgd"),
    ],
)
def test_a_condition_that_no_trial_can_meet_is_refused(condition, message):
    with pytest.raises(ValueError, match=message):
        Space.of({"optimizer": "choice(adam,sgd)"}, {condition: {"lr": 5}}, [])


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"size": None}, {"size": "null"}), ({"size": [5, 3]}, {"size": "[5,3]"}), ({"width": 7}, {"width": 7})],
)
def test_a_point_is_what_the_study_stores(values, expected):
    assert Space.of({"size": "null,[5,3]", "width": "int(interval(5,9))"}, {}, []).point(values) == expected


PARAMS = {"width": "int(interval(5,9))", "optimizer": "choice(adam,sgd)"}
WHEN = {"optimizer=adam": {"lr": "interval(0,0.1)"}, "optimizer=sgd": {"lr": "interval(0.1,1)"}}
SPACE = Space.of(PARAMS, WHEN, [])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"widht": 7}, "widht is not searched; did you mean 'width'"),
        ({"width": 11}, "width=11 is not from 5 to 9"),
        ({"optimizer": "adan"}, "optimizer=adan is not one of adam, sgd"),
        ({"optimizer": "adam", "lr": 0.5}, "lr=0.5 is not from 0 to 0.1"),
    ],
)
def test_a_point_outside_the_space_is_refused(values, message):
    with pytest.raises(ValueError, match=f"first: {message}"):
        SPACE.point(values)


@pytest.mark.parametrize("typed", ["optimizer=adam", "width=7"])
def test_of_a_point_what_is_typed_is_settled(typed):
    space = Space.of(PARAMS, WHEN, [typed])
    settled = typed.partition("=")[0]
    assert settled not in space.point({"optimizer": "sgd", "width": 6, "lr": 0.3})
