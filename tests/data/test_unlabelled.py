import pytest
import torch

from refnets.config.build import build
from refnets.data.batches import Split
from refnets.data.signature import Signature


@pytest.fixture
def data(job):
    """data("masked", ...): the data set of a command line, of 500 signals."""
    return lambda name, *overrides: build("data", job(f"data={name}", "data.of.num_samples=500", *overrides)[0].data)


def _random(seed=0):
    return torch.Generator().manual_seed(seed)


def test_hidden_is_a_block_of_every_signal_and_the_target_has_all_of_it(data):
    masked = data("masked", "data.hidden=7")
    x, y = masked.splits["train"]
    values, hidden = y[:, 0], y[:, 1].bool()
    assert torch.equal(values, masked.of.splits["train"].x[:, 0])
    assert torch.equal(x[:, 0], values.masked_fill(hidden, 0))
    assert (hidden.sum(1) == 7).all()
    assert ((hidden != hidden.roll(1, 1)).sum(1) == 2).all()  # one block, around the circle


def test_every_step_hides_something_else(data):
    masked = data("masked")
    x, y = masked.splits["train"]
    (_, first), (_, second) = masked.augment(x, y, _random(0)), masked.augment(x, y, _random(1))
    assert torch.equal(first[:, 0], y[:, 0])
    assert not torch.equal(first[:, 1], second[:, 1])


def test_something_must_be_left(data):
    with pytest.raises(ValueError, match="data.hidden=40 leaves nothing of an input of 40 values"):
        data("masked", "data.hidden=40").splits  # noqa: B018


@pytest.mark.parametrize("of", ["mnist", "noisy_curve"])
@pytest.mark.parametrize("name", ["masked", "pairs"])
def test_what_is_no_signal_is_refused(job, name, of):
    cfg, _ = job(f"data@data.of={of}", f"data={name}")
    with pytest.raises(ValueError, match="data.of should have signals"):
        build("data", cfg.data)


def test_views_are_two_turned_and_scaled_copies_of_a_signal(data):
    pairs = data("pairs")
    signals, (x, y) = pairs.of.splits["test"].x, pairs.splits["test"]
    assert y.tolist() == [number for number in range(len(signals)) for _ in range(2)]
    spectra = [torch.fft.rfft(each[:, 0]).abs() for each in (x, signals[y])]  # turning changes phases only
    scales = spectra[0] / spectra[1]  # (2n, frequencies)
    assert torch.allclose(scales, scales[:, :1].expand_as(scales), rtol=1e-2)
    assert 0.8 <= scales[:, 0].min() < 0.85 < 1.15 < scales[:, 0].max() < 1.21
    assert not torch.allclose(x[::2], x[1::2])


def test_examples_are_the_signals_themselves(data):
    pairs = data("pairs")
    assert torch.equal(pairs.examples.x, pairs.of.splits["train"].x)
    assert torch.equal(pairs.augment(*pairs.examples, _random()).y, pairs.splits["train"].y)


def test_a_pair_alone_in_every_batch_is_refused(data):
    with pytest.raises(ValueError, match="data.batch_size=1: .*greater than or equal to 2"):
        data("pairs", "data.batch_size=1")


def test_some_classes_are_numbered_anew(data):
    some = data("some_classes", "data.classes=[7,2]")
    whole = some.of.splits["test"]
    assert some.target.names == ("7", "2")
    for number, digit in enumerate((7, 2)):
        x, y = some.splits["test"]
        assert torch.equal(x[y == number], whole.x[whole.y == digit])


def test_of_images_some_classes_are_bytes(job):
    assert Signature.of(build("data", job("data=some_classes", "data@data.of=mnist")[0].data)).as_bytes


def test_of_images_what_is_padded_has_the_mean_color_of_the_chosen_ones(job):
    some = build(
        "data", job("data=some_classes", "data@data.of=mnist", "data.classes=[0,1]", "data.of.padding=40")[0].data
    )
    images = torch.full((3, 1, 28, 28), 10, dtype=torch.uint8)
    images[2] = 200
    some.of.splits = {"train": Split(images, torch.arange(3))}
    x, _ = some.augment(*some.splits["train"], _random())
    assert x.unique().tolist() == [10]


def test_of_some_classes_some_can_be_chosen(job):
    nested = "data=some_classes", "data@data.of=some_classes", "data.classes=[1]", "data.of.classes=[3,5]"
    some = build("data", job(*nested, "data.of.of.num_samples=500")[0].data)
    assert some.target.names == ("5",)
    assert (some.splits["test"].y == 0).all()


def test_some_classes_of_which_a_split_has_no_example_are_refused(data):
    some = data("some_classes", "data.classes=[7,2]")
    x, y = some.of.splits["test"]
    some.of.splits["test"] = Split(x[y == 3], y[y == 3])
    with pytest.raises(ValueError, match=r"data.classes=\[7, 2\]: the test split has no example of them"):
        _ = some.splits


def test_some_classes_of_what_has_none_are_refused(job):
    cfg, _ = job("data=some_classes", "data@data.of=noisy_curve", "data.classes=[1,2]")
    with pytest.raises(ValueError, match=r"data.of should have classes, as mnist1d, and has Values\(size=1\)"):
        _ = build("data", cfg.data).target


@pytest.mark.parametrize("classes", ["[]", "[1,1]", "[3,10]"])
def test_classes_that_are_not_there_are_refused(data, classes):
    with pytest.raises(ValueError, match="should be different numbers from 0 to 9"):
        data("some_classes", f"data.classes={classes}").target  # noqa: B018
