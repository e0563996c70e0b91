"""What strangers send: it is refused with a message, nothing of it is run, and soon."""

import pickle
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture
def sentinel(tmp_path: Path) -> Path:
    """The file that every payload would make."""
    return tmp_path / "sentinel"


@pytest.fixture(autouse=True)
def soon_and_without_running_it(sentinel: Path) -> Iterator[None]:
    """What reads or grows without end fails here instead of stopping the tests."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)  # on a busy machine; alone, each takes less than a second
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    assert not sentinel.exists()


class Payload:
    """Calls Path.touch when it is unpickled."""

    def __init__(self, sentinel: Path) -> None:
        self.sentinel = sentinel

    def __reduce__(self) -> tuple[Callable, tuple[Path]]:
        return Path.touch, (self.sentinel,)


@pytest.fixture
def payload(sentinel: Path) -> Payload:
    return Payload(sentinel)


@pytest.fixture
def pickled(payload: Payload) -> bytes:
    return pickle.dumps(payload)
