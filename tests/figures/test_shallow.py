import torch

from refnets.figures.shallow import shallow_network
from refnets.models.mlp import MLP


def test_it_is_the_mlp_with_one_hidden_layer():
    torch.manual_seed(0)
    mlp = MLP((1,), 2, width=3, depth=1, activation="relu", init="default", dropout=0)
    omega_0, beta_0, omega_1, beta_1 = (parameter.detach().tolist() for parameter in mlp.parameters())
    x = torch.linspace(-3, 3, 50)
    f = shallow_network(x, beta_0=beta_0, omega_0=[row[0] for row in omega_0], beta_1=beta_1, omega_1=omega_1)
    assert torch.allclose(f, mlp(x[:, None]), atol=1e-6)
