import struct

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from tensorboard.summary.writer import event_file_writer

from refnets.config.check import EXTRAS, check
from refnets.loggers.mlflow import MLflow
from refnets.loggers.tensorboard import TensorBoard
from refnets.loggers.wandb import WandB
from refnets.train import train
from refnets.trainer.history import History


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """events("train"): what TensorBoard reads of a short run."""
    from refnets.config.jobs import jobs

    ((cfg, directory),) = jobs(["trainer=smoke", f"outputs={tmp_path_factory.mktemp('outputs')}"])
    train(cfg, directory)
    return lambda split: EventAccumulator(str(directory / "tensorboard" / split)).Reload()


@pytest.mark.parametrize("split", ["train", "test"])
def test_train_and_test_share_the_names_of_their_curves(events, split):
    accumulator = events(split)
    assert accumulator.Tags()["scalars"] == ["loss", "error"]
    assert [event.step for event in accumulator.Scalars("error")] == [0, 10, 20]


def test_the_learning_rate_is_a_curve_of_its_own(events):
    assert [event.value for event in events("").Scalars("lr")] == pytest.approx([0.1] * 3)


def test_hyperparameters_stand_beside_the_final_metrics(events):
    metadata = events("").SummaryMetadata("_hparams_/session_start_info")
    started = HParamsPluginData.FromString(metadata.plugin_data.content).session_start_info
    assert started.hparams["model.width"].number_value == 100
    assert "final/test_error" in events("").Tags()["scalars"]


@pytest.mark.parametrize(("resumed", "kept"), [(0, [0]), (10, [0, 10, 20])])
def test_what_an_interrupted_run_showed_after_its_checkpoint_is_shown_once(tmp_path, monkeypatch, resumed, kept):
    # Files are read in the order of their names, which end in this number: 9 would come after 10.
    monkeypatch.setattr(event_file_writer, "_global_uid", event_file_writer.AtomicCounter(10))
    for start, steps in ((0, (0, 10, 20)), (resumed, kept[kept.index(resumed) + bool(resumed) :])):
        logger = TensorBoard(tmp_path, start, {})
        for step in steps:
            logger.log_metrics({"test_loss": 1.0}, step)
        logger.finalize("success")
    accumulator = EventAccumulator(str(tmp_path / "tensorboard/test")).Reload()
    assert [event.step for event in accumulator.Scalars("loss")] == kept


def test_no_run_says_what_the_columns_of_all_runs_are(events):
    """TensorBoard would show those of one run, and nothing of the betas of another run's optimizer."""
    tags = {tag for tag in events("").summary_metadata if tag.startswith("_hparams_")}
    assert tags == {"_hparams_/session_start_info", "_hparams_/session_end_info"}


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_logger_that_is_not_installed_says_what_to_type(job, monkeypatch, extra):
    monkeypatch.setattr("refnets.config.check.find_spec", lambda name: None)
    cfg, _ = job(f"logger={extra}")
    with pytest.raises(ValueError, match=f"logger={extra} is not installed: .* `uv run --extra {extra}`"):
        check(cfg)


@pytest.fixture(scope="module")
def mlflow_shows(tmp_path_factory):
    """A run that is interrupted after step 20, and resumes from step 10 to end at 30, as MLflow's client finds it."""
    mlflow = pytest.importorskip("mlflow", reason="logger=mlflow is not installed: uv run --extra mlflow pytest")
    outputs = tmp_path_factory.mktemp("outputs")
    store = {"tracking_uri": f"sqlite:///{outputs}/mlflow.db", "artifacts": str(outputs / "mlflow")}
    _interrupted(outputs / "runs" / "some" / "run-01234567", lambda *run: MLflow(*run, **store))
    client = mlflow.MlflowClient(store["tracking_uri"])
    (experiment,) = client.search_experiments(filter_string="name = 'some'")
    (run,) = client.search_runs([experiment.experiment_id])  # one, although two processes have trained it
    return client, run


def test_mlflow_has_the_hyperparameters_and_the_last_evaluation(mlflow_shows):
    _, run = mlflow_shows
    assert (run.info.run_name, run.info.status) == ("run-01234567", "FINISHED")
    assert (run.data.params["model.width"], run.data.params["key.149"]) == ("20", "149")
    assert run.data.metrics == {"step": 30, "train_loss": 1 / 31}


def test_mlflow_shows_no_evaluation_or_picture_of_a_resumed_run_twice(mlflow_shows):
    client, run = mlflow_shows
    points = client.get_metric_history(run.info.run_id, "train_loss")
    assert [(point.step, point.value) for point in points] == [(step, 1 / (1 + step)) for step in (0, 10, 20, 30)]
    pictures = [file.path for file in client.list_artifacts(run.info.run_id, "images") if file.path.endswith("png")]
    assert len(pictures) == 4


def test_mlflow_says_how_to_have_a_deleted_experiment_back(mlflow_shows, tmp_path):
    client, _ = mlflow_shows
    deleted = client.create_experiment("deleted")
    client.delete_experiment(deleted)
    run = tmp_path / "runs" / "deleted" / "run"
    run.mkdir(parents=True)
    with pytest.raises(ValueError, match=f"uv run --extra mlflow mlflow experiments restore .* {deleted}"):
        MLflow(run, 0, {}, tracking_uri=client.tracking_uri, artifacts=None)


def test_wandb_has_one_file_with_each_evaluation_of_a_resumed_run_once(tmp_path):
    pytest.importorskip("wandb", reason="logger=wandb is not installed: uv run --extra wandb pytest")
    run = tmp_path / "runs" / "some" / "run-01234567"
    _interrupted(run, lambda *run: WandB(*run, project="refnets"))
    (file,) = run.glob("wandb/offline-run-*/run-01234567.wandb")
    records = list(_records(file))
    rows = [{item.nested_key[0]: item.value_json for item in record.history.item} for record in records]
    shown = [(int(row["step"]), float(row["train_loss"])) for row in rows if "train_loss" in row]
    assert shown == [(step, 1 / (1 + step)) for step in (0, 10, 20, 30)]
    (config,) = (record.run.config.update for record in records if record.HasField("run"))
    assert ("model.width", "20") in {(value.key, value.value_json) for value in config}
    assert [record.exit.exit_code for record in records if record.HasField("exit")] == [0]


def _interrupted(run, logger):
    """What a training shows that is interrupted after step 20 and resumes from a checkpoint of step 10."""
    run.mkdir(parents=True)
    hyperparameters = {"model.width": 20} | {f"key.{number}": number for number in range(150)}
    for start, steps, status in ((0, (0, 10, 20), "failed"), (10, (20, 30), "success")):
        history, shown = History(run / "history.csv"), logger(run, start, hyperparameters)
        for step in steps:
            for record in (history, shown):
                record.log_metrics({"step": step, "train_loss": 1 / (1 + step)}, step)
            shown.log_image("test: image, truth, prediction", torch.zeros(3, 4, 6, dtype=torch.uint8), step)
        history.finalize(status)
        shown.finalize(status)


def _records(path):
    """What W&B has written: blocks of 32 KiB of records, each in one part or several (the log format of LevelDB)."""
    from wandb.proto.wandb_internal_pb2 import Record

    content, at, record = path.read_bytes(), 7, b""
    while at < len(content):
        if (left := 2**15 - at % 2**15) < 7:
            at += left
            continue
        length, kind = struct.unpack("<HB", content[at + 4 : at + 7])
        record += content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # whole, or the last part
            yield Record.FromString(record)
            record = b""
