"""Pauses of a training between two of its steps: for Ctrl-C, SIGTERM, a signal of Slurm, or a checkpoint."""

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

# Slurm and submitit announce the end of a job's time, or that it must make room, by one of the last two.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2") if hasattr(signal, name)]


class Pause:
    """The training looks at `wanted` after every step, which costs it nothing, and then calls `take`.

    As a context manager it leaves the signals to those who listened before, however training ends.
    """

    def __init__(self) -> None:
        self.save: Callable[[], int] = lambda: 0  # writes checkpoints, returns the step from which training will go on
        self.wanted = False
        self.signal = 0
        self.before: dict[int, Any] = {}  # who listens to each signal when this does not
        self.timer: threading.Timer | None = None

    def __enter__(self) -> "Pause":
        if threading.current_thread() is threading.main_thread():  # no other may say who listens
            handlers = {number: signal.getsignal(number) for number in SIGNALS}
            self.before = {number: who for number, who in handlers.items() if who not in (None, signal.SIG_IGN)}
        return self

    def listen(self) -> None:
        """From now on signals wait for the end of a step."""
        for number in self.before:
            signal.signal(number, self._note)

    def __exit__(self, error: type[BaseException] | None, *_: Any) -> None:
        if self.timer:
            self.timer.cancel()
        for number, who in self.before.items():
            signal.signal(number, who)
        if self.signal and (not error or issubclass(error, FloatingPointError)):  # no step follows any more
            signal.raise_signal(self.signal)

    def remind(self, seconds: float) -> None:
        """Wants a pause after so many seconds, counted anew with every call."""
        if self.timer:
            self.timer.cancel()
        self.timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._want)
        self.timer.daemon = True
        self.timer.start()

    def take(self) -> None:
        """Writes checkpoints, and after a signal ends the process with 128 and its number, as shells do.

        Whoever listened to the signal before decides instead: submitit has the job queued again, or goes on.
        """
        self.wanted = False
        step = self.save()
        number, self.signal = self.signal, 0
        if not number:
            return
        who = self.before[number]
        if callable(who) and who is not signal.default_int_handler:
            who(number, None)
        else:
            print(f"interrupted; the same command goes on from step {step}", file=sys.stderr)
            sys.exit(128 + number)

    def _want(self) -> None:
        self.wanted = True

    def _note(self, number: int, _: FrameType | None) -> None:
        if self.signal:  # for the second time: now, and not when the step is done
            self.signal = 0
            raise KeyboardInterrupt
        self.signal, self.wanted = number, True
