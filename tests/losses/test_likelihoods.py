"""Every distribution of table 5.11 against SciPy, its own normalization, its gradient and its edge cases."""

import copy
import itertools
import math

import numpy as np
import pytest
import scipy.stats as st
import torch
from scipy.integrate import quad
from torch.nn.functional import softplus

from refnets.data.target import Classes, Ordering, Values
from refnets.losses.binary import Bernoulli
from refnets.losses.count import Poisson
from refnets.losses.direction import VonMises
from refnets.losses.gaussian import Gaussian
from refnets.losses.independent import Independent
from refnets.losses.magnitude import Exponential, Gamma
from refnets.losses.mixture import GaussianMixture
from refnets.losses.multivariate import MultivariateGaussian
from refnets.losses.proportion import Beta
from refnets.losses.ranking import PlackettLuce
from refnets.losses.robust import Laplace, StudentT

exp = math.exp


def _mixture(y, f):
    weights, means, sigmas = np.exp(f[:2]) / np.exp(f[:2]).sum(), f[2:4], 1e-3 + np.exp(f[4:])
    return math.log(sum(w * st.norm.pdf(y, m, s) for w, m, s in zip(weights, means, sigmas, strict=True)))


# loss, values that y may take, integration limits, log density of SciPy given y and the network's outputs f
CONTINUOUS = {
    "gaussian fixed": (Gaussian("fixed", 0.7), [-2, 0.3], (-20, 20), lambda y, f: st.norm.logpdf(y, f[0], 0.7)),
    "gaussian predicted": (
        Gaussian("predicted"),
        [-2, 0.3],
        (-50, 50),
        lambda y, f: st.norm.logpdf(y, f[0], exp(f[1] / 2)),
    ),
    "laplace": (Laplace(), [-2, 0.3], (-50, 50), lambda y, f: st.laplace.logpdf(y, f[0], exp(f[1]))),
    "student t": (
        StudentT(2.0),
        [-200, 0.3],
        (-np.inf, np.inf),
        lambda y, f: st.t.logpdf(y, 2 + softplus(torch.tensor(f[2])).item(), f[0], exp(f[1])),
    ),
    "mixture": (GaussianMixture(2, 1e-3), [-2, 0.3], (-50, 50), _mixture),
    "exponential": (Exponential(), [0.0, 0.3, 9], (0, 200), lambda y, f: st.expon.logpdf(y, scale=exp(-f[0]))),
    "gamma": (Gamma(), [0.01, 0.3, 9], (0, np.inf), lambda y, f: st.gamma.logpdf(y, exp(f[0]), scale=exp(-f[1]))),
    "beta": (Beta(1e-12), [0.01, 0.3, 0.99], (0, 1), lambda y, f: st.beta.logpdf(y, exp(f[0]), exp(f[1]))),
    "von mises": (
        VonMises(),
        [-3, 0.3, math.pi],
        (-math.pi, math.pi),
        lambda y, f: st.vonmises.logpdf(y, exp(f[2]), math.atan2(f[1], f[0])),
    ),
}
DISCRETE = {
    "bernoulli": (Bernoulli(), [0, 1], range(2), lambda y, f: st.bernoulli.logpmf(y, 1 / (1 + exp(-f[0])))),
    "poisson": (Poisson(), [0, 1, 7], range(100), lambda y, f: st.poisson.logpmf(y, exp(f[0]))),
}
ALL = CONTINUOUS | DISCRETE


def _outputs(loss, seed=0):
    return torch.randn(loss.outputs, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _double(value):
    return torch.tensor(float(value), dtype=torch.float64)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ALL)
