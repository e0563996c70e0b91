import pytest
import torch

from refnets.figures.classifier_ensemble import draw, ensembles, mean_logits, vote

SURE, UNSURE = [[3.0, 0.0], [0.0, 5.0]], [[0.0, 1.0], [0.0, 5.0]]  # two examples; the first is of class 0, then 1


def test_networks_are_in_one_ensemble_each_and_the_rest_is_left_out():
    teams = ensembles(torch.arange(5.0).reshape(5, 1, 1), 2)
    assert teams.flatten(1).tolist() == [[0, 1], [2, 3]]


def test_one_that_is_sure_decides_the_mean_and_a_majority_the_vote():
    team = torch.tensor([SURE, UNSURE, UNSURE])
    assert mean_logits(team).tolist() == [0, 1]
    assert vote(team).tolist() == [1, 1]


def test_an_even_vote_is_for_the_lowest_class():
    assert vote(torch.tensor([[[0.0, 0.0, 9.0]], [[0.0, 1.0, 0.0]]])).tolist() == [1]


def test_what_an_ensemble_saves_is_measured_against_its_members(known_run):
    runs = [known_run(logits, [0, 1]) for logits in (SURE, UNSURE, UNSURE)]
    _, numbers = draw({"mlp": runs}, size=3, largest=3)
    (alone,), (mean,) = numbers["error_of_one_network"].values, numbers["error_of_mean_logits"].values
    assert (alone, mean) == (pytest.approx(100 / 3), 0)
    assert numbers["error_saved_by_mean_logits"].values == pytest.approx([100 / 3])
    assert numbers["error_saved_by_a_vote"].values == pytest.approx([100 / 3 - 50])
    assert numbers["error_saved_over_the_best_member"].values == [0]


def test_an_ensemble_of_equals_saves_nothing(known_run):
    _, numbers = draw({"mlp": [known_run(SURE, [0, 1]) for _ in range(4)]}, size=2, largest=2)
    assert numbers["loss_saved_by_mean_logits"].values == pytest.approx([0, 0], abs=1e-6)


def test_the_loss_saved_is_the_mean_loss_less_that_of_the_mean(known_run):
    """Logits 2 and -2 cost log(1 + exp(-2)) and log(1 + exp(2)); their mean costs log 2."""
    runs = [known_run([[logit, 0.0]], [0]) for logit in (2.0, -2.0)]
    _, numbers = draw({"mlp": runs}, size=2, largest=2)
    assert numbers["loss_saved_by_mean_logits"].values == pytest.approx(
        [(0.126928 + 2.126928) / 2 - 0.693147], abs=1e-5
    )
