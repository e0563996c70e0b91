"""How many linear regions a ReLU network can have, and its parameters (figs 3.9 and 4.7, notebook 3_3)."""

from math import comb


def regions(inputs: int, width: int, depth: int) -> int:
    """The most linear regions of `depth` hidden layers of `width` units (Montufar et al. 2014; book eq 4.17 note).

    (floor(width / inputs) + 1) ** (inputs (depth - 1)) times the regions of one layer, sum over j <= inputs of
    (width choose j) (Zaslavsky 1975).
    """
    folds = (width // inputs + 1) ** (inputs * (depth - 1))
    return folds * sum(comb(width, j) for j in range(inputs + 1))


def parameters(inputs: int, width: int, depth: int) -> int:
    """The number of weights and biases of `depth` hidden layers of `width` units and one output."""
    return (inputs + 1) * width + (depth - 1) * (width + 1) * width + width + 1
