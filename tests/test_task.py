import lightning as L
import pytest
import torch
import torch.nn.functional as F

from refnets.data.batches import minibatches
from refnets.task import Task


def _fit(task):
    L.Trainer(
        accelerator="cpu",
        max_epochs=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=1,
    ).fit(task)
    return task


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adam", "adamw", "gradient_descent"])
def test_it_equals_a_plain_loop_bit_for_bit(task, optimizer):
    trained, reference = _fit(task(f"optimizer={optimizer}", "scheduler=step", "scheduler.step_size=7")), task()
    model, train, batch_size = reference.model, trained.data.splits["train"], trained.data.batch_size
    optimizer = trained.make_optimizer(model.parameters())
    for step, (x, y) in enumerate(minibatches(train, batch_size, range(30), seed=0), start=1):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 7 == 0:
            optimizer.param_groups[0]["lr"] *= 0.5
    for ours, theirs in zip(trained.model.parameters(), model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_an_evaluation_is_of_the_whole_split_in_eval_mode(task):
    trained = _fit(task("model.dropout=0.5"))
    for name, (x, y) in trained.data.splits.items():
        logits = trained.model.eval()(x)
        assert trained.row[f"{name}_loss"] == pytest.approx(F.cross_entropy(logits, y).item(), rel=1e-6)
        assert trained.row[f"{name}_error"] == pytest.approx(100 * (logits.argmax(1) != y).double().mean().item())


def test_steps_need_not_be_a_multiple_of_eval_every(task):
    assert _fit(task("eval_every=20")).step == 30


def test_an_evaluation_that_is_not_finite_stops(task):
    with pytest.raises(FloatingPointError, match="the loss of step 1 is (nan|inf)"):
        _fit(task("optimizer.lr=1e30", "steps=1"))


def test_a_loss_that_is_not_finite_stops(task):
    with pytest.raises(FloatingPointError, match=r"the loss of step \d+ is (nan|inf); optimizer.lr=1e\+06 may be too"):
        _fit(task("optimizer.lr=1e6"))


def test_the_step_whose_loss_is_not_finite_is_named(task):
    untrained = task()
    untrained.configure_optimizers()
    untrained.step = 10
    with pytest.raises(FloatingPointError, match="the loss of step 12 is nan"):
        untrained.advance([torch.tensor(1.0), torch.tensor(torch.nan)])


def test_another_seed_has_another_order_of_examples(task):
    first = []
    for seed in (0, 1):
        untrained = task()
        untrained.seed, untrained.examples = seed, untrained.data.splits["train"]
        first.append(next(untrained.batches(range(1)))[0])
    assert not torch.equal(*first)


def test_no_graph_is_kept_from_step_to_step(task, monkeypatch):
    advance, kept = Task.advance, []
    monkeypatch.setattr(Task, "advance", lambda task, losses: (kept.extend(losses), advance(task, losses)))
    _fit(task())
    assert [each.requires_grad for each in kept] == [False] * 30


def test_an_evaluation_makes_no_graph(task, monkeypatch):
    enabled = []
    monkeypatch.setattr("refnets.task.show", lambda *_: enabled.append(torch.is_grad_enabled()))
    _fit(task())
    assert enabled == [False] * 4


RISING = "optimizer.lr=0.5", "data.validation=0.2", "eval_every=5", "steps=200"  # the validation loss falls, then rises


def test_early_stopping_keeps_the_network_with_the_lowest_validation_loss(task):
    trained = _fit(task(*RISING, "keep=best"))
    x, y = trained.data.splits["validation"]
    kept = F.cross_entropy(trained.model(x), y).item()
    assert trained.row["validation_loss"] == pytest.approx(kept, rel=1e-6)
    assert trained.row["step"] < 200
    assert kept < _fit(task(*RISING, "keep=last")).row["validation_loss"]


def test_a_loss_that_is_not_finite_names_the_learning_rate_that_was_typed(task):
    with pytest.raises(FloatingPointError, match=r"optimizer.lr=1e\+20 may be too large"):
        _fit(task("optimizer.lr=1e20", "scheduler=cosine"))


def test_smoothed_labels_are_for_training_only(task):
    trained = _fit(task("loss.label_smoothing=0.3"))
    x, y = trained.data.splits["train"]
    assert trained.row["train_loss"] == pytest.approx(F.cross_entropy(trained.model(x), y).item(), rel=1e-6)


def test_statistics_of_a_frozen_layer_do_not_move(task):
    task = task()
    task.model.layers.insert(1, torch.nn.BatchNorm1d(40).requires_grad_(False))
    _fit(task)
    assert torch.equal(task.model.layers[1].running_mean, torch.zeros(40))
