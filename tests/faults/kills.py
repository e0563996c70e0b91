"""Kills commands at random moments and types them again, until they are through: is anything lost, or done twice?

    uv run python tests/faults/kills.py 200                  so many kills; exits with 1 if anything was
    uv run python tests/faults/kills.py 50 run search        of some of COMMANDS

A moment is drawn as a part of the processor time that the undisturbed command takes, or as the n-th time that a file is
to be written. Killed is the command with its workers, the command alone, or a worker; one in thirty is the command as
it is typed, the others are children of this process. In the end all that is kept must be that of the undisturbed
command: history.csv and weights byte for byte, the last row, the trials of a search. Of the steps that were trained
only those since the last checkpoint may have been trained again, and none of a finished run. Needs Linux.
"""

import argparse
import math
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import children
from kept import Steps, differences, kept

ROOT = Path(__file__).parents[2]
IMAGES = "experiment=shapes_unet threads=1 steps=40 eval_every=4 keep=best data.size=[16,16] data.num_train=64"
IMAGES += " data.num_test=16 data.batch_size=16 data.validation=0.25 data.flip=true data.rotate=20 model.depth=2"
IMAGES += " model.width=4 model.dropout=0.2 optimizer=momentum optimizer.lr=0.05 scheduler=cosine logger=none"
IMAGES += " checkpoint_every=0"
SIGNALS = "steps=60 eval_every=6 data.num_samples=500 model.width=20 model.dropout=0.2 optimizer=momentum logger=none"
SIGNALS += " checkpoint_every=0"
SEARCH = f"-m {SIGNALS} hydra/sweeper=optuna data.validation=0.2 optimizer.lr=tag(log,interval(0.01,1))"
SEARCH += " hydra.sweeper.n_trials=4 +hydra.sweeper.sampler.n_startup_trials=2 hydra.sweeper.first=[{optimizer.lr:0.1}]"
JOBLIB = "hydra/launcher=joblib hydra.launcher.n_jobs=2"
COMMANDS = {
    "run": f"scripts/train.py {IMAGES}",
    "average": f"scripts/train.py {IMAGES} keep=average",
    "grid": f"scripts/train.py -m seed=0,1,2 {SIGNALS}",
    "grid_joblib": f"scripts/train.py -m seed=0,1,2,3 {SIGNALS} {JOBLIB}",
    "figure": f"scripts/figure.py 8.2 {SIGNALS} model.dropout=0",  # trains a stack
    "figure_joblib": f"scripts/figure.py 8.2 {SIGNALS} {JOBLIB}",
    "search": f"scripts/train.py {SEARCH}",
    "search_joblib": f"scripts/train.py {SEARCH} {JOBLIB} hydra.sweeper.n_jobs=2",
}
VICTIMS = "all", "command", "worker"
MOMENTS = "starting", "training", "writing", "trained"
WRONG = "lost", "doubled", "failed"
IMPORTS = time.process_time()  # seconds that a command takes to start anew
PATIENCE = 600  # seconds: a command that takes longer hangs


