import pytest
import torch

from refnets.config.jobs import jobs
from refnets.faults import enough_memory, nearest
from refnets.runs import Run
from refnets.train import train

LONG = "steps=60", "eval_every=1", "data.num_samples=500", "checkpoint_every=100"


def fills(cfg, directory, largest_file, size, name):
    """Trains where no file can have `size` bytes: `name` is what could not be written. Then the rest, elsewhere."""
    with largest_file(size), pytest.raises(OSError, match="cannot be written: File too large") as caught:
        train(cfg, directory)
    assert name in str(caught.value)
    assert "the same command goes on from step" in str(caught.value)
    assert not Run(directory).finished
    kept = Run(directory).history["step"].tolist()  # whole rows
    assert train(cfg, directory).history["step"].tolist() == list(range(0, 61, cfg.eval_every))
    return kept


def test_a_history_that_does_not_fit(job, largest_file):
    kept = fills(*job(*LONG, "logger=none"), largest_file, 2500, "history.csv")
    assert kept == list(range(len(kept)))
    assert len(kept) > 10


def test_a_checkpoint_that_does_not_fit(job, largest_file):
    cfg, directory = job(*LONG, "logger=none", "checkpoint_every=0", "eval_every=20")
    assert fills(cfg, directory, largest_file, 30000, "new.ckpt") == [0, 20]


def test_weights_that_do_not_fit(job, largest_file):
    cfg, directory = job(*LONG, "logger=none", "eval_every=20")
    assert fills(cfg, directory, largest_file, 30000, "model.safetensors") == [0, 20, 40, 60]


def test_events_that_do_not_fit(job, largest_file, capfd):
    cfg, directory = job(*LONG, "eval_every=20")
    whole = train(cfg, directory.with_name("whole")).path
    size = max(path.stat().st_size for path in whole.rglob("events*")) - 1
    assert size > (whole / "config.yaml").stat().st_size
    assert fills(cfg, directory, largest_file, size, "tensorboard") == [0, 20, 40, 60]
    assert "Traceback" not in capfd.readouterr().err


def too_little():
    raise MemoryError


def too_little_on_the_gpu():
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


@pytest.mark.parametrize(
    ("error", "overrides", "message"),
    [
        (too_little, ["data.batch_size=64"], "batches of 64: try data.batch_size=32 or model.width=50$"),
        (too_little, ["optimizer=gradient_descent"], "the whole training set as one batch: try data.batch_size=100 or"),
        (too_little, ["model=cnn1d"], "or a smaller model$"),
        (too_little_on_the_gpu, ["trainer=cuda"], "or trainer=default to compute on the CPU$"),
        (lambda: torch.empty(10**15), [], "out of memory with batches of 100"),
    ],
)
def test_too_little_memory_says_what_needs_less(error, overrides, message):
    ((cfg, _),) = jobs(overrides)
    with pytest.raises(MemoryError, match=message), enough_memory(cfg):
        error()


def test_another_error_is_left_as_it_is():
    with pytest.raises(RuntimeError, match="shapes"), enough_memory(None):
        raise RuntimeError("shapes do not fit")


def test_nearest_names_the_nearest_word_or_nothing():
    assert nearest("widht", ["width", "depth"]) == "; did you mean 'width'?"
    assert nearest("zzz", ["width", "depth"]) == ""
