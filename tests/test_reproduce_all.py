import pytest

from refnets.reproduce_all import reproduce_all

MNIST1D, IMAGES = "training_error_falls_test_error_stays", "a_unet_finds_the_membranes_of_cells"


@pytest.fixture
def first(monkeypatch):
    """What a launcher is asked to train before it draws: the experiments, each time. It has no data of images."""
    asked = []

    def train_all(planned):
        asked.append({directory.parent.name for _, directory in planned})
        if "isbi_unet" in asked[-1]:
            raise ValueError("no images here")

    monkeypatch.setattr("refnets.reproduce_all.elsewhere", lambda *_: True)
    monkeypatch.setattr("refnets.reproduce_all.train_all_by", lambda _: train_all)
    monkeypatch.setattr("refnets.reproduce_all.launch", lambda calls, where, folder: [call.args[0] for call in calls])
    return asked


def test_with_a_launcher_all_runs_are_trained_at_once(first):
    names = [MNIST1D, "convolution_generalizes_better"]
    assert reproduce_all(names, [], ["hydra/launcher=joblib"]) == names
    assert len(first) == 1


def test_with_a_launcher_figures_that_lack_nothing_are_trained_all_the_same(first):
    assert reproduce_all([IMAGES, MNIST1D], [], ["hydra/launcher=joblib"]) == [IMAGES, MNIST1D]
    assert first[1:] == [{"isbi_unet"}, {"mnist1d_mlp"}]


def test_with_a_launcher_what_is_wrong_with_a_single_figure_is_said_at_once(first):
    with pytest.raises(ValueError, match="no images here"):
        reproduce_all([IMAGES], [], ["hydra/launcher=joblib"])
