"""How an example of MNIST-1D is made from the template of its digit (fig 8.1)."""

import numpy as np
from matplotlib.figure import Figure

from refnets.data.mnist1d import MNIST1D
from refnets.data.mnist1d_generator import random_numbers_restored
from refnets.figures import style
from refnets.verdict import Number

ROWS = ("template", "padded, scaled,\nshifted", "noisy, sheared", "40 samples")


def draw(*, data: MNIST1D) -> tuple[Figure, dict[str, Number]]:
    """One column per digit; rows a to d are the stages of the generator. Time runs downwards, as in the book."""
    stages = made_from_templates(data)
    picture = Figure(figsize=(6.3, 5.0))
    axes = picture.subplots(len(ROWS), len(stages), gridspec_kw={"height_ratios": [0.5, 1, 1, 1]})
    for digit, column in enumerate(stages):
        for row, signal in enumerate(column):
            ax = axes[row, digit]
            line = {"marker": ".", "markersize": 2, "linestyle": ""} if row == 3 else {"linewidth": 1}
            ax.plot(signal, np.arange(len(signal)), color=style.INK, **line)
            reach = 1.1 * max(np.abs(each[row]).max() for each in stages)
            ax.set(xlim=(-reach, reach), ylim=(len(signal), -1), xticks=[], yticks=[])
            ax.spines[:].set_visible(True)
    for digit, ax in enumerate(axes[0]):
        ax.set_title(str(digit), loc="center")
    for letter, name, ax in zip("abcd", ROWS, axes[:, 0], strict=True):
        ax.set_ylabel(f"{letter}   {name}", rotation=0, ha="right", va="center", fontsize=9)
    return picture, _measure(data)


def made_from_templates(data: MNIST1D) -> list[tuple[np.ndarray, ...]]:
    """For each digit: template, (padded, scaled, shifted), (with noise and shear), (sampled).

    The steps of `mnist1d.transform.transform`, in its order and with its random numbers, looked at on the way.
    """
    from mnist1d.data import get_templates
    from mnist1d.transform import corr_noise_like, iid_noise_like, interpolate, pad, shear, translate

    stages = []
    with random_numbers_restored():
        np.random.seed(data.seed)
        for template in get_templates()["x"]:
            x = interpolate(pad(template + 1e-8, data.padding), data.template_len + data.padding[-1])
            moved = translate(x * (1 + data.scale_coeff * (np.random.rand() - 0.5)), data.max_translation)
            noisy = np.where(moved != 0, moved, corr_noise_like(moved, data.corr_noise_scale))
            noisy = shear(noisy + iid_noise_like(noisy, data.iid_noise_scale), data.shear_scale)
            stages.append((template, moved, noisy, interpolate(noisy, data.final_seq_length)))
    return stages


def _measure(data: MNIST1D) -> dict[str, Number]:
    train, test = data.splits["train"].x, data.splits["test"].x  # (n, 1, positions)
    everything = np.concatenate([train.numpy(), test.numpy()]).astype(np.float64)
    return {
        "train_examples": Number(len(train)),
        "test_examples": Number(len(test)),
        "positions": Number(train.shape[-1]),
        "mean": Number(everything.mean()),
        "standard_deviation": Number(everything.std()),
    }
