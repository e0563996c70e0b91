import io

import numpy as np
import pytest
import torch

from refnets.data import mnist1d_generator as source


@pytest.fixture
def made_once(monkeypatch):
    """The arguments of each time that the package makes something."""
    made, make = [], source._make
    monkeypatch.setattr(source, "_make", lambda arguments: made.append(arguments) or make(arguments))
    return made


def again(mnist1d, *overrides):
    """As in another process."""
    source.generate.cache_clear()
    return mnist1d("data.num_samples=500", *overrides).splits


def test_what_was_made_once_is_read(mnist1d, made_once):
    first, second = again(mnist1d), again(mnist1d)
    assert len(made_once) == 1
    for name, split in first.items():
        assert torch.equal(split.x, second[name].x)
        assert torch.equal(split.y, second[name].y)


def test_but_not_for_other_arguments(mnist1d, made_once):
    again(mnist1d), again(mnist1d, "data.seed=43")
    assert [arguments["seed"] for arguments in made_once] == [42, 43]


def rows(n, length=40):
    return {"x": np.zeros((n, length)), "y": np.zeros(n), "x_test": np.zeros((100, length)), "y_test": np.zeros(100)}


def as_npz(arrays):
    np.savez(content := io.BytesIO(), **arrays)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no more",
        b"text",
        as_npz(rows(400))[:-30],
        as_npz(rows(3)),
        as_npz(rows(400, 7)),
    ],
)
def test_nor_from_a_file_that_is_damaged_or_of_other_data(mnist1d, made_once, tmp_path, content):
    again(mnist1d)
    (kept,) = tmp_path.glob("data/mnist1d/*.npz")
    kept.write_bytes(content)
    again(mnist1d)
    again(mnist1d)
    assert len(made_once) == 2


def test_where_nothing_can_be_kept_it_is_made_each_time(mnist1d, made_once, tmp_path):
    (tmp_path / "data").write_text("a file")
    again(mnist1d), again(mnist1d)
    assert len(made_once) == 2
