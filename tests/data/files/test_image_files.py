import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from refnets.data.files.image_files import SHOWN, open_image, read_all, read_image

PIXELS = np.random.default_rng(0).integers(256, size=(5, 6, 3), dtype=np.uint8)


def save(path, image=PIXELS, **options):
    Image.fromarray(image).save(path, **options)
    return path


def turned(path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return save(path, exif=exif)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "LA", "PA", "CMYK"])
def test_images_of_all_modes_become_rgb(tmp_path, mode):
    image = Image.fromarray(PIXELS).convert(mode if mode != "PA" else "P").convert(mode)
    image.save(path := tmp_path / ("a.tiff" if mode in ("CMYK", "PA") else "a.png"))
    read = read_image(path)
    assert (read.mode, read.size) == ("RGB", (6, 5))
    assert np.array_equal(np.array(read), np.array(Image.open(path).convert("RGB")))


@pytest.mark.parametrize(("written", "name"), [("PNG", "a.jpg"), ("JPEG", "a.png"), ("BMP", "a.tif")])
def test_an_ending_may_lie(tmp_path, written, name):
    assert read_image(save(tmp_path / name, format=written)).size == (6, 5)


@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_upright(tmp_path, ending, orientation):
    upright = open_image(turned(tmp_path / f"a.{ending}", orientation))
    assert upright.orientation == orientation
    assert upright.image.size == ((5, 6) if orientation >= 5 else (6, 5))
    if orientation == 6:  # stored as a camera that was held upright does
        assert np.array_equal(np.array(upright.image), np.rot90(PIXELS, -1))


@pytest.mark.parametrize("orientation", [0, 9])
def test_an_orientation_that_there_is_not_is_none(tmp_path, orientation):
    assert open_image(turned(tmp_path / "a.png", orientation)).orientation == 1


def test_more_than_8_bits_are_refused(tmp_path):
    path = save(tmp_path / "a.png", np.zeros((5, 6), dtype=np.uint16))
    with pytest.raises(ValueError, match=r"a.png has more than 8 bits a channel \(mode I;16\): convert it to 8"):
        read_image(path)


@pytest.mark.parametrize("read", [read_image, open_image])
def test_colors_of_16_bits_are_refused_as_pillow_would_cut_them(tmp_path, read):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + row.tobytes() for row in PIXELS.astype(">u2"))  # each row after its filter, none
    header = struct.pack(">IIBBBBB", 6, 5, 16, 2, 0, 0, 0)  # width, height, bits, RGB
    path = tmp_path / "a.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    with pytest.raises(ValueError, match=r"a.png has more than 8 bits a channel \(mode RGB of 16\): convert it to 8"):
        read(path)


def test_a_damaged_exif_says_nothing(tmp_path):
    path = save(tmp_path / "a.jpg", exif=b"Exif\0\0no directory of tags")
    assert open_image(path).orientation == 1


def test_colors_of_cielab_are_refused_with_what_to_do(tmp_path):
    Image.new("LAB", (6, 5)).save(tmp_path / "a.tif")
    with pytest.raises(ValueError, match="a.tif has colors of the kind CIELAB: .* magick .*a.tif -colorspace sRGB "):
        read_image(tmp_path / "a.tif")


@pytest.mark.parametrize("content", [b"", b"no image"])
def test_what_is_no_image_is_named(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ValueError, match="a.png cannot be read as an image .*: replace or delete it"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_file_that_was_cut_is_named(tmp_path, name):
    path = save(tmp_path / name)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match=f"{name} cannot be read as an image"):
        read_image(path)


def test_a_stack_in_one_file_is_refused(tmp_path):
    page = Image.fromarray(PIXELS)
    page.save(tmp_path / "a.tif", save_all=True, append_images=[page, page])
    with pytest.raises(
        ValueError, match="a.tif holds 3 images: .* as ImageMagick does by magick .*/a.tif .*/a-%03d.png, and take"
    ):
        read_image(tmp_path / "a.tif")


def test_an_image_of_too_many_pixels_is_not_called_damaged(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(ValueError, match="a.png is too large .*: scale it down, or cut it into parts"):
        read_image(save(tmp_path / "a.png"))


def save_all(folder, n, *damaged):
    """Images 0.png to n - 1, those of these numbers without an end."""
    files = tuple(save(folder / f"{number}.png") for number in range(n))
    for number in damaged:
        files[number].write_bytes(files[number].read_bytes()[:-30])
    return files


def test_of_many_damaged_images_the_first_are_named_and_the_others_counted(tmp_path):
    files = save_all(tmp_path, SHOWN + 5, *range(SHOWN + 5))
    with pytest.raises(ValueError, match=rf"also {files[1]}, .*, {files[SHOWN]} and 4 more$"):
        list(read_all(read_image, files))


def test_every_file_is_read_once(tmp_path):
    files, read = save_all(tmp_path, 3), []
    assert list(read_all(lambda file: read.append(file) or file.name, files)) == ["0.png", "1.png", "2.png"]
    assert read == list(files)


def test_images_of_16_bits_are_named_with_the_damaged_ones(tmp_path):
    files = save_all(tmp_path, 3, 2)
    save(files[1], np.zeros((5, 6), dtype=np.uint16))
    message = "^.*1.png has more than 8 bits a channel .* by magick .* -depth 8 .*. Unreadable are also .*2.png$"
    with pytest.raises(ValueError, match=message):
        list(read_all(read_image, files))


@pytest.mark.parametrize(("ending", "how"), [("webp", {"lossless": True}), ("ppm", {}), ("bmp", {})])
def test_files_without_loss_are_read_as_they_were_written(tmp_path, ending, how):
    assert np.array_equal(np.array(read_image(save(tmp_path / f"a.{ending}", **how))), PIXELS)
