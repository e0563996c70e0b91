import itertools
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from refnets.cli import plain_errors
from refnets.config.build import build
from refnets.config.check import check
from refnets.config.foreign import refuse_foreign_programs
from refnets.config.untrusted import LARGEST, printable, read_yaml, refuse_values

MLP = {"_target_": "refnets.models.mlp.MLP", "width": 3, "depth": 1, "activation": "relu", "init": "default"}
EVIL = {"_target_": "pathlib.Path.touch", "self": "SENTINEL"}
UNET = {"_target_": "refnets.models.backbone_unet.BackboneUNet", "width": 8, "init": "default"}

NODES = {
    "a program": (
        "model",
        {"_target_": "os.system", "command": "touch SENTINEL"},
        "model._target_=os.system: only names",
    ),
    "in a list": ("model", MLP | {"dropout": [EVIL]}, "model.dropout.0._target_=pathlib.Path.touch: only names"),
    "in a mapping": ("model", MLP | {"dropout": {"a": {"b": EVIL}}}, "model.dropout.a.b._target_=pathlib.Path.touch"),
    "as an encoder": ("model", UNET | {"encoder": EVIL}, "model.encoder._target_=pathlib.Path.touch: only names"),
    "bound": ("model", EVIL | {"_partial_": True}, "model._target_=pathlib.Path.touch: only names"),
    "through torch": ("optimizer", {"_target_": "torch.optim.sgd.os.system"}, "No module named 'torch.optim.sgd.os'"),
    "what a module imports": (
        "model",
        {"_target_": "refnets.models.mlp.Tensor"},
        "refnets.models.mlp has no such thing",
    ),
    "a function": ("data", {"_target_": "refnets.data.mnist1d.generate"}, "refnets.data.mnist1d has no such thing"),
    "of another group": ("loss", MLP, "only names that start with refnets.losses. are allowed"),
    "no name": ("model", {"_target_": ["os.system"]}, "only names that start with refnets.models. are allowed"),
    "by its place": ("model", MLP | {"_args_": [EVIL]}, "model._args_: MLP has no '_args_'"),
    "not looked into": ("model", MLP | {"_recursive_": False}, "model._recursive_: MLP has no '_recursive_'"),
    "converted": ("model", MLP | {"_convert_": "object"}, "model._convert_: MLP has no '_convert_'"),
    "half a model": ("model", MLP | {"dropout": 0.0, "_partial_": True}, "model._partial_=True: is for optimizers"),
    "bound by a word": ("model", MLP | {"dropout": 0.0, "_partial_": "x"}, "_partial_=x: should be true or false"),
    "nothing": ("model", None, "model._target_ is not set"),
    "text": ("model", "os.system", "model._target_ is not set"),
}


def filled(node, sentinel):
    """The node with the name of the file that it would make."""
    if isinstance(node, str):
        return node.replace("SENTINEL", str(sentinel))
    if isinstance(node, list):
        return [filled(each, sentinel) for each in node]
    return {key: filled(value, sentinel) for key, value in node.items()} if isinstance(node, dict) else node


@pytest.mark.parametrize("name", NODES)
def test_what_is_none_of_ours_is_not_built(name, sentinel):
    group, node, message = NODES[name]
    with pytest.raises(ValueError, match="^") as caught:
        build(group, filled(node, sentinel), (1, 4), 2)
    assert message in str(caught.value)


def test_a_logger_of_a_stranger_is_refused_before_data_are_loaded(job):
    cfg, _ = job("logger._target_=os.system")
    with pytest.raises(ValueError, match="logger._target_=os.system: only names that start with refnets.loggers."):
        check(cfg)


