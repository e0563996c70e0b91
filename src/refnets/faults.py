"""Errors that are no bugs: mistakes in what was typed or in files, and too little memory. Each says what to do."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

# What a command says in a line: these are mistakes in what was typed, in files, or limits of the machine.
EXPECTED = (ValueError, OSError, MemoryError, FloatingPointError, HydraException, OmegaConfBaseException, YAMLError)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """What to add to "there is no 'Widht'": "; did you mean 'width'?", or nothing when no allowed word is near."""
    spelled = {each.lower(): each for each in allowed}
    match = get_close_matches(word.lower(), spelled, n=1)
    return f"; did you mean {spelled[match[0]]!r}?" if match else ""


@contextmanager
def enough_memory(cfg: DictConfig) -> Iterator[None]:
    """Around a training: a MemoryError, also where torch has another name for it, says what would need less."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_memory(error):
            raise
        raise MemoryError(_smaller(cfg)) from error


def is_memory(error: BaseException) -> bool:
    """Whether memory ran out: of Python or NumPy, of the GPU, of torch on the CPU, which has no error of its own."""
    cuda = type(error).__name__ in ("OutOfMemoryError", "AcceleratorError") and "out of memory" in str(error)
    return isinstance(error, MemoryError) or cuda or "can't allocate memory" in str(error)


def _smaller(cfg: DictConfig) -> str:
    size, width = (OmegaConf.select(cfg, key) for key in ("data.batch_size", "model.width"))
    smaller = [f"model.width={width // 2}" if isinstance(width, int) and width > 1 else "a smaller model"]
    if size != 1:
        smaller.insert(0, f"data.batch_size={size // 2 if size else 100}")
    device = "" if cfg.trainer.accelerator == "cpu" else ", or trainer=default to compute on the CPU"
    batch = f"batches of {size}" if size else "the whole training set as one batch"
    return f"out of memory with {batch}: try {' or '.join(smaller)}{device}"
