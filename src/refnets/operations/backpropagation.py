"""Backpropagation written out by hand, three times: a chain of functions, three units, a ReLU network of any size.

Nothing here uses autograd. Names are the book's (chapter 7): f is a pre-activation, h an activation, l the loss, and
dldf is the derivative of l with respect to f.
"""

from collections.abc import Sequence
from math import cos, exp, sin

from torch import Tensor


def chain(x: float, y: float, beta: Sequence[float], omega: Sequence[float]) -> dict[str, float]:
    """The 23 values of l = (beta3 + omega3 cos[beta2 + omega2 exp[beta1 + omega1 sin[beta0 + omega0 x]]] - y)^2.

    Book section 7.3; the names are those of notebook 7_1.
    """
    f0 = beta[0] + omega[0] * x  # forward: every value is kept for the way back
    h1 = sin(f0)
    f1 = beta[1] + omega[1] * h1
    h2 = exp(f1)
    f2 = beta[2] + omega[2] * h2
    h3 = cos(f2)
    f3 = beta[3] + omega[3] * h3
    l_i = (f3 - y) ** 2

    dldf3 = 2 * (f3 - y)  # backward: each derivative is one factor times the one before it
    dldh3 = omega[3] * dldf3
    dldf2 = -sin(f2) * dldh3
    dldh2 = omega[2] * dldf2
    dldf1 = exp(f1) * dldh2
    dldh1 = omega[1] * dldf1
    dldf0 = cos(f0) * dldh1

    values = {"f0": f0, "h1": h1, "f1": f1, "h2": h2, "f2": f2, "h3": h3, "f3": f3, "l_i": l_i}
    values |= {"dldf0": dldf0, "dldf1": dldf1, "dldf2": dldf2, "dldf3": dldf3}
    values |= {"dldh1": dldh1, "dldh2": dldh2, "dldh3": dldh3}
    values |= {"dldbeta0": dldf0, "dldbeta1": dldf1, "dldbeta2": dldf2, "dldbeta3": dldf3}  # df_k / dbeta_k = 1
    return values | {  # df_k / domega_k = h_k
        "dldomega0": x * dldf0,
        "dldomega1": h1 * dldf1,
        "dldomega2": h2 * dldf2,
        "dldomega3": h3 * dldf3,
    }


def two_units(
    x: Tensor, y: Tensor, w11: Tensor, w12: Tensor, b11: Tensor, b12: Tensor, w21: Tensor, w22: Tensor, b2: Tensor
) -> dict[str, Tensor]:
    """Every value and derivative of the mean loss of f = w21 relu(w11 x + b11) + w22 relu(w12 x + b12) + b2.

    x and y have shape (n,), the parameters shape (). This is the "more generic example" that chapter 6 of the notes
    leaves to be done.
    """
    f1, f2 = w11 * x + b11, w12 * x + b12  # each (n,)
    h1, h2 = f1.relu(), f2.relu()
    f = w21 * h1 + w22 * h2 + b2
    values = {"f1": f1, "f2": f2, "h1": h1, "h2": h2, "f": f, "l": ((f - y) ** 2).mean()}

    dldf = 2 * (f - y) / len(x)
    dldh1, dldh2 = w21 * dldf, w22 * dldf
    dldf1, dldf2 = (f1 > 0) * dldh1, (f2 > 0) * dldh2  # a unit passes nothing back where it is off
    values |= {"dldf": dldf, "dldh1": dldh1, "dldh2": dldh2, "dldf1": dldf1, "dldf2": dldf2}

    return values | {  # a parameter serves every example, and collects what each of them says
        "dldw11": (x * dldf1).sum(),
        "dldw12": (x * dldf2).sum(),
        "dldb11": dldf1.sum(),
        "dldb12": dldf2.sum(),
        "dldw21": (h1 * dldf).sum(),
        "dldw22": (h2 * dldf).sum(),
        "dldb2": dldf.sum(),
    }


def forward(x: Tensor, weights: Sequence[Tensor], biases: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Pre-activations f[0] to f[K], the last one the output, and activations h[0] = x to h[K] (book eq 7.24).

    A column is an example: x is (D_0, n), weights[k] is (D_k+1, D_k), biases[k] is (D_k+1, 1), f[k] is (D_k+1, n).
    """
    f, h = [], [x]
    for weight, bias in zip(weights, biases, strict=True):
        f.append(bias + weight @ h[-1])  # (D_k+1, n)
        h.append(f[-1].relu())  # (D_k+1, n)
    return f, h[:-1]


def backward(
    dldf: Tensor, weights: Sequence[Tensor], f: list[Tensor], h: list[Tensor]
) -> tuple[list[Tensor], list[Tensor]]:
    """Derivatives of the loss, summed over examples, with respect to weights and biases (book section 7.4).

    `dldf` is the one with respect to the output f[K], shape (D_K+1, n); what is returned has the shapes of the
    parameters.
    """
    dldweights, dldbiases = [], []
    for k in reversed(range(len(weights))):
        dldbiases.insert(0, dldf.sum(1, keepdim=True))  # book eq 7.22, (D_k+1, 1)
        dldweights.insert(0, dldf @ h[k].T)  # eq 7.23, (D_k+1, D_k)
        dldh = weights[k].T @ dldf  # eq 7.25, right factor, (D_k, n)
        if k > 0:
            dldf = (f[k - 1] > 0) * dldh  # eq 7.25, left factor, (D_k, n)
    return dldweights, dldbiases
