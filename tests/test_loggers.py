import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

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


def test_no_run_says_what_the_columns_of_all_runs_are(events):
    """TensorBoard would show those of one run, and nothing of the betas of another run's optimizer."""
    tags = {tag for tag in events("").summary_metadata if tag.startswith("_hparams_")}
    assert tags == {"_hparams_/session_start_info", "_hparams_/session_end_info"}
