import pytest
import torch
import torch.nn.functional as F

from refnets.config.build import build
from refnets.config.jobs import jobs
from refnets.data.target import IGNORED, Classes, Masks
from refnets.losses.segmentation import PixelwiseCategorical, SoftDice, Sum, centred

LOGITS = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
Y = (torch.arange(40).view(2, 4, 5) % 3).byte()
MASKS = Masks(("sky", "road", "car"))
LOSSES = [PixelwiseCategorical(None), SoftDice(), Sum({"pixelwise": PixelwiseCategorical(None), "dice": SoftDice()})]


def _ignoring(y, *where):
    y = y.clone()
    y[where] = IGNORED
    return y


def _logits(*probabilities):
    """Two classes, one image of a single row: the probabilities of class 1."""
    p = torch.tensor(probabilities, dtype=torch.float64)
    return torch.stack([1 - p, p]).log()[None, :, None]  # (1, 2, 1, width)


def test_the_middle_of_a_map():
    y = torch.arange(30).view(1, 5, 6)
    assert centred(y, (1, 2)).tolist() == [[[14, 15]]]
    assert torch.equal(centred(y, (5, 6)), y)


def test_a_map_larger_than_the_masks_is_refused():
    with pytest.raises(ValueError, match=r"maps of \(6, 6\) pixels, the masks have \(5, 6\)"):
        centred(torch.zeros(1, 5, 6), (6, 6))


# Cross-entropy.


def test_pixelwise_is_the_cross_entropy_of_the_pixels_that_are_not_ignored():
    y = _ignoring(Y[:1], 0, slice(1, 3))
    expected = F.cross_entropy(LOGITS[:1], y.long(), ignore_index=IGNORED)
    assert PixelwiseCategorical(None)(LOGITS[:1], y).item() == pytest.approx(expected.item(), abs=1e-12)


def test_pixelwise_by_hand():
    loss = PixelwiseCategorical(None)(_logits(0.2, 0.5, 0.9), torch.tensor([[[1, 0, IGNORED]]], dtype=torch.uint8))
    assert loss.item() == pytest.approx(-torch.tensor([0.2, 0.5]).log().mean().item(), abs=1e-6)


def test_every_image_counts_alike_however_many_of_its_pixels_do():
    y = _ignoring(Y, 0, slice(1, 4))
    alone = [PixelwiseCategorical(None)(LOGITS[i : i + 1], y[i : i + 1]).item() for i in (0, 1)]
    assert PixelwiseCategorical(None)(LOGITS, y).item() == pytest.approx(sum(alone) / 2, abs=1e-12)


def test_class_weights_multiply_the_pixels_of_their_class():
    y = torch.tensor([[[1, 0, IGNORED]]], dtype=torch.uint8)
    nll = -torch.tensor([0.2, 0.5], dtype=torch.float64).log()
    loss = PixelwiseCategorical([3.0, 0.5]).double()(_logits(0.2, 0.5, 0.9), y)
    assert loss.item() == pytest.approx(((0.5 * nll[0] + 3 * nll[1]) / 2).item(), abs=1e-12)


def test_there_is_a_weight_for_every_class():
    with pytest.raises(ValueError, match="class_weights has 2 numbers, the data 3 classes: sky, road, car"):
        PixelwiseCategorical([1.0, 2.0]).num_outputs(MASKS)


def test_class_weights_are_not_kept_with_what_is_learned():
    assert PixelwiseCategorical([1.0, 2.0]).state_dict() == {}


# Dice.


def test_dice_by_hand():
    """Squares of class 1: 0.64 + 0.25 + 0.04 + 0.01, of class 0: 0.04 + 0.25 + 0.64 + 0.81; 2 pixels each."""
    y = torch.tensor([[[1, 1, 0, 0]]], dtype=torch.uint8)
    expected = 1 - (2 * 1.3 / 2.94 + 2 * 1.7 / 3.74) / 2
    assert SoftDice()(_logits(0.8, 0.5, 0.2, 0.1), y).item() == pytest.approx(expected, abs=1e-12)


def test_a_class_that_the_image_does_not_show_has_no_coefficient():
    """2 (0.2 + 0.5) / (0.04 + 0.25 + 2), of class 0 alone."""
    y = torch.zeros(1, 1, 2, dtype=torch.uint8)
    assert SoftDice()(_logits(0.8, 0.5), y).item() == pytest.approx(1 - 1.4 / 2.29, abs=1e-12)


def test_dice_does_not_see_ignored_pixels():
    y = torch.tensor([[[1, 1, 0, IGNORED]]], dtype=torch.uint8)
    alone = SoftDice()(_logits(0.8, 0.5, 0.2), y[..., :3])
    assert SoftDice()(_logits(0.8, 0.5, 0.2, 0.1), y).item() == pytest.approx(alone.item(), abs=1e-12)


