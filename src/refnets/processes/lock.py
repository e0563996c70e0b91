"""One process at a time trains a run. Reading a run needs no lock."""

import contextlib
import errno
import os
import platform
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}


@contextmanager
def locked(folders: Iterable[Path]) -> Iterator[None]:
    """Holds the locks of several runs, always taken in the same order: two processes never wait for each other.

    The locks are the kernel's, and go with the process however it ends. Raises OSError when a folder cannot be written.
    """
    with ExitStack() as held:
        for folder in sorted({folder.resolve() for folder in folders}):
            held.enter_context(_locked(folder))
        yield


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / "process"  # beside the lock, which others cannot read on every system
    lock = FileLock(folder / "lock", fallback_to_soft=False)
    try:
        _acquire(lock, folder, holder)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        print(f"{folder} is where no file can be locked: start no second process on this run", file=sys.stderr)
    try:
        with contextlib.suppress(OSError):  # as on a full disk: whoever waits does without the name
            holder.write_text(f"process {os.getpid()} on {platform.node()}", encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink()
        lock.release()


def _acquire(lock: FileLock, folder: Path, holder: Path) -> None:
    """Says on stderr for whom it waits, if it does."""
    try:
        lock.acquire(blocking=False)
    except Timeout:
        who = "another process"
        with contextlib.suppress(OSError):  # it may end at this moment
            who = holder.read_text(encoding="utf-8")
        print(f"waiting for {who}, which trains {folder}", file=sys.stderr)
        lock.acquire()
