import pytest

from refnets.trainer.history import History


def test_history_keeps_the_rows_before_the_checkpoint(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("step,loss\n0,3.0\n10,2.0\n20,1.0\n2")
    history = History(path)
    history.log_metrics({"step": 20, "loss": 0.5})
    assert path.read_text().split() == ["step,loss", "0,3.0", "10,2.0", "20,0.5"]


def test_history_of_a_new_run_starts_empty(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("step,loss\n0,3.0\n")
    History(path).log_metrics({"step": 0, "loss": 2.5})
    assert path.read_text().split() == ["step,loss", "0,2.5"]


def test_a_full_disk_leaves_no_half_a_row(tmp_path, largest_file):
    history = History(tmp_path / "history.csv")
    history.log_metrics({"step": 0, "loss": 2.5})
    before = history.path.read_text()
    with largest_file(len(before) + 3), pytest.raises(OSError, match="history.csv"):
        history.log_metrics({"step": 10, "loss": 1.5})
    assert history.path.read_text() == before
