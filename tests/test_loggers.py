import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from refnets.loggers import History
from refnets.train import train


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """events("train"): what TensorBoard reads of a short run."""
    from refnets.config import jobs

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


def test_history_keeps_the_rows_before_the_checkpoint(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("step,loss\n0,3.0\n10,2.0\n20,1.0\n2")
    history = History(path, step=10)
    history.log_metrics({"step": 20, "loss": 0.5})
    history.finalize("success")
    assert path.read_text().split() == ["step,loss", "0,3.0", "10,2.0", "20,0.5"]


def test_history_of_a_new_run_starts_empty(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("step,loss\n0,3.0\n")
    History(path, step=0).log_metrics({"step": 0, "loss": 2.5})
    assert path.read_text().split() == ["step,loss", "0,2.5"]
