"""What fits into this machine, said before it is tried; and what is freed, kept for the next tensor."""

import ctypes
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MOST_TENSORS = 10_000  # of weights; a residual network of 1001 layers has 3000
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def refuse_larger(what: str, number_of_bytes: int) -> None:
    """Raises ValueError when this machine has less memory; `what` is "data.num_samples=10: the signals"."""
    here = memory()
    if number_of_bytes > here:
        raise ValueError(f"{what} would take {number_of_bytes / 1e9:.3g} GB, and this machine has {here / 1e9:.3g} GB")


def memory() -> int:
    """The bytes of memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def keep_freed() -> None:
    """Lets up to 1 GB of freed memory stay with this process.

    The C library of Linux would give the tensors of one step back to the system and ask for those of the next, and
    the system clears what it gives: up to half the time of an evaluation, 3 to 7 % of a step of a residual network.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_TRIM_THRESHOLD, 2**30)
        libc.mallopt(M_MMAP_THRESHOLD, 2**25)  # larger blocks are the system's in any case


@contextmanager
def weighed() -> Iterator[None]:
    """A network that is built in it has shapes and no numbers. Raises ValueError as soon as it is too large.

    Other errors are left to the building of the real one.
    """
    import torch
    from torch.nn.modules.module import register_module_parameter_registration_hook

    tensors, size = 0, 0

    def weigh(_module: Any, _name: str, weights: Any) -> None:
        nonlocal tensors, size
        tensors, size = tensors + 1, size + weights.numel() * weights.element_size()
        refuse_larger("model: the weights", size)
        if tensors > MOST_TENSORS:
            raise ValueError(f"model: there would be more than {MOST_TENSORS} tensors of weights; make it less deep")

    hook = register_module_parameter_registration_hook(weigh)
    try:
        with torch.device("meta"):
            yield
    except RuntimeError as error:
        if isinstance(error, RecursionError) or "overflow" in str(error):
            raise ValueError(f"model: is too large to be built ({error})") from error
    finally:
        hook.remove()
