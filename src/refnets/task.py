"""Training: `loss(model(x), y)`, an optimizer, a schedule, and an evaluation of every split now and then."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import lightning as L
import torch
from lightning.pytorch.loggers import Logger
from torch import Tensor, nn
from torchmetrics import MetricCollection

from refnets.data.batches import Batch, Split, minibatches
from refnets.data.data import Data
from refnets.evaluation import measure
from refnets.gallery import show
from refnets.trainer.average import Average, last_steps
from refnets.trainer.frozen import evaluate_frozen
from refnets.trainer.pause import Pause


class Task(L.LightningModule):
    """Trains `model` on `data.splits["train"]` for `steps` minibatches, evaluating first and then every `eval_every`.

    With `keep` "best" it ends with the weights of the lowest validation loss: early stopping as in book section 9.3.1,
    which trains to the end and chooses afterwards. With "average" it ends with the mean of the weights after all steps,
    see trainer/average.py.

    A step of a small network takes less time than Lightning's bookkeeping for one batch. So what Lightning iterates
    over are the stretches between two evaluations, and the steps of a stretch are a plain loop in `training_step`.
    A stretch that was interrupted goes on to where it would have ended.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: nn.Module,
        data: Data,
        optimizer: Callable[..., torch.optim.Optimizer],
        scheduler: Callable[..., torch.optim.lr_scheduler.LRScheduler] | None,
        *,
        steps: int,
        eval_every: int,
        keep: Literal["last", "best", "average"],
        seed: int,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model, self.loss, self.data = model, loss, data
        self.make_optimizer, self.make_scheduler = optimizer, scheduler
        self.steps, self.eval_every, self.keep, self.seed = steps, eval_every, keep, seed
        self.augment = data.augment
        self.accelerate: Callable[[nn.Module], Callable] = lambda network: network.__call__  # see trainer/accelerate.py
        self.pause = Pause()  # whoever fits the task may want one between two steps
        self.own: Callable[[Split], Split] = lambda split: split  # its share, see data_parallel/share.py
        self.total: Callable[[Tensor], Tensor] = lambda part: part  # of what all processes have computed
        self.step = 0
        self.time_share = 1.0  # of the time that passes, see trainer/stack.py
        self.row: dict[str, float] = {}  # the latest evaluation
        self.best: dict[str, Any] = {}  # with keep="best" the best row so far, and the weights it is of
        self.average = Average(nn.ModuleList([model, loss])) if keep == "average" else None
        self.records: Sequence[Logger] = ()  # where evaluations go
        self.watch: Callable[[dict[str, float]], None] = lambda row: None  # called with each, may end the training

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The optimizer of all parameters, also of those of a learned loss."""
        self.optimizer = self.make_optimizer(self.parameters())
        self.scheduler = self.make_scheduler(self.optimizer) if self.make_scheduler else None
        return self.optimizer

    def train_dataloader(self) -> range:
        """The steps at which the stretches between two evaluations begin, from the first that is not done.

        One whose evaluation was interrupted is not done. The last one is evaluated again, even if it is done, as one of
        a stack may be before the others: without any stretch Lightning would not end the training either.
        """
        done = self.row.get("step") == self.step < self.steps
        first = self.step if done else max(self.step - 1, 0)
        return range(first - first % self.eval_every, self.steps, self.eval_every)

    def on_fit_start(self) -> None:
        """Starts the clock."""
        self.started, self.ended = time.perf_counter(), None

    def on_train_start(self) -> None:
        """Puts all splits on the device, and evaluates the untrained network."""
        self.compute = self.accelerate(self.model)
        data = self.data
        self.splits: dict[str, Split] = {name: split.to(self.device) for name, split in data.splits.items()}
        views = data.examples is not data.splits["train"]  # else one copy of it on the device is enough
        self.examples = data.examples.to(self.device) if views else self.splits["train"]
        self.metrics = {name: MetricCollection(data.metrics()).to(self.device) for name in self.splits}
        self.train()  # else a run that goes on would train what is frozen until the next evaluation
        if self.step == 0:
            self.evaluate()

    def train(self, mode: bool = True) -> "Task":
        """Sets dropout and batch normalization to training or evaluation; what is frozen is always evaluated."""
        super().train(mode)
        evaluate_frozen(self.model)
        return self

    @property
    def seconds(self) -> float:
        """Spent training, also before an interruption."""
        return self.time_share * ((self.ended or time.perf_counter()) - self.started)

    def on_train_end(self) -> None:
        """Stops the clock, and goes back to the best network if that is the one to keep."""
        self.ended = time.perf_counter()
        if self.best:
            self.load_state_dict(self.best["weights"])
            self.row = self.best["row"]

    def left(self, begin: int) -> range:
        """The steps left of the stretch that begins with step `begin`: all, if it was not interrupted."""
        return range(max(begin, self.step), min(begin + self.eval_every, self.steps))

    def training_step(self, begin: int, _: int) -> None:
        """Trains to the end of the stretch that begins with step `begin`, and evaluates."""
        stretch, pause = self.left(begin), self.pause
        compute, loss_function, optimizer, scheduler = self.compute, self.loss, self.optimizer, self.scheduler
        parameters, losses = list(self.parameters()), []
        for step, (x, y) in zip(stretch, self.batches(stretch), strict=True):
            loss = loss_function(compute(x), y)
            for parameter in parameters:
                parameter.grad = None  # what optimizer.zero_grad() does, without its hooks: 3 % of a step
            loss.backward()
            optimizer.step()
            if scheduler:
                scheduler.step()
            if self.average:
                self.average.add(step)
            losses.append(loss.detach())
            if pause.wanted:
                self.advance(losses)
                losses.clear()
                pause.take()
        self.advance(losses)
        if self.average and self.step == self.steps:
            self.average.take_over(compute, self.batches(last_steps(self.steps)), pause)
        self.evaluate()

    def advance(self, losses: list[Tensor]) -> None:
        """Counts the steps that had these losses. Raises FloatingPointError when one is not finite.

        One look at a whole stretch: the loop itself never waits for a number.
        """
        for step, loss in enumerate(torch.stack(losses).tolist() if losses else [], start=self.step + 1):
            self._refuse_non_finite(step, loss)
        self.step += len(losses)

    def batches(self, steps: range) -> Iterator[Batch]:
        """x and y of these steps, on the device."""
        return minibatches(self.examples, self.data.batch_size, steps, self.seed, self.augment)

    def weights(self) -> dict[str, Tensor]:
        """A copy of all weights, also those of a learned loss; of a view (see trainer/stack.py) only what is seen."""
        return {name: each.clone() for name, each in self.state_dict().items()}

    @torch.no_grad()
    def evaluate(self) -> None:
        """Loss and metrics of every whole split, in eval mode, as one row for the loggers."""
        self.eval()
        row, started = {"step": self.step}, time.perf_counter()
        for name, split in self.splits.items():
            measured = measure(self, split, self.metrics[name])
            self._refuse_non_finite(self.step, measured["loss"])
            row |= {f"{name}_{key}": value for key, value in measured.items()}
        examples = sum(len(split.x) for split in self.splits.values())
        self.evaluated_per_second = examples / (time.perf_counter() - started)
        self.row = row | {"lr": self.optimizer.param_groups[0]["lr"]}
        show(self.records, self.splits, lambda x: self.loss.predict(self.compute(x)), self.data.target, self.step)
        self.train()
        if self.keep == "best" and (not self.best or row["validation_loss"] < self.best["row"]["validation_loss"]):
            self.best = {"row": self.row, "weights": self.weights()}
        for record in self.records:
            record.log_metrics(self.row, step=self.step)
        self.watch(self.row)

    def _refuse_non_finite(self, step: int, loss: float) -> None:
        if not math.isfinite(loss):
            group = self.optimizer.param_groups[0]
            lr = group.get("initial_lr", group["lr"])  # as it was typed: a schedule changes what it is now
            raise FloatingPointError(
                f"the loss of step {step} is {loss}; optimizer.lr={lr:g} may be too large."
                f" What was measured before is kept in history.csv"
            )
