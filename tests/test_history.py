from refnets.history import History


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