def test_dice_does_not_depend_on_how_large_an_object_is():
    small, large = torch.tensor([[[1] + [0] * 99]]), torch.tensor([[[1] * 50 + [0] * 50]])
    losses = [SoftDice()(_logits(*(0.5 * y[0, 0]).clamp(min=1e-12)), y.byte()).item() for y in (small, large)]
    of_object = 2 * 0.5 / (0.25 + 1)
    assert losses[0] == pytest.approx(1 - (of_object + 2 * 99 / (99 + 99.25)) / 2, abs=1e-9)
    assert losses[1] == pytest.approx(1 - (of_object + 2 * 50 / (50 + 62.5)) / 2, abs=1e-9)


# All of them.


def test_the_sum_adds_the_losses():
    first, second, both = LOSSES
    assert both(LOGITS, Y).item() == pytest.approx((first(LOGITS, Y) + second(LOGITS, Y)).item(), abs=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_sure_and_right_prediction_costs_nothing(loss):
    logits = 50.0 * F.one_hot(Y.long(), 3).movedim(-1, 1)
    assert loss(logits, Y).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_gradient(loss):
    y = _ignoring(Y, 0, slice(1, 3))
    assert torch.autograd.gradcheck(lambda logits: loss(logits, y), LOGITS.clone().requires_grad_())


@pytest.mark.parametrize("loss", LOSSES)
def test_an_image_of_which_nothing_is_known_costs_nothing(loss):
    logits, y = LOGITS.clone().requires_grad_(), _ignoring(Y, 0)
    value = loss(logits, y)
    value.backward()
    assert value.item() == pytest.approx(loss(LOGITS[1:], Y[1:]).item() / 2, abs=1e-12)
    assert (logits.grad[0] == 0).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_smaller_map_is_of_the_middle(loss):
    smaller = LOGITS[..., 1:3, 1:4]
    assert loss(smaller, Y).item() == pytest.approx(loss(smaller, Y[:, 1:3, 1:4]).item(), abs=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("value", [-1e4, 1e4])
def test_extreme_outputs_stay_finite_in_single_precision(loss, value):
    logits = torch.zeros(2, 3, 4, 5)
    logits[:, 0] = value
    logits.requires_grad_()
    result = loss(logits, Y)
    result.backward()
    assert result.isfinite()
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("loss", LOSSES)
def test_the_prediction_is_the_most_probable_class_in_bytes(loss):
    predicted = loss.predict(LOGITS)
    assert predicted.dtype == torch.uint8
    assert torch.equal(predicted.long(), LOGITS.softmax(1).argmax(1))


@pytest.mark.parametrize("loss", LOSSES)
def test_one_output_per_class(loss):
    assert loss.num_outputs(MASKS) == 3
    with pytest.raises(ValueError, match="needs a class for every pixel, the data has Classes"):
        loss.num_outputs(Classes(("sky", "road", "car")))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (torch.tensor([[[0.0, 1.0]]]), "loss=dice is for targets that are integers from 0 on, the data has 0.0"),
        (torch.tensor([[[0, -3]]]), "the data has -3"),
        (torch.full((2, 1, 1), IGNORED, dtype=torch.uint8), "nothing to learn: all pixels of the masks are 255"),
    ],
)
def test_bad_targets_are_named(y, message):
    with pytest.raises(ValueError, match=message):
        SoftDice().check(y)


def test_good_targets_pass():
    SoftDice().check(_ignoring(Y, 0))


def test_outputs_that_are_no_maps_are_refused():
    with pytest.raises(ValueError, match=r"needs maps.*the network gives \(2, 3\): type model=unet"):
        SoftDice()(torch.zeros(2, 3), Y)


def test_the_configured_sum_has_both_terms():
    (cfg, _), *_ = jobs(["loss=pixelwise_dice", "loss.terms.pixelwise.class_weights=[1, 2, 3]"])
    loss = build("loss", cfg.loss)
    assert [*loss.terms] == ["pixelwise", "dice"]
    assert [type(term) for term in loss.terms.values()] == [PixelwiseCategorical, SoftDice]
    assert loss.terms["pixelwise"].weight.tolist() == [1, 2, 3]


def test_weights_may_be_whole_numbers():
    whole, exact = PixelwiseCategorical([1, 2, 3]), PixelwiseCategorical([1.0, 2.0, 3.0])
    assert torch.equal(whole(LOGITS.float(), Y), exact(LOGITS.float(), Y))


def test_every_term_of_a_sum_is_asked():
    both = Sum({"dice": SoftDice(), "pixelwise": PixelwiseCategorical([1.0, 2.0])})
    with pytest.raises(ValueError, match="class_weights has 2 numbers, the data 3"):
        both.num_outputs(MASKS)