def test_it_equals_scipy(name, seed):
    loss, values, _, logpdf = ALL[name]
    f = _outputs(loss, seed)
    for y in values:
        assert loss.nll(f, _double(y)).item() == pytest.approx(-logpdf(y, f.numpy()), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_density_integrates_to_one(name):
    loss, _, limits, _ = CONTINUOUS[name]
    f = _outputs(loss)
    total, _ = quad(lambda y: exp(-loss.nll(f, _double(y)).item()), *limits, points=None, limit=500)
    assert total == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", DISCRETE)
def test_the_probabilities_sum_to_one(name):
    loss, _, values, _ = DISCRETE[name]
    f = _outputs(loss)
    assert sum(exp(-loss.nll(f, _double(y)).item()) for y in values) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_gradient(name):
    loss, values, *_ = ALL[name]
    f = _outputs(loss).expand(len(values), -1).clone().requires_grad_()
    y = torch.tensor(values, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda f: loss.nll(f, y), f)


@pytest.mark.parametrize("name", ALL)
def test_samples_have_the_entropy_of_their_distribution(name):
    """It is the mean of -log p, here of 4000 samples and by quadrature."""
    loss, _, limits, _ = ALL[name]
    torch.manual_seed(0)
    f = _outputs(loss)
    y = loss.sample(f.expand(4000, -1))
    loss.check(y)

    def weighted(y):
        nll = loss.nll(f, _double(y)).item()
        return exp(-nll) * nll

    entropy = quad(weighted, *limits, limit=500)[0] if name in CONTINUOUS else sum(map(weighted, limits))
    nlls = loss.nll(f.expand(4000, -1), y)
    assert nlls.mean().item() == pytest.approx(entropy, abs=4 * nlls.std().item() / 4000**0.5)


@pytest.mark.parametrize("name", sorted(set(ALL) - {"exponential", "bernoulli", "mixture"}))
def test_the_prediction_is_more_probable_than_what_lies_beside_it(name):
    loss, *_ = ALL[name]
    f = _outputs(loss).clone()
    if name in ("gamma", "beta"):
        f[:2] = torch.tensor([1.5, 0.5])  # shapes above 1 have a mode inside
    best = loss.predict(f)
    for step in (-1, 1) if name == "poisson" else (-0.01, 0.01):
        assert loss.nll(f, best) <= loss.nll(f, best + step)


def test_gamma_of_a_shape_below_one_predicts_its_pole():
    assert Gamma().predict(torch.tensor([math.log(0.5), 0.0])).item() == 0


def test_beta_without_a_mode_inside_predicts_its_mean():
    assert Beta(1e-6).predict(torch.tensor([0.5, 2.0]).log()).item() == pytest.approx(0.2)


def test_the_exponential_predicts_its_mean_because_its_mode_is_always_zero():
    assert Exponential().predict(torch.tensor([math.log(4.0)])).item() == pytest.approx(0.25)


@pytest.mark.parametrize(("logit", "prediction"), [(0.1, 1), (-0.1, 0), (0.0, 0)])  # a tie is 0, as in the notes
def test_bernoulli_predicts_the_more_probable_class(logit, prediction):
    assert Bernoulli().predict(torch.tensor([logit])).item() == prediction


def test_the_mixture_predicts_the_mean_of_its_highest_component_not_its_own_mean():
    f = torch.tensor([0.0, 1.0, -1.0, 3.0, -1.0, -1.0])
    assert GaussianMixture(2, 1e-3).predict(f).item() == 3


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("value", [-1000.0, -88.0, 88.0, 1000.0])
def test_extreme_outputs_stay_finite_in_single_precision(name, value):
    loss, values, *_ = ALL[name]
    f = torch.full((len(values), loss.outputs), value, requires_grad=True)
    loss = copy.deepcopy(loss).float()(f, torch.tensor(values, dtype=torch.float32))
    loss.backward()
    assert loss.isfinite()
    assert f.grad.isfinite().all()


@pytest.mark.parametrize(
    ("loss", "y", "offending"),
    [
        (Exponential(), [1.0, -0.5], "-0.5"),
        (Gamma(), [1.0, 0.0], "0.0"),
        (Beta(1e-6), [0.0, 1.0, 1.5], "1.5"),
        (Bernoulli(), [0.0, 2.0], "2.0"),
        (Poisson(), [3.0, 2.5], "2.5"),
        (Poisson(), [3.0, -1.0], "-1.0"),
        (Gaussian("fixed"), [1.0, float("nan")], "nan"),
        (VonMises(), [-6.28, 0.0, 6.28, 90.0], "90.0"),
    ],
)
def test_a_target_outside_the_support_is_named(loss, y, offending):
    with pytest.raises(ValueError, match=rf"{type(loss).__name__} is for targets in .*, the data has {offending}"):
        loss.check(torch.tensor(y))


@pytest.mark.parametrize("target", [Classes(("a", "b")), Values(3), Ordering(3)])
def test_targets_that_are_not_single_numbers_are_refused(target):
    with pytest.raises(ValueError, match="^Poisson is for one number per example, the data has"):
        Poisson().num_outputs(target)


@pytest.mark.parametrize("loss", [MultivariateGaussian(), Independent(Laplace()), PlackettLuce()])
def test_targets_of_another_kind_are_refused(loss):
    with pytest.raises(
        ValueError,
        match="^loss=[a-z_]+ needs targets (that are vectors|that are orderings|of several numbers each), the data",
    ):
        loss.num_outputs(Classes(("a", "b")))


# The relations between the rows of the table.


def test_gaussian_of_a_fixed_variance_is_least_squares_up_to_a_constant():
    f, y = torch.randn(2, 9, 1), torch.randn(9)
    first, second = (Gaussian("fixed", 0.5)(each, y) - ((each[..., 0] - y) ** 2).mean() / (2 * 0.25) for each in f)
    assert first.item() == pytest.approx(second.item(), abs=1e-5)


def test_a_learned_variance_is_a_parameter_and_a_fixed_one_is_not():
    assert [p.requires_grad for mode in ("learned", "fixed") for p in Gaussian(mode).parameters()] == [True, False]


def test_a_mixture_of_one_is_the_gaussian():
    f, y = torch.randn(9, 3, dtype=torch.float64), torch.randn(9, dtype=torch.float64)
    normal = torch.stack([f[:, 1], 2 * f[:, 2]], -1)
    assert GaussianMixture(1, 1e-15)(f, y).item() == pytest.approx(Gaussian("predicted")(normal, y).item(), abs=1e-9)


def test_student_t_of_many_degrees_of_freedom_is_the_gaussian():
    f, y = torch.tensor([[0.2, 0.1, 0.0]], dtype=torch.float64), torch.tensor([1.0], dtype=torch.float64)
    normal = torch.tensor([[0.2, 0.2]], dtype=torch.float64)
    assert StudentT(1e6)(f, y).item() == pytest.approx(Gaussian("predicted")(normal, y).item(), abs=1e-5)


def test_the_influence_of_an_outlier_on_student_t_is_bounded():
    f = torch.tensor([[0.0, 0.0, 0.0]] * 2, requires_grad=True)
    StudentT(1.0).nll(f, torch.tensor([10.0, 1e6])).sum().backward()
    assert f.grad[:, 0].abs().max() < 1


def test_gamma_of_shape_one_is_the_exponential():
    y = torch.tensor([0.1, 2.0])
    assert Gamma()(torch.tensor([[0.0, 0.7]] * 2), y).item() == pytest.approx(
        Exponential()(torch.full((2, 1), 0.7), y).item()
    )


def test_beta_of_one_and_one_is_uniform():
    assert Beta(1e-6)(torch.zeros(3, 2), torch.tensor([0.0, 0.4, 1.0])).item() == pytest.approx(0, abs=1e-6)


def test_von_mises_is_the_same_a_turn_further_on():
    f = torch.tensor([[0.3, -0.4, 1.0]] * 2, dtype=torch.float64)
    nll = VonMises().nll(f, torch.tensor([-math.pi, math.pi], dtype=torch.float64))
    assert nll[0].item() == pytest.approx(nll[1].item(), abs=1e-12)


def test_von_mises_without_concentration_is_uniform():
    assert VonMises().nll(torch.tensor([1.0, 0.0, -30.0]), torch.tensor(2.0)).item() == pytest.approx(1.8379, abs=1e-4)


def test_von_mises_of_high_concentration_is_normal():
    nll = VonMises().nll(torch.tensor([1.0, 0.0, 12.0], dtype=torch.float64), _double(0.001)).item()
    assert nll == pytest.approx(-st.norm.logpdf(0.001, 0, exp(-6)), abs=1e-4)


def test_soft_targets_of_bernoulli_weigh_the_two_classes():
    f = torch.tensor([[0.7]])
    mixed = 0.3 * Bernoulli()(f, torch.tensor([1.0])) + 0.7 * Bernoulli()(f, torch.tensor([0.0]))
    assert Bernoulli()(f, torch.tensor([0.3])).item() == pytest.approx(mixed.item(), abs=1e-6)


def test_multivariate_gaussian_equals_scipy():
    f = torch.randn(9, generator=torch.Generator().manual_seed(1), dtype=torch.float64)  # K = 3: 3 means, 6 of L
    factor = np.zeros((3, 3))
    factor[np.tril_indices(3)] = f[3:]
    factor[np.diag_indices(3)] = np.exp(np.diag(factor))
    expected = -st.multivariate_normal.logpdf([0.1, 0.2, -0.3], f[:3].numpy(), factor @ factor.T)
    y = torch.tensor([0.1, 0.2, -0.3], dtype=torch.float64)
    assert MultivariateGaussian().nll(f, y).item() == pytest.approx(expected, abs=1e-9)


def test_a_diagonal_multivariate_gaussian_is_a_product_of_gaussians():
    means, log_sigmas, y = torch.randn(3, 4, 2, dtype=torch.float64)
    zero = torch.zeros(4, dtype=torch.float64)
    joint = torch.stack([means[:, 0], means[:, 1], log_sigmas[:, 0], zero, log_sigmas[:, 1]], -1)
    single = torch.stack([means, 2 * log_sigmas], -1).flatten(1)  # (n, K P)
    product = Independent(Gaussian("predicted"))(single, y)
    assert MultivariateGaussian()(joint, y).item() == pytest.approx(product.item(), abs=1e-9)


@pytest.mark.parametrize(("size", "outputs"), [(2, 5), (3, 9)])
def test_multivariate_gaussian_has_as_many_outputs_as_means_and_triangle(size, outputs):
    assert MultivariateGaussian().num_outputs(Values(size)) == outputs


@pytest.mark.parametrize("loss", [MultivariateGaussian(), Independent(Laplace())])
def test_a_single_number_is_no_vector(loss):
    with pytest.raises(ValueError, match=r"the data has Values\(size=1\)"):
        loss.num_outputs(Values(1))


def test_outputs_of_no_number_of_values_are_refused():
    with pytest.raises(ValueError, match="has 3 outputs: should be 5 for 2 values, 9 for 3"):
        MultivariateGaussian().predict(torch.zeros(1, 3))


def test_multivariate_gaussian_predicts_its_mean():
    assert MultivariateGaussian().predict(torch.arange(9.0)).tolist() == [0, 1, 2]  # K = 3


def test_independent_predicts_each_value_from_its_own_outputs():
    loss = Independent(Laplace())
    assert loss.num_outputs(Values(3)) == 6
    assert loss.predict(torch.arange(6.0)).tolist() == [0, 2, 4]


def test_independent_samples_each_value_from_its_own_outputs():
    narrow = torch.tensor([5.0, -30.0, -7.0, -30.0])
    assert Independent(Laplace()).sample(narrow).tolist() == pytest.approx([5, -7], abs=1e-6)


def test_independent_checks_every_value():
    with pytest.raises(ValueError, match="the data has -1.0"):
        Independent(Exponential()).check(torch.tensor([[1.0, 2.0], [1.0, -1.0]]))


def test_independent_adds_the_single_losses():
    f, y = torch.randn(5, 6, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    single = sum(Laplace()(f[:, 2 * k : 2 * k + 2], y[:, k]) for k in range(3))
    assert Independent(Laplace())(f, y).item() == pytest.approx(single.item(), abs=1e-9)


def test_plackett_luce_sums_to_one_over_the_orderings():
    scores = torch.randn(4, dtype=torch.float64)
    orderings = torch.tensor(list(itertools.permutations(range(4))))
    assert (-PlackettLuce().nll(scores.expand(24, 4), orderings)).exp().sum().item() == pytest.approx(1, abs=1e-12)


def test_plackett_luce_does_not_change_when_all_scores_grow():
    scores, y = torch.randn(4, dtype=torch.float64), torch.tensor([2, 0, 1, 3])
    assert PlackettLuce().nll(scores + 500, y).item() == pytest.approx(PlackettLuce().nll(scores, y).item(), abs=1e-9)


def test_plackett_luce_of_two_items_is_bernoulli_of_the_difference():
    nll = PlackettLuce().nll(torch.tensor([0.3, -0.9]), torch.tensor([0, 1]))
    assert nll.item() == pytest.approx(Bernoulli()(torch.tensor([[1.2]]), torch.tensor([1.0])).item(), abs=1e-6)


def test_the_item_that_comes_first_has_the_probability_of_softmax():
    scores = torch.randn(3, dtype=torch.float64)
    first = torch.tensor([p for p in itertools.permutations(range(3)) if p[0] == 1])
    assert (-PlackettLuce().nll(scores.expand(2, 3), first)).exp().sum().item() == pytest.approx(
        scores.softmax(0)[1].item()
    )


def test_plackett_luce_takes_orderings_not_ranks():
    scores, ordering = torch.tensor([0.0, 1.0, 2.0]), torch.tensor([1, 2, 0])  # its ranks are 2, 0, 1
    expected = torch.stack([scores[ordering[i:]].logsumexp(0) - scores[ordering[i]] for i in range(3)]).sum()
    assert PlackettLuce().nll(scores, ordering).item() == pytest.approx(expected.item(), abs=1e-6)


def test_plackett_luce_samples_the_first_item_by_softmax():
    torch.manual_seed(0)
    scores = torch.tensor([0.0, 1.0, 2.0])
    first = PlackettLuce().sample(scores.expand(20000, 3))[:, 0].bincount() / 20000
    assert first.numpy() == pytest.approx(scores.softmax(0).numpy(), abs=0.015)


def test_what_is_no_ordering_is_named():
    with pytest.raises(ValueError, match=r"loss=plackett_luce: \[0, 2, 2\] is no ordering of 0 to 2"):
        PlackettLuce().check(torch.tensor([[0, 1, 2], [0, 2, 2]]))


def test_student_t_of_one_degree_of_freedom_is_cauchy():
    f, y = torch.tensor([0.3, 0.5, -60.0], dtype=torch.float64), _double(7)
    assert StudentT(1.0).nll(f, y).item() == pytest.approx(-st.cauchy.logpdf(7, 0.3, exp(0.5)), abs=1e-9)


def test_laplace_has_no_slope_at_its_own_peak():
    mean = torch.tensor([0.3, 0.0], requires_grad=True)
    Laplace().nll(mean, torch.tensor(0.3)).backward()
    assert mean.grad[0].item() == 0


def test_a_component_of_a_mixture_is_never_narrower_than_allowed():
    shrunk = torch.tensor([0.0, 0.0, 1.0, 5.0, -1000.0, 0.0], dtype=torch.float64)
    peak = 0.5 / (0.1 * math.sqrt(2 * math.pi)) + 0.5 * st.norm.pdf(1, 5, 1.1)
    assert GaussianMixture(2, 0.1).nll(shrunk, _double(1)).item() == pytest.approx(-math.log(peak), abs=1e-9)


def test_multivariate_gaussian_of_one_value_is_the_gaussian():
    f, y = torch.randn(5, 2, dtype=torch.float64), torch.randn(5, dtype=torch.float64)
    normal = torch.stack([f[:, 0], 2 * f[:, 1]], -1)
    single = Gaussian("predicted")(normal, y).item()
    assert MultivariateGaussian()(f, y[:, None]).item() == pytest.approx(single, abs=1e-9)


def test_von_mises_without_a_direction_has_a_finite_gradient():
    f = torch.zeros(3, requires_grad=True)
    VonMises().nll(f, torch.tensor(1.0)).backward()
    assert f.grad.isfinite().all()


def test_poisson_of_an_integer_rate_has_two_modes_and_no_count_costs_the_rate():
    f = torch.full((3, 1), math.log(4), dtype=torch.float64)
    none, three, four = Poisson().nll(f, torch.tensor([0.0, 3.0, 4.0], dtype=torch.float64))
    assert none.item() == pytest.approx(4, abs=1e-12)
    assert three.item() == pytest.approx(four.item(), abs=1e-12)


# Outputs of the same distribution.


@pytest.mark.parametrize("name", ALL)
def test_the_canonical_form_is_the_same_distribution(name):
    loss, values, *_ = ALL[name]
    f, y = _outputs(loss).expand(len(values), -1), torch.tensor(values, dtype=torch.float64)
    assert torch.allclose(loss.nll(loss.canonical(f), y), loss.nll(f, y), atol=1e-9)


@pytest.mark.parametrize(
    ("loss", "f", "g"),
    [
        (GaussianMixture(2, 1e-3), [0.0, 1.0, 2.0, -2.0, 0.5, 0.1], [4.0, 3.0, -2.0, 2.0, 0.1, 0.5]),
        (VonMises(), [0.3, -0.4, 1.0], [3.0, -4.0, 1.0]),
        (PlackettLuce(), [0.0, 1.0, 2.0], [5.0, 6.0, 7.0]),
    ],
)
def test_outputs_of_the_same_distribution_have_the_same_canonical_form(loss, f, g):
    assert torch.allclose(loss.canonical(torch.tensor(f)), loss.canonical(torch.tensor(g)), atol=1e-6)


def test_the_canonical_scores_are_the_same_distribution():
    scores, y = torch.randn(4, dtype=torch.float64), torch.tensor([2, 0, 1, 3])
    loss = PlackettLuce()
    assert loss.nll(loss.canonical(scores), y).item() == pytest.approx(loss.nll(scores, y).item(), abs=1e-12)


def test_the_density_and_the_probability_that_notebooks_5_1_and_5_2_print():
    normal = Gaussian("predicted").nll(torch.tensor([-1.0, 2 * math.log(2.3)]), torch.tensor(1.0))
    assert exp(-normal.item()) == pytest.approx(0.119, abs=5e-4)
    bernoulli = Bernoulli().nll(torch.tensor([math.log(0.2 / 0.8)] * 2)[:, None], torch.tensor([0.0, 1.0]))
    assert (-bernoulli).exp().tolist() == pytest.approx([0.8, 0.2])


@pytest.mark.parametrize(
    ("loss", "output", "y"),
    [
        (StudentT(min_dof=1e-3), [0.0, 0.0, 1e6], 0.5),
        (Gamma(), [12.0, 12.0], 1.001),
        (Beta(eps=1e-6), [10.0, 10.0], 0.5005),
        (VonMises(), [1.0, 0.0, 20.0], 4.5e-5),
    ],
)
def test_extreme_parameters_lose_no_precision_in_single_precision(loss, output, y):
    exact = loss.nll(torch.tensor(output, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)).item()
    assert loss.nll(torch.tensor(output), torch.tensor(y)).item() == pytest.approx(exact, rel=1e-3)


def test_what_is_no_distribution_of_one_number_is_refused_as_one_of_several():
    with pytest.raises(ValueError, match="MultivariateGaussian is no distribution of one number"):
        Independent(MultivariateGaussian())


def test_beta_of_targets_at_the_ends_is_finite():
    output = torch.tensor([[0.5, 1.0]] * 2, requires_grad=True)
    loss = Beta(1e-6)(output, torch.tensor([0.0, 1.0]))
    loss.backward()
    assert loss.isfinite()
    assert output.grad.isfinite().all()


def test_a_narrow_component_is_higher_than_one_of_more_weight():
    logits, means, log_sigmas = [0.5, 0.0], [-1.0, 3.0], [1.0, -2.0]
    assert GaussianMixture(2, 1e-3).predict(torch.tensor([*logits, *means, *log_sigmas])).item() == 3
