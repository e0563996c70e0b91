import pytest
import torch

from refnets.data.batches import Split, held_out, minibatches

SPLIT = Split(torch.arange(10.0)[:, None], torch.arange(10))


def _ys(steps, batch_size=4, seed=0):
    return [y.tolist() for _, y in minibatches(SPLIT, batch_size, steps, seed)]


def test_every_example_comes_once_an_epoch():
    assert sorted(sum(_ys(range(0, 3)), [])) == list(range(10))


def test_the_last_batch_of_an_epoch_is_smaller():
    assert [len(y) for y in _ys(range(0, 4))] == [4, 4, 2, 4]


def test_inputs_and_targets_stay_together():
    assert all(torch.equal(x[:, 0].long(), y) for x, y in minibatches(SPLIT, 4, range(0, 6), seed=0))


@pytest.mark.parametrize("cut", range(8))
def test_a_batch_does_not_depend_on_how_training_is_cut(cut):
    assert _ys(range(0, cut)) + _ys(range(cut, 8)) == _ys(range(0, 8))


def test_batches_that_are_gathered_in_parts_are_the_same(monkeypatch):
    whole = _ys(range(0, 6))
    monkeypatch.setattr("refnets.data.batches.GATHERED_AT_ONCE", 1)
    assert _ys(range(0, 6)) == whole


def test_every_epoch_has_its_own_order():
    assert _ys(range(0, 3)) != _ys(range(3, 6))


def test_every_seed_has_its_own_order():
    assert _ys(range(0, 3), seed=0) != _ys(range(0, 3), seed=1)


def test_no_batch_size_is_the_whole_split_in_its_own_order():
    assert _ys(range(0, 2), batch_size=None) == [list(range(10))] * 2


def test_no_steps_are_no_batches():
    assert _ys(range(3, 3)) == _ys(range(4, 4)) == []


def _add_noise(x, y, generator):
    return x + torch.randn(x.shape, generator=generator), y


def _augmented(steps):
    return torch.cat([x for x, _ in minibatches(SPLIT, 5, steps, 0, _add_noise)])


@pytest.mark.parametrize("cut", range(1, 4))
def test_random_changes_belong_to_the_step(cut):
    assert torch.equal(torch.cat([_augmented(range(0, cut)), _augmented(range(cut, 4))]), _augmented(range(0, 4)))


def test_every_step_changes_its_examples_in_its_own_way():
    first, second = (next(minibatches(SPLIT, None, range(step, step + 1), 0, _add_noise))[0] for step in (0, 1))
    assert not torch.allclose(first, second)


def test_a_fraction_is_rounded_and_not_cut():
    assert [len(part) for part in held_out(100, 0.29, 0, "validation")] == [71, 29]  # 0.29 * 100 is 28.999...
