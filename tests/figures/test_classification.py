import pytest
import torch

from refnets.figures.classification import compare, interpolate, probabilities
from refnets.losses.binary import Bernoulli
from refnets.losses.categorical import Categorical


def test_one_output_gives_the_probabilities_of_one_and_of_zero():
    likely = probabilities(Bernoulli(), torch.tensor([[0.0], [torch.tensor(3.0).log()]]))
    assert likely.flatten().tolist() == pytest.approx([0.5, 0.5, 0.75, 0.25])


def test_three_outputs_give_the_softmax():
    outputs = torch.randn(5, 3)
    assert torch.allclose(probabilities(Categorical(), outputs), outputs.softmax(1))


def test_published_curves_are_straight_between_their_points():
    curves = [{"x": [0, 1, 2], "value": [0, 4, 2]}, {"x": [0, 2], "value": [1, 2]}]
    assert interpolate(curves, torch.tensor([0.5, 1.5])).tolist() == [[2, 1.25], [3, 1.75]]


def test_curves_are_compared_with_their_own_class_and_with_another():
    solid, dashed = {"x": [0.0], "value": [0.8]}, {"x": [0.0], "value": [0.2]}
    published = {"outputs": [{"x": [0, 1], "value": [0, 0]}], "probabilities": [solid, dashed]}
    distances, exchanged = compare(Bernoulli(), published)
    assert distances == pytest.approx([0.3, 0.3])
    published["outputs"] = [{"x": [0, 1], "value": [torch.tensor(4.0).log()] * 2}]
    distances, exchanged = compare(Bernoulli(), published)
    assert distances == pytest.approx([0, 0], abs=1e-6)
    assert exchanged == pytest.approx([0.6, 0.6])
