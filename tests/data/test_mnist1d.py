import random

import numpy as np
import pytest
import torch


def _examples(split):
    return [(*x.flatten().tolist(), y.item()) for x, y in zip(*split, strict=True)]


def test_shapes(mnist1d):
    splits = mnist1d().splits
    assert list(splits) == ["train", "test"]
    assert splits["train"].x.shape == (4000, 1, 40)
    assert splits["test"].x.shape == (1000, 1, 40)


def test_the_input_shape_is_that_of_an_example(mnist1d):
    data = mnist1d("data.final_seq_length=30")
    assert data.splits["train"].x.shape[1:] == data.input_shape == (1, 30)


def test_the_defaults_are_those_of_the_package(mnist1d):
    from mnist1d.data import get_dataset_args

    theirs = get_dataset_args(as_dict=True)
    assert {key: getattr(mnist1d(), key) for key in theirs if key != "url"} == {
        k: v for k, v in theirs.items() if k != "url"
    }


def _weighed(values):
    """The sum of all values, each with a weight of its own."""
    return (values.flatten().double() * torch.arange(values.numel(), dtype=torch.float64).cos()).sum().item()


@pytest.mark.parametrize(("split", "x", "y"), [("train", 209.98646, 463.05768653), ("test", -172.43625, -29.76886267)])
def test_the_default_data_are_those_of_the_file_that_their_authors_publish(mnist1d, split, x, y):
    """The numbers were computed from that file, mnist1d_data.pkl of github.com/greydanus/mnist1d."""
    examples = mnist1d().splits[split]
    assert _weighed(examples.x) == pytest.approx(x, abs=1e-3)
    assert _weighed(examples.y) == pytest.approx(y, abs=1e-6)


def test_inputs_are_standardized_over_both_splits(mnist1d):
    x = torch.cat([split.x for split in mnist1d().splits.values()]).double()
    assert x.mean().item() == pytest.approx(0, abs=1e-7)
    assert x.std(correction=0).item() == pytest.approx(1, abs=1e-7)


def test_label_noise_changes_nine_tenths_of_its_share_of_the_training_labels(mnist1d):
    clean, noisy = mnist1d().splits, mnist1d("data.label_noise=0.15").splits
    changed = (clean["train"].y != noisy["train"].y).double().mean().item()
    assert changed == pytest.approx(0.135, abs=0.02)  # 600 labels drawn again, 540 +- 7 of them changed


def test_label_noise_leaves_the_test_labels_alone(mnist1d):
    assert torch.equal(mnist1d().splits["test"].y, mnist1d("data.label_noise=0.5").splits["test"].y)


def test_validation_examples_are_taken_from_training(mnist1d):
    whole, parts = mnist1d().splits, mnist1d("data.validation=0.1").splits
    assert list(parts) == ["train", "validation", "test"]
    assert parts["validation"].x.shape == (400, 1, 40)
    assert torch.equal(parts["test"].x, whole["test"].x)
    assert sorted(_examples(parts["train"]) + _examples(parts["validation"])) == sorted(_examples(whole["train"]))


def test_validation_labels_are_as_noisy_as_those_trained_on(mnist1d):
    clean, noisy = (mnist1d("data.validation=0.5", f"data.label_noise={share}").splits for share in (0, 0.5))
    changed = (clean["validation"].y != noisy["validation"].y).double().mean().item()
    assert changed == pytest.approx(0.45, abs=0.05)


def test_a_validation_split_without_examples_is_refused(mnist1d):
    with pytest.raises(ValueError, match="data.validation=0.0001 of 4000 training examples leaves a split without"):
        mnist1d("data.validation=0.0001").splits  # noqa: B018


def test_augmented_examples_are_turned_and_scaled_training_examples(mnist1d):
    plain, more = mnist1d().splits["train"], mnist1d("data.augmented=50").splits["train"]
    assert torch.equal(more.x[:4000], plain.x)
    assert len(more.x) == len(more.y) == 4050
    spectrum = torch.fft.rfft(more.x[:, 0]).abs()  # (n, frequencies): turning changes phases only
    shape = spectrum / spectrum.norm(dim=1, keepdim=True)
    likeness, source = (shape[4000:] @ shape[:4000].T).max(1)
    assert torch.allclose(likeness, torch.ones(50), atol=1e-4)
    assert torch.equal(more.y[4000:], plain.y[source])
    scales = spectrum[4000:].norm(dim=1) / spectrum[source].norm(dim=1)
    assert 0.8 <= scales.min() < 0.85 < 1.15 < scales.max() <= 1.2


def test_validation_examples_have_no_augmented_copies(mnist1d):
    few = mnist1d("data.validation=0.5", "data.augmented=100").splits
    plain = mnist1d("data.validation=0.5").splits
    assert torch.equal(few["validation"].x, plain["validation"].x)
    assert len(few["train"].x) == 2100


def test_the_data_have_a_seed_of_their_own(mnist1d, job):
    assert not torch.equal(mnist1d("data.seed=1").splits["train"].x, mnist1d().splits["train"].x)
    assert job("seed=1")[0].data == job()[0].data


def test_the_callers_random_numbers_are_left_alone(mnist1d):
    np.random.seed(5)
    random.seed(5)
    expected = np.random.rand(), random.random()
    np.random.seed(5)
    random.seed(5)
    assert mnist1d("data.seed=3").splits
    assert (np.random.rand(), random.random()) == expected


def test_shuffle_seq_moves_the_same_positions_in_every_example(mnist1d):
    plain, shuffled = mnist1d().splits["test"].x, mnist1d("data.shuffle_seq=true").splits["test"].x
    order = [int((plain == shuffled[..., [i]]).all(0).squeeze().nonzero()) for i in range(40)]
    assert sorted(order) == list(range(40))


def test_a_split_without_examples_is_refused(mnist1d):
    with pytest.raises(ValueError, match="data.train_split=0.005 of 100 leaves a split without examples"):
        _ = mnist1d("data.num_samples=100", "data.train_split=0.005").splits
