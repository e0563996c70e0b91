import json
import os
from types import SimpleNamespace

import pytest
import torch

from refnets.catalogue import Figure
from refnets.config.untrusted import refuse_links
from refnets.files import write
from refnets.inputs import run_on_images
from refnets.spreadsheet import as_csv
from refnets.train import train

CONFIGS = {
    "program": ("_target_: refnets.models.mlp.MLP", "_target_: os.system", "model._target_=os.system: only names"),
    "environment": ("width: 100", "width: ${oc.env:HOME}", "model.width=${oc.env:HOME}: only the value of another key"),
    "alias": ("width: 100", "width: &a [100]\n  other: *a", "the alias *a is not allowed"),
    "tag": ("width: 100", "width: !!python/object/apply:os.system [touch SENTINEL]", "config.yaml cannot be read"),
    "extra": ("width: 100", "width: 100\n  evil: {_target_: os.system}", "model.evil"),
    "huge": ("width: 100", "width: 4000000000", "model: the weights would take|model: is too large"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_configuration(name, tiny_run, sentinel):
    old, new, message = CONFIGS[name]
    run = tiny_run()
    text = (run.path / "config.yaml").read_text()
    assert old in text
    (run.path / "config.yaml").write_text(text.replace(old, new.replace("SENTINEL", str(sentinel)), 1))
    with pytest.raises(ValueError, match="^") as caught:
        run.model()
    assert any(each in str(caught.value) for each in message.split("|"))


@pytest.mark.parametrize("text", ["[1, 2]", "word", "", "a: '\0'"])
def test_a_configuration_that_is_none(text, tiny_run):
    run = tiny_run()
    (run.path / "config.yaml").write_text(text)
    with pytest.raises(ValueError, match="config.yaml cannot be read"):
        run.model()


CLASSES = {"kind": "Classes", "names": ["a", "b"]}
RESULTS = {
    "imported name": {"input_shape": [1, 40], "as_bytes": False, "target": {"kind": "dataclass", "init": True}},
    "hidden name": {"input_shape": [1, 40], "as_bytes": False, "target": {"kind": "__loader__"}},
    "other fields": {"input_shape": [1, 40], "as_bytes": False, "target": CLASSES | {"size": 3}},
    "huge": {"input_shape": [3, 10**9, 10**9], "as_bytes": True, "target": CLASSES},
    "negative": {"input_shape": [3, -1, 4], "as_bytes": True, "target": CLASSES},
    "text": {"input_shape": "340", "as_bytes": True, "target": CLASSES},
    "nothing": None,
}


@pytest.mark.parametrize("name", RESULTS)
def test_what_the_data_are_said_to_be(name, tiny_run):
    run = tiny_run()
    (run.path / "result.json").write_text(json.dumps({"data": RESULTS[name]}))
    with pytest.raises(ValueError, match="result.json cannot be read"):
        run.model()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' + "9" * 5000 + "}", "\0", "{"])
def test_a_result_that_is_no_json(text, tiny_run):
    run = tiny_run()
    (run.path / "result.json").write_text(text)
    with pytest.raises(ValueError, match="result.json cannot be read"):
        _ = run.result


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "[]", "{}", '{"verdict": "\x1b[2J"}', '{"verdict": ["reproduced"]}', '{"verdict": "reproduced"}'],
)
def test_a_report_of_a_figure(text, tmp_path, monkeypatch):
    monkeypatch.setattr("refnets.catalogue.PICTURES", tmp_path)
    (tmp_path / "f.json").write_text(text)
    figure = Figure(name="f", title="", source="fig 1.1", claim="", cost="", draw="")
    with pytest.raises(ValueError, match="f.json cannot be read .*; delete it and draw the figure again"):
        _ = figure.report


def test_weights_are_never_unpickled(tiny_run, payload, pickled):
    run = tiny_run()
    for content in (pickled, (2**40).to_bytes(8, "little") + pickled):
        (run.path / "model.safetensors").write_bytes(content)
        with pytest.raises(ValueError, match="model.safetensors cannot be read"):
            run.model()
    torch.save({"weights": payload}, run.path / "model.safetensors")
    with pytest.raises(ValueError, match="model.safetensors cannot be read"):
        run.model()


def test_a_pipe_is_not_waited_for(tiny_run):
    run = tiny_run()
    (run.path / "config.yaml").unlink()
    os.mkfifo(run.path / "config.yaml")
    with pytest.raises(ValueError, match="config.yaml cannot be read"):
        _ = run.config


@pytest.mark.parametrize("name", ["predictions", "predictions/predictions.csv.tmp", "checkpoints", "wandb"])
def test_a_link_that_leads_out_of_the_run_is_not_followed(name, tiny_run, sentinel):
    run = tiny_run()
    (run.path / name).parent.mkdir(exist_ok=True)
    (run.path / name).symlink_to(sentinel)
    with pytest.raises(ValueError, match="is a link to .*sentinel: a run has none; delete it"):
        run_on_images(run.path)


@pytest.mark.parametrize("name", ["process", "lock", "history.csv", "checkpoints", "tensorboard"])
def test_training_does_not_follow_a_link(name, job, tmp_path):
    cfg, directory = job("trainer=smoke")
    directory.mkdir(parents=True)
    (tmp_path / "victim").write_text("as it was")
    (directory / name).symlink_to(tmp_path / "victim")
    with pytest.raises(ValueError, match="is a link to .*victim: a run has none; delete it"):
        train(cfg, directory)
    assert (tmp_path / "victim").read_text() == "as it was"


@pytest.mark.parametrize("name", ["process", "last.ckpt"])
def test_training_does_not_wait_for_a_pipe(name, job):
    cfg, directory = job("trainer=smoke")
    directory.mkdir(parents=True)
    os.mkfifo(directory / name)
    with pytest.raises(ValueError, match=f"{name} is neither a file nor a folder: delete it"):
        train(cfg, directory)


def test_the_links_that_wandb_makes_are_no_strangers(tiny_run):
    run = tiny_run()
    (run.path / "wandb" / "offline-run").mkdir(parents=True)
    (run.path / "wandb" / "latest-run").symlink_to("offline-run")
    refuse_links(run.path)


def test_a_file_is_not_written_through_a_link(tmp_path, sentinel):
    (tmp_path / "result.json.tmp").symlink_to(sentinel)
    write(tmp_path / "result.json", "{}")
    assert (tmp_path / "result.json").read_text() == "{}"


def test_a_run_may_itself_be_behind_a_link(tiny_run, tmp_path):
    (tmp_path / "link").symlink_to(tiny_run().path)
    refuse_links(tmp_path / "link")


def test_a_spreadsheet_does_not_compute_the_name_of_a_class():
    rows = [{"class": "=HYPERLINK(1)", "@SUM(1)": 0.5, "left": -3.0}]
    assert as_csv({"a.png": rows}, rows[0]).splitlines()[1] == "a.png,'=HYPERLINK(1),0.5,-3.0"
    assert as_csv({"a.png": rows}, rows[0]).splitlines()[0] == "image,class,'@SUM(1),left"


@pytest.mark.parametrize("override", ["hydra.callbacks.x._target_=os.system", "+hydra.job.env_set.A=b", 5])
def test_a_study_does_not_tell_hydra_what_to_run(override):
    from refnets.sweep.study import overrides_of

    trial = SimpleNamespace(number=3, user_attrs={"begun": {"overrides": ["seed=1", override]}})
    with pytest.raises(ValueError, match="trial 3 of the study asks for"):
        overrides_of(trial)
