import pytest
import torch

from refnets.models.mlp import MLP


def mlp(*shape, **values):
    return MLP(*shape, **{"activation": "relu", "init": "default", "dropout": 0.0, **values})


def test_it_is_the_composition_of_its_layers():
    model, x = mlp((2, 3), 4, width=[5, 6], depth=2), torch.randn(7, 2, 3)
    (w1, b1), (w2, b2), (w3, b3) = [(p.weight, p.bias) for p in model.layers if isinstance(p, torch.nn.Linear)]
    h1 = (x.flatten(1) @ w1.T + b1).clamp(min=0)  # (n, 5)
    h2 = (h1 @ w2.T + b2).clamp(min=0)  # (n, 6)
    assert torch.allclose(model(x), h2 @ w3.T + b3, atol=1e-6)


@pytest.mark.parametrize(
    ("widths", "parameters"),
    [([1, 3, 1], 10), ([1, 3, 3, 1], 22), ([4, 5, 2, 4, 1], 54)],  # book eqs 3.1 and 4.7 to 4.9, notebook 4_3
)
def test_every_unit_has_a_bias_and_a_weight_for_each_unit_before_it(widths, parameters):
    inputs, *hidden, outputs = widths
    model = mlp((inputs,), outputs, width=hidden, depth=len(hidden))
    shapes = [tuple(weight.shape) for weight in list(model.parameters())[::2]]  # book eqs 4.11 to 4.14
    assert shapes == list(zip(widths[1:], widths[:-1], strict=True))
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters


def test_hooks_see_pre_activations_and_activations():
    """The terms of book fig 3.12."""
    model, seen = mlp((4,), 1, width=[5, 2], depth=2), []
    for layer in model.layers:
        if isinstance(layer, torch.nn.ReLU):
            layer.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output)))
    model(torch.randn(7, 4))
    assert [pre.shape for pre, _ in seen] == [(7, 5), (7, 2)]
    assert all(torch.equal(pre.clamp(min=0), activation) for pre, activation in seen)


def test_without_hidden_layers_it_is_linear():
    model, (x, y) = mlp((3,), 2, width=5, depth=0), torch.randn(2, 7, 3)
    assert torch.allclose(model(x) + model(y), model(x + y) + model(torch.zeros(1, 3)), atol=1e-6)


def test_width_and_depth_must_agree():
    with pytest.raises(ValueError, match=r"model.width=\[5, 6\] gives 2 widths for model.depth=3"):
        mlp((40,), 10, width=[5, 6], depth=3)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "gelu", "sigmoid", "tanh"])
def test_the_activation_is_the_one_asked_for(activation):
    model, x = mlp((1,), 1, width=1, depth=1, activation=activation), torch.randn(9, 1)
    function = getattr(torch.nn.functional, activation, getattr(torch, activation, None))
    assert torch.equal(model.layers[2](x), function(x))


def test_dropout_acts_in_training_only():
    model, x = mlp((40,), 10, width=50, depth=2, dropout=0.5), torch.randn(3, 40)
    assert not torch.equal(model(x), model(x))
    assert torch.equal(model.eval()(x), model(x))
