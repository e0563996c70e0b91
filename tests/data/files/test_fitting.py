import numpy as np
import pytest
import torch
from PIL import Image

from refnets.data.files.fitting import fit, fit_mask, fitted, load
from refnets.data.target import IGNORED

PIXELS = np.random.default_rng(0).integers(256, size=(5, 6, 3), dtype=np.uint8)


def save(path, image=PIXELS, **options):
    Image.fromarray(image).save(path, **options)
    return path


def test_an_image_is_fitted_at_the_top_left_with_its_proportions():
    canvas = fit(Image.new("RGB", (40, 10), (200, 0, 0)), (20, 20))
    pixels = np.array(canvas)
    assert canvas.size == (20, 20)
    assert (pixels[:5] == (200, 0, 0)).all()
    assert (pixels[5:] == 128).all()


def test_a_position_in_a_fitted_image_is_a_fraction_of_it():
    pixels = np.zeros((30, 50, 3), np.uint8)
    pixels[12:15, 33:36] = 255
    canvas = fit(Image.fromarray(pixels), (120, 150))
    middle = np.argwhere(np.array(canvas)[..., 0] > 200).mean(0) + 0.5
    width, height = fitted(50, 30, (120, 150))
    assert middle / [height, width] * [30, 50] == pytest.approx([13.5, 34.5], abs=0.1)


@pytest.mark.parametrize(("width", "height"), [(40, 10), (10, 40), (7, 3), (1000, 1)])
def test_the_size_of_a_fitted_image_is_known_beforehand(width, height):
    canvas = fit(Image.new("RGB", (width, height)), (20, 24))
    black = (np.array(canvas) == 0).all(2)
    assert (black.any(0).sum(), black.any(1).sum()) == fitted(width, height, (20, 24))


def test_a_mask_is_fitted_as_its_image_without_new_values():
    mask = np.random.default_rng(0).integers(3, size=(10, 40), dtype=np.uint8)
    canvas = fit_mask(mask, (20, 20))
    assert np.array_equal(canvas[:5], mask[1::2, 1::2])
    assert (canvas[5:] == IGNORED).all()


def test_images_of_one_size_are_loaded_as_they_are(tmp_path):
    files = save(tmp_path / "a.png"), save(tmp_path / "b.png", PIXELS[:, ::-1])
    loaded = load(files, files[0], None)
    assert torch.equal(loaded.x[1].permute(1, 2, 0), torch.from_numpy(PIXELS[:, ::-1].copy()))
    assert (loaded.sizes, loaded.orientations) == ([(6, 5)] * 2, [1, 1])


def test_images_of_another_size_are_refused_with_what_to_type(tmp_path):
    files = save(tmp_path / "a.png"), save(tmp_path / "b.png", PIXELS[:4])
    message = r"b.png has 6 x 4 pixels, .*a.png 6 x 5; to fit all into one size, type data.size=\[5,6\]"
    with pytest.raises(ValueError, match=message):
        load(files, files[0], None)


def test_images_of_all_sizes_are_fitted_into_one(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned
    files = save(tmp_path / "a.png"), save(tmp_path / "b.jpg", exif=exif)
    loaded = load(files, files[0], (8, 8))
    assert loaded.x.shape == (2, 3, 8, 8)
    assert (loaded.sizes, loaded.orientations) == ([(6, 5), (5, 6)], [1, 6])


@pytest.mark.parametrize("size", [None, (8, 8)])
@pytest.mark.parametrize("damaged", [(0, 2, 3), (1, 2, 4)])
def test_all_damaged_images_are_named_at_once(tmp_path, damaged, size):
    files = tuple(save(tmp_path / f"{number}.png") for number in range(5))
    for number in damaged:
        files[number].write_bytes(files[number].read_bytes()[:-30])
    first, *others = (str(files[number]) for number in damaged)
    message = rf"^{first} cannot be read as an image .*: replace or delete it. Unreadable are also {', '.join(others)}$"
    with pytest.raises(ValueError, match=message):
        load(files, files[0], size)