class Disturbed:
    """A command that is killed until it is through, then again from the start; and what was seen of it."""

    def __init__(self, name: str, home: Path) -> None:
        self.name, self.command, self.home = name, COMMANDS[name].split(), home / name
        self.seen: Counter[str] = Counter()
        self._begin("undisturbed")
        process, self.seconds = children.start(self.command, self.folder), 0.0
        while process.is_alive():
            self.seconds = max(self.seconds, children.seconds(process))
            process.join(0.002)
        if process.exitcode:
            sys.exit(f"{name} fails undisturbed:\n{self.printed}")
        children.learn(self.folder)
        self.whole, self.undisturbed = kept(self.folder / "outputs"), self.steps.of_runs()
        self._begin("1")

    @property
    def printed(self) -> str:
        """The last of what its processes said."""
        return (self.folder / "printed.txt").read_text()[-2000:]

    def until_through(self, draw: random.Random) -> None:
        """Types the command until it is through, or fails."""
        through, failed = self.seen["through"], self.seen["failed"]
        while self.seen["through"] == through and self.seen["failed"] == failed:
            self.attempt(draw)
        for group in self.groups:  # what is left of killed commands
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        print(self.folder, dict(self.seen), flush=True)
        self._begin(str(sum(self.seen[end] for end in ("through", "failed")) + 1))

    def attempt(self, draw: random.Random) -> None:
        """Types the command, and kills it at a moment that may be too late: then it is through."""
        begun, logged = time.time(), self.steps.of_runs()
        anew = draw.random() < 1 / 30
        dies_at = draw.randrange(12 * len(self.undisturbed)) if not anew and draw.random() < 1 / 4 else None
        moment = draw.uniform(0, self.seconds + anew * IMPORTS) if dies_at is None else math.inf
        victim = draw.choice(VICTIMS) if "joblib" in self.name else "all"
        process = children.start(self.command, self.folder, dies_at, anew)
        self.groups.append(process.pid)
        killed = _kill(process, moment, victim, draw)
        if killed or (dies_at is not None and process.exitcode):
            when = "writing" if dies_at is not None else self._moment(begun, logged)
            self.seen.update(["kills", when, killed or "at a write", *["as typed"] * anew])
        elif process.exitcode:
            self.seen["failed"] += 1
            print(f"{self.folder}: failed when it was typed again:\n{self.printed}", flush=True)
        self.steps.note_finished(self.folder / "outputs")
        if not process.exitcode:
            self._judge()

    def _moment(self, begun: float, logged: dict[str, list[str]]) -> str:
        """What was going on when it was killed."""
        outputs = self.folder / "outputs"
        written = [path for path in outputs.rglob("*") if path.stat().st_mtime > begun]
        if len([*outputs.glob("runs/*/*/result.json")]) == len(self.undisturbed):
            return "trained"
        if any(path.suffix == ".tmp" or path.name.endswith("-journal") for path in written):
            return "writing"
        trains = logged != self.steps.of_runs() or any(path.name == "history.csv" for path in written)
        return "training" if trains else "starting"

    def _judge(self) -> None:
        """It is through: what it has kept against what it should."""
        lost, more = differences(self.whole, kept(self.folder / "outputs"))
        repeated = self.steps.repeated(self.undisturbed)
        self.seen.update(through=1, lost=len(lost), doubled=len(more) + len(repeated))
        if lost or more or repeated:
            print(f"{self.folder}: lost or other {lost}, too many {more}, repeated {repeated}", flush=True)

    def _begin(self, name: str) -> None:
        self.folder, self.groups = self.home / name, []
        self.folder.mkdir(parents=True)
        every = next(word.partition("=")[2] for word in self.command if word.startswith("eval_every="))
        self.steps = Steps(self.folder / "steps.csv", int(every))


def _kill(process: multiprocessing.Process, moment: float, victim: str, draw: random.Random) -> str:
    """Waits until `process` has computed for so many seconds, or ended; whom it has killed, if anybody."""
    deadline = time.monotonic() + PATIENCE
    while process.is_alive() and children.seconds(process) < moment:
        process.join(0.002)
        if time.monotonic() > deadline:
            raise TimeoutError(f"{process.pid} has not ended after {PATIENCE} s")
    if not process.is_alive():
        return ""
    with suppress(ProcessLookupError):
        if victim == "worker" and (workers := children.workers(process.pid)):
            os.kill(draw.choice(workers), signal.SIGKILL)
        elif victim == "command":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.join(PATIENCE)
    return victim if process.exitcode else ""


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", type=int, metavar="N", help="how many, over all commands")
    parser.add_argument("commands", nargs="*", default=list(COMMANDS), metavar="COMMAND", help=", ".join(COMMANDS))
    parser.add_argument("--seed", type=int, default=0, help="what the moments are drawn by")
    arguments = parser.parse_args()
    draw, home = random.Random(arguments.seed), Path(tempfile.mkdtemp(prefix="kills-"))
    os.chdir(ROOT)
    disturbed = [Disturbed(name, home) for name in arguments.commands]
    with suppress(KeyboardInterrupt):  # then the table is of what was done
        while sum(each.seen["kills"] for each in disturbed) < arguments.kills:
            min(disturbed, key=lambda each: each.seen["kills"]).until_through(draw)
    print(_table(disturbed))
    wrong = sum(each.seen[kind] for each in disturbed for kind in WRONG)
    if not wrong:
        shutil.rmtree(home)
    return int(wrong > 0)


def _table(disturbed: list[Disturbed]) -> str:
    columns = ["kills", *MOMENTS, *VICTIMS, "at a write", "as typed", "through", *WRONG]
    total = sum((each.seen for each in disturbed), Counter())
    rows = [["command", *columns], ["---"] * (len(columns) + 1)]
    seen = {each.name: each.seen for each in disturbed} | {"all": total}
    rows += [[name, *(str(counts[column]) for column in columns)] for name, counts in seen.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