LAUGHS = {"x0": "ha"} | {f"x{i + 1}": f"${{x{i}}}" * 10 for i in range(9)}
VALUES = {
    "environment": ({"a": "${oc.env:HOME}"}, "a=${oc.env:HOME}: only the value of another key"),
    "decoded": ({"a": "${oc.decode:'[1,2]'}"}, "only the value of another key"),
    "created": ({"a": {"b": ["${oc.create:{_target_: os.system}}"]}}, "a.b.0=${oc.create:"),
    "of Hydra": ({"a": "${hydra:runtime.cwd}"}, "only the value of another key"),
    "clock": ({"a": "x ${now:%Y} y"}, "only the value of another key"),
    "name put together": ({"a": "${oc.${b}:HOME}", "b": "env"}, "only the value of another key"),
    "growing text": (LAUGHS, "x2: ${x1} should be a single number or word"),
    "growing lists": ({"a": [1], "b": ["${a}", "${a}"]}, "b.0: ${a} should be a single number or word"),
    "many": ({"a": 1, "b": ["${a}"] * 2000}, "has 2000 values as ${seed}"),
    "too large for a float": ({"lr": float("1e400")}, "lr=inf: should be a finite number"),
    "no number": ({"lr": float("nan")}, "lr=nan: should be a finite number"),
    "large": ({"model": {"width": 10**12}}, "model.width=1000000000000: should be at most"),
    "negative": ({"a": -(2**64)}, "should be at most"),
    "long": ({"a": "x" * 10_001}, "has 10001 characters"),
    "NUL": ({"a": "x\0y"}, r"a='x\x00y': should have no control characters"),
    "escape": ({"a": "\x1b[2J"}, r"a='\x1b[2J': should have no control characters"),
    "delete": ({"a": "\x7f"}, r"a='\x7f': should have no control characters"),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_that_no_part_can_want(name):
    values, message = VALUES[name]
    with pytest.raises(ValueError, match="^") as caught:
        refuse_values(OmegaConf.create(values))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"seed": 1, "data": {"seed": "${seed}"}, "start": "experiment=x data.seed=${data.seed} model.width=3"},
        {"root": "~/pets", "outputs": "/home/me/runs", "names": ["Straßenbahn", "🚲"], "start": "a=1\n  b=2\n"},
        {"seed": LARGEST - 1, "lr": 1e-30, "none": None, "flag": True},
    ],
)
def test_ordinary_values_are_not_refused(values):
    refuse_values(OmegaConf.create(values))


OVERRIDES = {
    "optimizer.lr=1e400": "optimizer.lr=inf: should be a finite number",
    "seed=18446744073709551616": "seed=18446744073709551616: should be at most 4294967295",
    "data.batch_size=1000000000000000": "data.batch_size=1000000000000000: should be at most",
    "outputs=${oc.env:HOME}": "outputs=${oc.env:HOME}: only the value of another key",
    "start='experiment=mnist1d_mlp outputs=${oc.env:HOME}'": "only the value of another key",
}


@pytest.mark.parametrize("override", OVERRIDES)
def test_overrides(override, sentinel):
    from refnets.config.jobs import jobs

    with pytest.raises(ValueError, match="^") as caught:
        next(jobs([override]))
    assert OVERRIDES[override] in str(caught.value)


def test_an_option_is_a_name_and_no_path(job):
    with pytest.raises(ValueError, match="experiment=../experiment/mnist1d_fc: should be the name of an option"):
        job("experiment=../experiment/mnist1d_fc")


def test_a_run_of_ordinary_but_odd_values_has_a_directory_that_can_be_made(job):
    _, directory = job("data.seed=${seed}", f"+data.note='{'漢' * 200}'")
    assert directory.name.isascii()
    assert len(directory.name) < 120


BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in itertools.pairwise("abcdefghi")
)
TEXTS = {
    "aliases": (BOMB, "line 2: the alias *a is not allowed"),
    "an alias of itself": ("a: &a [*a]", "the alias *a is not allowed"),
    "deep": ("a: " + "[" * 100_000, "is nested deeper than 30 levels"),
    "call": ("a: !!python/object/apply:os.system ['touch SENTINEL']", "python/object/apply:os.system is not allowed"),
    "path": ("a: !!python/object/apply:pathlib.Path [x]", "python/object/apply:pathlib.Path is not allowed"),
    "bytes": ("a: !!binary aGVsbG8=", "tag tag:yaml.org,2002:binary is not allowed"),
    "long": ("a: " + "x" * 10**6, "has 1000003 characters"),
    "list": ("[1, 2]", "should have keys and their values"),
    "word": ("hello", "should have keys and their values"),
    "empty": ("", "should have keys and their values"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_yaml_that_is_more_than_it_looks(name, tmp_path, sentinel):
    text, message = TEXTS[name]
    (tmp_path / "a.yaml").write_text(text.replace("SENTINEL", str(sentinel)))
    with pytest.raises(ValueError, match="^") as caught:
        read_yaml(tmp_path / "a.yaml")
    assert message in str(caught.value)


FILES = {
    "callback": ("callbacks: {x: {_target_: pathlib.Path.touch, self: SENTINEL}}", "hydra.callbacks={"),
    "logging": ("job_logging: {handlers: {x: {(): os.system, command: touch SENTINEL}}}", "hydra.job_logging={"),
    "environment": ("job: {env_set: {LD_PRELOAD: x.so}}", "hydra.job.env_set={'LD_PRELOAD': 'x.so'}"),
    "folder": ("run: {dir: SENTINEL}", "hydra.run={"),
    "launcher": ("launcher: {_target_: os.system}", "hydra.launcher={"),
    "sweeper": ("sweeper: {_target_: os.system}", "hydra.sweeper._target_=os.system"),
    "sweep": ("sweeper: {params: {hydra.job.env_set.A: b}}", "hydra.sweeper.params has hydra.job.env_set.A"),
}


@pytest.fixture
def recipe(tmp_path, sentinel):
    """recipe("callbacks: ..."): the options that choose an experiment which says this to Hydra."""

    def write(said):
        file = tmp_path / "configs" / "experiment" / "evil.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# @package _global_\nsteps: 1\nhydra: {{{said}}}\n".replace("SENTINEL", str(sentinel)))
        return ["--config-dir", str(tmp_path / "configs"), "experiment=evil"]

    return write


@pytest.mark.parametrize("name", FILES)
def test_a_file_does_not_tell_hydra_what_to_run(name, recipe):
    said, message = FILES[name]
    with pytest.raises(ValueError, match="^") as caught:
        refuse_foreign_programs(recipe(said))
    assert message in str(caught.value)


def test_nor_as_one_of_a_sweep(recipe):
    said, message = FILES["environment"]
    *folder, _ = recipe(said)
    with pytest.raises(ValueError, match="hydra.job.env_set="):
        refuse_foreign_programs(["-m", *folder, "experiment=mnist1d_mlp,evil", "seed=0,1"])


def test_nor_where_the_folder_is_this_one(recipe, monkeypatch):
    _, folder, experiment = recipe(FILES["environment"][0])
    monkeypatch.chdir(folder)
    with pytest.raises(ValueError, match="hydra.job.env_set="):
        refuse_foreign_programs(["--config-dir", "", experiment])


@pytest.mark.parametrize("name", ["it's", "back\\", "a b", "[x]", "\\'"])
def test_nor_where_the_folder_has_an_odd_name(name, recipe, tmp_path):
    _, folder, experiment = recipe(FILES["environment"][0])
    Path(folder).rename(tmp_path / name)
    with pytest.raises(ValueError, match="hydra.job.env_set="):
        refuse_foreign_programs(["--config-dir", str(tmp_path / name), experiment])


def test_nor_does_hydra_read_a_pickle():
    with pytest.raises(ValueError, match="--experimental-rerun: the same command goes on"):
        refuse_foreign_programs(["--experimental-rerun", "config.pickle"])


def test_nor_where_the_folder_is_told_by_an_abbreviation(recipe):
    _, folder, experiment = recipe(FILES["environment"][0])
    with pytest.raises(ValueError, match="hydra.job.env_set="):
        refuse_foreign_programs(["--config-di", folder, experiment])


def test_nor_does_a_bomb_beside_it_go_off(recipe, tmp_path):
    arguments = recipe("verbose: false")
    (tmp_path / "configs" / "experiment" / "bomb.yaml").write_text(BOMB)
    with pytest.raises(ValueError, match=r"bomb.yaml, line 2: the alias \*a is not allowed"):
        refuse_foreign_programs(arguments)


@pytest.mark.parametrize("group", ["own", "hydra_own"])
def test_nor_by_a_group_of_its_own(recipe, tmp_path, group):
    *folder, _ = recipe("verbose: false")
    (tmp_path / "configs" / group).mkdir()
    (tmp_path / "configs" / group / "evil.yaml").write_text(
        "# @package _global_\nhydra: {callbacks: {a: {_target_: b}}}"
    )
    with pytest.raises(ValueError, match=rf"\+{group}=evil: .*own should be one of data, model"):
        refuse_foreign_programs([*folder, f"+{group}=evil"])


def test_nor_by_a_launcher_that_has_the_name_of_one_of_hydras(recipe, tmp_path):
    *folder, _ = recipe("verbose: false")
    (tmp_path / "configs" / "hydra" / "launcher").mkdir(parents=True)
    (tmp_path / "configs" / "hydra" / "launcher" / "joblib.yaml").write_text("_target_: os.system")
    with pytest.raises(ValueError, match="hydra: only the command line says how Hydra runs"):
        refuse_foreign_programs([*folder, "-m", "seed=0,1", "hydra/launcher=joblib"])


def test_nor_is_a_linked_folder_beside_it_left_out(recipe, tmp_path):
    arguments = recipe("verbose: false")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "configs" / "model").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="model is a link to a folder"):
        refuse_foreign_programs(arguments)


@pytest.mark.parametrize("typed", [["--config-name", "evil"], ["--config-path", "evil"], ["experiment=glob(*)"]])
def test_what_cannot_be_looked_at_before_is_refused(typed):
    with pytest.raises(ValueError, match="type "):
        refuse_foreign_programs(typed)


@pytest.mark.parametrize("typed", [["hydra.verbose=true", "model=cnn1d"], ["-m", "sweep=mnist1d_cnn"], ["--help"]])
def test_what_the_user_types_and_what_we_ship_is_not_refused(typed):
    refuse_foreign_programs(typed)


def test_a_terminal_shows_what_would_change_it():
    assert printable("a\x1b[31m\u202eb🚲\nß\udcff") == "a\\x1b[31m\\u202eb🚲\nß\\udcff"


def test_errors_are_printed_so():
    with pytest.raises(SystemExit, match=r"error: \\x1b\[2J"), plain_errors([]):
        raise ValueError("\x1b[2J")
