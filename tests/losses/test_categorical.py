import pytest
import torch
from scipy.special import log_softmax
from torch.distributions import Categorical as CategoricalDistribution
from torch.distributions import kl_divergence

from refnets.data.target import Classes
from refnets.losses.binary import Bernoulli
from refnets.losses.categorical import Categorical

LOGITS = torch.randn(50, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
Y = torch.arange(50) % 4


def test_it_is_the_negative_log_likelihood_of_its_distribution():
    loss = Categorical()
    assert torch.allclose(loss(LOGITS, Y), -loss.distribution(LOGITS).log_prob(Y).mean(), atol=1e-12)


def test_it_equals_scipy():
    expected = -log_softmax(LOGITS.numpy(), axis=1)[range(50), Y].mean()
    assert Categorical()(LOGITS, Y).item() == pytest.approx(expected, abs=1e-12)


def test_smoothing_mixes_the_labels_with_the_uniform_distribution():
    """Szegedy et al. (2016), section 7; in book section 9.3.4 a label is then wrong with probability 0.1 (K-1) / K."""
    predicted = Categorical().distribution(LOGITS).logits
    targets = torch.full_like(LOGITS, 0.1 / 4)
    targets[range(50), Y] += 0.9
    assert Categorical(0.1)(LOGITS, Y).item() == pytest.approx(-(targets * predicted).sum(1).mean().item(), abs=1e-12)


def test_nothing_is_smoothed_in_eval_mode():
    assert torch.equal(Categorical(0.1).eval()(LOGITS, Y), Categorical()(LOGITS, Y))


def test_its_mean_is_the_loss():
    assert torch.allclose(Categorical().nll(LOGITS, Y).mean(), Categorical()(LOGITS, Y), atol=1e-12)


def test_classes_are_drawn_by_their_probabilities():
    logits = torch.tensor([0.2, 0.5, 0.3]).log() + 7
    torch.manual_seed(0)
    shares = Categorical().sample(logits.expand(20000, 3)).bincount() / 20000
    assert shares.tolist() == pytest.approx([0.2, 0.5, 0.3], abs=0.015)


def test_logits_of_one_distribution_have_one_form():
    assert torch.allclose(Categorical().canonical(LOGITS + 7), Categorical().canonical(LOGITS))


@pytest.mark.parametrize("y", [torch.tensor([0, -1]), torch.tensor([0.0, 1.0])])
def test_targets_that_are_no_numbers_of_classes_are_refused(y):
    with pytest.raises(ValueError, match="loss=categorical is for targets that are integers from 0 on, the data has"):
        Categorical().check(y)


def test_gradient():
    assert torch.autograd.gradcheck(lambda logits: Categorical()(logits, Y), LOGITS.clone().requires_grad_())


def test_adding_a_constant_to_all_logits_changes_nothing():
    assert torch.allclose(Categorical()(LOGITS + 1000, Y), Categorical()(LOGITS, Y), atol=1e-10)


def test_huge_logits_stay_finite():
    assert Categorical()(torch.tensor([[1000.0, -1000.0]]), torch.tensor([1])).item() == 2000


def test_the_example_of_the_notes():
    probabilities = torch.tensor([[0.1, 0.8, 0.1]], dtype=torch.float64)
    assert Categorical()(probabilities.log(), torch.tensor([1])).item() == pytest.approx(0.223144, abs=1e-6)


def test_of_one_hot_targets_it_is_the_divergence_from_them():
    """Book section 5.7: their entropy, by which the two differ, is 0."""
    predicted = CategoricalDistribution(probs=torch.tensor([0.1, 0.8, 0.1], dtype=torch.float64))
    one_hot = CategoricalDistribution(probs=torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64))
    loss = Categorical()(predicted.logits[None], torch.tensor([1])).item()
    assert loss == pytest.approx(kl_divergence(one_hot, predicted).item(), abs=1e-12)


def test_the_prediction_is_the_most_probable_class():
    assert torch.equal(Categorical().predict(LOGITS), Categorical().distribution(LOGITS).probs.argmax(-1))


def test_two_classes_are_bernoulli_of_the_difference_of_the_logits():
    z = torch.tensor([-2.0, 0.3, 5.0], dtype=torch.float64)
    y = torch.tensor([1, 0, 1])
    logits = torch.stack([torch.zeros_like(z), z], -1)
    assert Categorical()(logits, y).item() == pytest.approx(Bernoulli()(z[:, None], y.double()).item(), abs=1e-12)


def test_one_output_per_class():
    assert Categorical().num_outputs(Classes(("a", "b", "c"))) == 3


def test_targets_that_are_no_classes_are_refused():
    with pytest.raises(ValueError, match="loss=categorical needs targets that are classes, the data has a real number"):
        Categorical().num_outputs("a real number")
