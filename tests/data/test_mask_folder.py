import numpy as np
import pytest
import torch
from PIL import Image

from refnets.config.check import check
from refnets.data.target import IGNORED
from refnets.train import train

MASK = np.random.default_rng(1).integers(3, size=(5, 6), dtype=np.uint8)  # classes 0, 1, 2
COLORS = np.array([[0, 0, 0], [255, 128, 0], [255, 255, 255]], np.uint8)
THREE = "data.classes=[sky,road,car]"


def write(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(path, **options)
    return path


def image(number=0):
    return np.random.default_rng(number).integers(256, size=(5, 6, 3), dtype=np.uint8)


@pytest.fixture
def root(tmp_path):
    """train, with images and masks of 0, 2 and 10, and test, with one of each; of classes 0, 1 and 2."""
    root = tmp_path / "street"
    for split, numbers in (("train", (0, 2, 10)), ("test", (7,))):
        for number in numbers:
            write(root / split / "images" / f"{number}.jpg", image(number))
            write(root / split / "masks" / f"{number}.png", np.roll(MASK, number, 0))
    return root


@pytest.fixture
def folder(dataset, root):
    return lambda *overrides: dataset("mask_folder", f"data.root={root}", THREE, *overrides)


def masks_of(data, split="train"):
    return data.splits[split].y.numpy()


def test_splits_are_the_folders_in_the_order_of_numbers(folder):
    data = folder()
    assert {name: tuple(split.x.shape) for name, split in data.splits.items()} == {
        "train": (3, 3, 5, 6),
        "test": (1, 3, 5, 6),
    }
    assert data.splits["train"].y.dtype == torch.uint8
    assert np.array_equal(masks_of(data), [np.roll(MASK, number, 0) for number in (0, 2, 10)])
    assert (data.target.names, data.input_shape) == (("sky", "road", "car"), (3, 5, 6))
    assert data.skipped == {}


def test_other_layouts_are_typed(folder, root):
    for split in ("train", "test"):
        (root / split / "masks").rename(root / f"{split}annot")
        (root / split / "images").rename(root / f"{split}_")
    data = folder("data.images='{split}_'", "data.masks='{split}annot'")
    assert {name: len(split.x) for name, split in data.splits.items()} == {"train": 3, "test": 1}


def test_without_folders_the_last_images_are_held_out(folder):
    data = folder("data.images=train/images", "data.masks=train/masks", "data.test=0.34", "data.validation=0.5")
    assert np.array_equal(masks_of(data, "test")[0], np.roll(MASK, 10, 0))
    assert np.array_equal(masks_of(data, "validation")[0], np.roll(MASK, 2, 0))


def test_a_name_may_have_a_suffix(folder, root):
    for file in root.glob("*/masks/*"):
        file.rename(file.with_stem(file.stem + "_L"))
    assert np.array_equal(masks_of(folder("data.mask_suffix=_L"))[0], MASK)


def test_an_image_may_have_a_suffix_too_and_other_masks_are_left_out(folder, root):
    for file in root.glob("*/masks/*"):
        write(file.with_stem(f"{file.stem}_gtFine_color"), COLORS[MASK])
        file.rename(file.with_stem(f"{file.stem}_gtFine_labelIds"))
    for file in root.glob("*/images/*"):
        file.rename(file.with_stem(f"{file.stem}_leftImg8bit"))
    data = folder("data.image_suffix=_leftImg8bit", "data.mask_suffix=_gtFine_labelIds")
    assert np.array_equal(masks_of(data), [np.roll(MASK, number, 0) for number in (0, 2, 10)])
    assert data.skipped == {"file whose name does not end in data.mask_suffix, left out": 4}


def test_images_and_masks_may_be_in_one_folder(folder, root):
    for file in root.glob("*/masks/*"):
        file.rename(file.parents[1] / "images" / f"{file.stem}_mask.png")
    data = folder("data.masks='{split}/images'", "data.mask_suffix=_mask")
    assert data.splits["train"].x.shape == (3, 3, 5, 6)
    assert np.array_equal(masks_of(data)[0], MASK)


def test_masks_of_cityscapes_are_found_in_the_folders_of_cities(folder, tmp_path):
    for number, city in enumerate(("aachen", "zurich")):
        name = f"{city}/{city}_000000_000019"
        write(tmp_path / f"leftImg8bit/train/{name}_leftImg8bit.png", image(number))
        write(tmp_path / f"gtFine/train/{name}_gtFine_labelIds.png", np.roll(MASK, number, 0))
        write(tmp_path / f"gtFine/train/{name}_gtFine_color.png", COLORS[MASK])
        (tmp_path / f"gtFine/train/{name}_gtFine_polygons.json").touch()
    suffixes = "data.image_suffix=_leftImg8bit", "data.mask_suffix=_gtFine_labelIds"
    layout = "data.images='leftImg8bit/{split}'", "data.masks='gtFine/{split}'", *suffixes
    data = folder(f"data.root={tmp_path}", *layout)
    assert np.array_equal(masks_of(data), [MASK, np.roll(MASK, 1, 0)])
    assert data.skipped == {
        "file that is no image by its name": 2,
        "file whose name does not end in data.mask_suffix, left out": 2,
    }


def test_masks_of_another_sub_folder_are_of_other_images(folder, root):
    write(root / "train/images/north/0.jpg", image(3))
    write(root / "train/masks/north/0.png", np.roll(MASK, 3, 0))
    assert np.array_equal(masks_of(folder()), [np.roll(MASK, number, 0) for number in (0, 2, 10, 3)])


def test_a_sub_folder_of_images_without_masks_is_left_out_and_counted(folder, root):
    write(root / "train/images/old/0.jpg", image(3))
    data = folder()
    assert len(data.splits["train"].x) == 3
    assert data.skipped == {"image without a mask, left out": 1}


@pytest.mark.parametrize(("images", "masks"), [("", "masks"), (".", "masks"), ("images", "")])
def test_one_folder_may_lie_in_the_other(folder, root, images, masks):
    inside, outside = root / "train" / (masks or images), root / "train" / ("images" if masks else "masks")
    for file in outside.iterdir():
        file.rename(root / "train" / file.name)
    data = folder(f"data.root={inside.parent}", f"data.images={images}", f"data.masks={masks}")
    assert np.array_equal(masks_of(data), [np.roll(MASK, number, 0) for number in (0, 2, 10)])
    assert data.skipped == {}


def test_masks_may_lie_beside_their_images_in_sub_folders(folder, root):
    for file in root.glob("train/*/*"):
        suffix = "_mask" if file.parent.name == "masks" else ""
        write(root / "patients" / file.stem / f"{file.stem}{suffix}.png", Image.open(file))
    data = folder(f"data.root={root}/patients", "data.images=", "data.masks=", "data.mask_suffix=_mask")
    assert np.array_equal(masks_of(data), [np.roll(MASK, number, 0) for number in (0, 2, 10)])


@pytest.fixture
def voc(dataset, tmp_path):
    """Images 1 to 4 as Pascal VOC has them, of 20 classes and background; objects have a border that does not count."""
    for number in range(1, 5):
        write(tmp_path / f"JPEGImages/2007_{number}.jpg", image(number))
        mask = _palette(np.where(MASK == 2, IGNORED, MASK * (16 + number)))
        write(tmp_path / f"SegmentationClass/2007_{number}.png", mask)
    write(tmp_path / "JPEGImages/2007_5.jpg", image(5))
    _listed(tmp_path, train="2007_3\n2007_1\n", val="2007_2\n", trainval="2007_1\n2007_2\n2007_3\n")
    names = ",".join(["background", *(f"object{number}" for number in range(1, 21))])
    layout = "data.images=JPEGImages", "data.masks=SegmentationClass", f"data.classes=[{names}]", "data.ignore=255"
    return lambda *overrides: dataset("mask_folder", f"data.root={tmp_path}", *layout, *overrides)


def _listed(root, **lists):
    for name, text in lists.items():
        (root / "ImageSets/Segmentation").mkdir(parents=True, exist_ok=True)
        (root / f"ImageSets/Segmentation/{name}.txt").write_text(text)


def test_splits_are_the_lists_of_pascal_voc(voc):
    data = voc("data.lists={train:train,validation:val}")
    assert np.array_equal(masks_of(data)[:, MASK == 1], [[19] * (MASK == 1).sum(), [17] * (MASK == 1).sum()])
    assert (masks_of(data, "validation")[0, MASK == 1] == 18).all()
    assert (masks_of(data)[:, MASK == 2] == IGNORED).all()
    assert data.skipped == {"image without a mask, left out": 1, "image in none of the lists, left out": 1}


def test_the_last_of_a_list_are_held_out(voc):
    data = voc("data.lists={train:trainval}", "data.test=0.34")
    assert [mask.stem for _, mask in data.pairs["train"]] == ["2007_1", "2007_2"]


def test_of_pascal_voc_all_are_for_training_unless_lists_are_typed(voc):
    assert len(voc().pairs["train"]) == 4


def test_an_image_of_a_list_without_a_mask_is_left_out(voc, tmp_path):
    _listed(tmp_path, train="2007_1\n2007_5\n")
    data = voc("data.lists={train:train}")
    assert [mask.stem for _, mask in data.pairs["train"]] == ["2007_1"]


def test_a_list_to_train_on_without_any_mask_is_named(voc, tmp_path):
    _listed(tmp_path, train="2007_5\n")
    with pytest.raises(ValueError, match="Segmentation/train.txt lists no image that has labels"):
        _ = voc("data.lists={train:train,validation:val}").splits


def test_another_list_without_any_mask_is_left_out_and_told(voc, tmp_path):
    _listed(tmp_path, val="2007_5\n")
    data = voc("data.lists={train:train,validation:val}")
    assert list(data.splits) == ["train"]
    assert data.skipped_files["list of images of which none has a label, left out"] == [
        str(tmp_path / "ImageSets/Segmentation/val.txt")
    ]


@pytest.mark.parametrize("where", ["images", "masks"])
def test_a_test_split_of_which_nothing_is_labelled_is_left_out_and_told(folder, root, where):
    for file in (root / "test" / where).iterdir():
        file.unlink()
    data = folder()
    assert list(data.splits) == ["train"]
    assert data.skipped_files["test split without labelled images, left out"] == [str(root / "test/images")]


def test_a_test_split_whose_masks_mark_nothing_is_left_out_and_told(folder, root):
    write(root / "test/masks/7.png", np.full((5, 6), 9, np.uint8))
    data = folder("data.ignore=9")
    assert list(data.splits) == ["train"]
    assert data.skipped_files["test split of which no pixel counts, left out"] == [str(root / "test/masks")]


def test_images_of_each_split_may_have_a_suffix_of_their_own(folder, root):
    for file in root.glob("*/images/*"):
        file.rename(file.with_stem(f"{file.stem}_{file.parts[-3]}"))
    data = folder("data.image_suffix=[_train,_test]")
    assert {name: len(split.x) for name, split in data.splits.items()} == {"train": 3, "test": 1}
    with pytest.raises(ValueError, match=r"image_suffix=\[_train\] data.mask_suffix=: no images are left in .*test"):
        _ = folder("data.image_suffix=_train").splits


def test_the_longest_suffix_counts(folder, root):
    (root / "test/images/7.jpg").rename(root / "test/images/7_test.jpg")
    assert list(folder("data.image_suffix=['',_test]").splits) == ["train", "test"]


def test_images_that_differ_only_in_their_suffix_are_refused(folder, root):
    for side in ("_left", "_right"):
        write(root / f"train/images/0{side}.jpg", image())
    with pytest.raises(ValueError, match="0_left.jpg and .*0_right.jpg differ only in data.image_suffix: rename or"):
        _ = folder("data.image_suffix=[_left,_right]").splits


def test_masks_of_other_names_in_a_test_split_are_refused(folder, root):
    (root / "test/masks/7.png").rename(root / "test/masks/8.png")
    with pytest.raises(ValueError, match="test/images/7.jpg has no mask: expected is .*test/masks/7"):
        _ = folder().splits


def test_a_list_that_is_not_there_is_named_with_those_that_are(voc):
    with pytest.raises(ValueError, match=r"data.lists has 'tain'; did you mean 'train'\?; .* has train, trainval, val"):
        _ = voc("data.lists={train:tain}").splits


def test_lists_are_for_folders_without_splits(folder):
    with pytest.raises(ValueError, match="is for folders without {split}; type data.lists=null"):
        _ = folder("data.lists={train:train}").splits


STORED = {
    "palette": lambda: _palette(MASK),
    "three equal channels": lambda: Image.fromarray(MASK).convert("RGB"),
    "opaque": lambda: Image.fromarray(MASK).convert("RGBA"),
    "grey with opacity": lambda: Image.fromarray(MASK).convert("LA"),
    "16 bits": lambda: Image.fromarray(MASK.astype(np.uint16)),
    "32 bits": lambda: Image.fromarray(MASK.astype(np.int32)),
    "numbers with a point": lambda: Image.fromarray(MASK.astype(np.float32)),
}


def _palette(numbers):
    picture = Image.fromarray(numbers)
    picture.putpalette([9, 9, 9, 200, 30, 30, 0, 0, 250] + [99] * 759)
    return picture


@pytest.mark.parametrize("how", STORED)
def test_masks_are_read_however_they_are_stored(folder, root, how):
    (root / "train/masks/0.png").unlink()
    write(root / "train/masks/0.tif", STORED[how]())
    assert np.array_equal(masks_of(folder())[0], MASK)


def test_an_ending_may_lie(folder, root):
    write(root / "train/masks/0.png", Image.fromarray(MASK), format="BMP")
    assert np.array_equal(masks_of(folder())[0], MASK)


def _binary(root, values):
    for file in root.glob("*/masks/*"):
        write(file, np.array(values, np.uint8)[(np.array(Image.open(file)) > 0).astype(int)])


TWO = "data.classes=[membrane,cell]"


@pytest.mark.parametrize("values", [(0, 1), (0, 255)])
def test_masks_of_two_classes_may_have_0_and_255(folder, root, values):
    _binary(root, values)
    data = folder(TWO)
    assert np.array_equal(masks_of(data)[0], MASK > 0)
    told = {"mask of values 0 and 255, read as 0 and 1": 4} if values[1] == 255 else {}
    assert data.skipped == told


def test_masks_of_bits_are_of_two_classes(folder, root):
    for file in root.glob("*/masks/*"):
        write(file, Image.fromarray(np.array(Image.open(file)) > 0))
    assert np.array_equal(masks_of(folder(TWO))[0], MASK > 0)


@pytest.mark.parametrize("options", [(), ("data.threshold=128",)])
def test_masks_of_bits_may_lie_beside_those_of_0_and_255(folder, root, options):
    _binary(root, (0, 255))
    write(root / "train/masks/2.png", Image.fromarray(np.array(Image.open(root / "train/masks/2.png")) > 0))
    assert np.array_equal(masks_of(folder(TWO, *options))[1], np.roll(MASK, 2, 0) > 0)


def test_of_masks_of_two_classes_255_may_be_ignored(folder, root):
    _binary(root, (0, 255))
    data = folder(TWO, "data.ignore=255")
    assert np.array_equal(masks_of(data)[0], np.where(MASK > 0, IGNORED, 0))


def test_255_is_not_class_1_where_another_mask_has_a_1(folder, root):
    _binary(root, (0, 255))
    write(root / "test/masks/7.png", np.ones((5, 6), np.uint8))
    with pytest.raises(ValueError, match="train/masks/0.png has pixels of the value 255; the classes have 0, 1,"):
        _ = folder(TWO).splits


def test_jpeg_masks_of_two_classes_are_rounded_and_told(folder, root):
    for file in root.glob("*/masks/*"):
        pixels = np.zeros((5, 6), np.uint8)
        pixels[:, 3:] = 255
        write(file, pixels, format="JPEG", quality=60)
    data = folder(TWO)
    assert (masks_of(data) == [0, 0, 0, 1, 1, 1]).all()
    assert data.skipped["mask stored as JPEG, its values rounded to 0 and 255"] == 4


def test_colors_of_jpeg_masks_are_refused(folder, root):
    write(root / "train/masks/2.png", COLORS[MASK].repeat(8, 0).repeat(8, 1), format="JPEG")
    with pytest.raises(ValueError, match="2.png has colors and is a JPEG, which changes them: save masks as PNG"):
        _ = folder().splits


def _own_palettes(root):
    """The same masks, of which every second one has its numbers from the end on."""
    for number, file in enumerate(sorted(root.glob("*/masks/*"))):
        mask = Image.fromarray(2 - MASK if number % 2 else MASK)
        mask.putpalette((COLORS[::-1] if number % 2 else COLORS).flatten().tolist())
        write(file, mask)


def test_palettes_that_say_different_things_are_refused(folder, root):
    _own_palettes(root)
    message = "value 0 have the color '#ffffff' in .*/0.png and '#000000' in .*/7.png: each .*data.values=.*'#000000'"
    with pytest.raises(ValueError, match=message):
        _ = folder().splits


def test_colors_say_the_class_whatever_the_palettes(folder, root):
    _own_palettes(root)
    assert (masks_of(folder("data.values=['#000000','#FF8000','#ffffff']")) == MASK).all()


def test_palettes_are_compared_between_splits(folder, root):
    _own_palettes(root)
    for number in (0, 2):
        (root / f"train/masks/{number}.png").unlink()
    write(root / "test/masks/7.png", Image.open(root / "test/masks/7.png").convert("RGB").quantize(3))
    with pytest.raises(ValueError, match="have the color .* in .*train/masks/10.png and .* in .*test/masks/7.png"):
        _ = folder().splits


def _white_first(root):
    """Masks of two classes as programs write them that make palettes: the value of white is 0."""
    for file in root.glob("*/masks/*"):
        write(file, Image.fromarray(255 * (MASK > 1).astype(np.uint8)).quantize(2))


def test_of_black_and_white_in_a_palette_the_first_class_is_asked_for_where_white_comes_first(folder, root):
    _white_first(root)
    with pytest.raises(
        ValueError, match=r"0 is white in .*0.png, and 1 black in .*0.png: .* data.values=\[0,1\] if so"
    ):
        _ = folder(TWO).splits


@pytest.mark.parametrize(("values", "first"), [("[0,1]", MASK > 1), ("['#000000','#ffffff']", MASK <= 1)])
def test_either_may_be_typed(folder, root, values, first):
    _white_first(root)
    assert np.array_equal(masks_of(folder(TWO, f"data.values={values}"))[0] == 0, first)


def test_with_a_threshold_palettes_do_not_count(folder, root):
    _own_palettes(root)
    assert np.array_equal(masks_of(folder(TWO, "data.threshold=2"))[2], MASK > 1)


def test_of_values_that_are_ignored_colors_do_not_count(folder, root):
    for number, file in enumerate(sorted(root.glob("*/masks/*"))):
        mask = Image.open(file)
        mask.putpalette([9, 9, 9, 200, 30, 30, number, 0, 0])
        write(file, mask)
    assert masks_of(folder(TWO, "data.ignore=2")).max() == IGNORED


def test_where_values_are_typed_palettes_do_not_count(folder, root):
    _own_palettes(root)
    assert np.array_equal(masks_of(folder("data.values=[0,1,2]")), [2 - MASK, 2 - MASK, MASK])


def test_values_say_the_class(folder, root):
    for file in root.glob("*/masks/*"):
        write(file, np.array([70, 1000, 0], np.uint16)[np.array(Image.open(file))])
    assert np.array_equal(masks_of(folder("data.values=[70,1000,0]"))[0], MASK)


def test_colors_say_the_class(folder, root):
    for file in root.glob("*/masks/*"):
        write(file, COLORS[np.array(Image.open(file))])
    write(root / "test/masks/7.png", np.full((5, 6), 255, np.uint8))  # white, but grey
    data = folder("data.values=['#000000','#FF8000','#ffffff']")
    assert np.array_equal(masks_of(data)[0], MASK)
    assert (masks_of(data, "test") == 2).all()


def test_a_color_is_ignored(folder, root):
    for file in root.glob("*/masks/*"):
        write(file, COLORS[np.array(Image.open(file))])
    data = folder(TWO, "data.values=['#ff8000','#ffffff']", "data.ignore='#000000'")
    assert np.array_equal(masks_of(data)[0], np.array([IGNORED, 0, 1])[MASK])


def test_a_value_is_ignored(folder):
    data = folder(TWO, "data.ignore=2")
    assert np.array_equal(masks_of(data)[0], np.where(MASK == 2, IGNORED, MASK))


def test_a_value_below_zero_is_ignored(folder, root):
    mask = np.zeros((5, 6), np.int32)
    mask[0, 0] = -1
    first = min((root / "train/masks").iterdir(), key=lambda file: int(file.stem))
    first.unlink()
    Image.fromarray(mask).save(first.with_suffix(".tif"))
    with pytest.raises(ValueError, match=r'if such pixels are not to count, "data.ignore=-1"$'):
        _ = folder().splits
    assert masks_of(folder("data.ignore=-1"))[0, 0, 0] == IGNORED


def test_several_values_are_ignored(folder):
    data = folder("data.classes=[road,car]", "data.values=[1,7]", "data.ignore=[0,2]")
    assert np.array_equal(masks_of(data)[0], np.where(MASK == 1, 0, IGNORED))


def test_all_values_of_no_class_are_said_to_be_ignored(folder):
    with pytest.raises(ValueError, match=r'pixels of the value 1; .*, "data.ignore=\[0, 1, 2\]"$'):
        _ = folder("data.classes=[road,car]", "data.values=[6,7]", "data.ignore=0").splits


@pytest.mark.parametrize("options", [(), ("data.values=[0,255]",)])
@pytest.mark.parametrize("grey", [60, 128, 200])
def test_a_jpeg_mask_with_a_third_value_is_refused(folder, root, grey, options):
    for file in root.glob("train/*/*"):
        third = np.repeat(np.array([[0, grey, 255]], np.uint8), 16, 0).repeat(16, 1)  # areas of 16 x 16 pixels
        write(file, third, format="JPEG")
    with pytest.raises(ValueError, match=r"0.png has areas of about the value \d+, .* a JPEG, .*data.threshold=128"):
        _ = folder(TWO, *options).splits


def test_a_jpeg_mask_with_soft_edges_is_rounded(folder, root):
    ramp = np.concatenate([np.zeros(16), np.linspace(0, 255, 30), np.full(18, 255)]).astype(np.uint8)
    for file in root.glob("*/*/*"):
        write(file, np.repeat(ramp[None], 16, 0), format="JPEG")
    masks = masks_of(folder(TWO))
    assert (masks[:, :, 31:] == 1).all()
    assert (masks[:, :, :30] == 0).all()  # up to 114


@pytest.fixture
def soft(folder, root):
    for file in root.glob("*/masks/*"):
        write(file, np.array([0, 127, 255], np.uint8)[np.array(Image.open(file))])
    return folder


def test_of_soft_edges_the_threshold_is_told(soft):
    with pytest.raises(ValueError, match=r"; or if edges are soft, data.values=null data.threshold=128$"):
        _ = soft(TWO).splits


def test_of_numbered_objects_the_threshold_is_told(folder):
    with pytest.raises(
        ValueError, match=r"; or if all from 1 on are one class, .*, data.values=null data.threshold=1$"
    ):
        _ = folder(TWO).splits


@pytest.mark.parametrize(("threshold", "first"), [(128, 2), (127, 1)])
def test_soft_edges_are_cut_at_the_threshold(soft, threshold, first):
    assert np.array_equal(masks_of(soft(TWO, f"data.threshold={threshold}"))[0], first <= MASK)


def test_a_value_of_no_class_is_named_before_all_images_are_read(folder, monkeypatch):
    monkeypatch.setattr("refnets.data.mask_folder.load", lambda *_: pytest.fail("images were read"))
    with pytest.raises(ValueError, match="has pixels of the value 2"):
        _ = folder(TWO).splits


def test_gif_masks_have_their_values_whatever_their_palettes(folder, root):
    for file in root.glob("*/masks/*"):
        mask = np.array(Image.open(file))
        file.unlink()
        write(file.with_suffix(".gif"), np.where(mask > 0, 255, 0).astype(np.uint8))
    write(root / "test/masks/7.gif", np.full((5, 6), 255, np.uint8))  # its only index is 0
    data = folder(TWO)
    assert np.array_equal(masks_of(data)[0], MASK > 0)
    assert (masks_of(data, "test") == 1).all()


def test_images_of_all_sizes_are_fitted_with_their_masks(folder, root):
    write(root / "train/images/2.jpg", np.zeros((10, 3, 3), np.uint8))
    write(root / "train/masks/2.png", np.ones((10, 3), np.uint8))
    data = folder("data.size=[5,6]")
    x, y = data.splits["train"]
    assert np.array_equal(y[0], MASK)
    assert (y[1, :, :2] == 1).all()
    assert (y[1, :, 2:] == IGNORED).all()
    assert ((x[1] == 128).all(0) == (y[1] == IGNORED)).all()


def test_image_and_mask_are_turned_upright(folder, root):
    exif = Image.Exif()
    exif[0x0112] = 3
    write(root / "train/masks/0.png", Image.fromarray(MASK).rotate(180), exif=exif)
    assert np.array_equal(masks_of(folder())[0], MASK)


def test_an_image_that_is_turned_upright_is_told_as_its_mask_may_be_so_already(folder, root):
    exif = Image.Exif()
    exif[0x0112] = 3
    write(root / "train/images/0.jpg", image(), exif=exif)
    data = folder()
    assert np.array_equal(masks_of(data)[0], MASK)
    assert data.skipped == {"image stored turned or mirrored; turned upright, its mask as the mask's own file says": 1}


@pytest.mark.parametrize(
    ("missing", "reason"),
    [("masks/2.png", "image without a mask, left out"), ("images/2.jpg", "mask without an image, left out")],
)
def test_what_is_not_of_a_pair_is_left_out_and_counted(folder, root, missing, reason):
    n = len(folder().splits["train"].x)
    (root / "train" / missing).unlink()
    data = folder()
    assert len(data.splits["train"].x) == n - 1
    assert data.skipped == {reason: 1}


def test_input_shape_is_known_from_the_size(folder, root):
    assert folder("data.root=nowhere", "data.size=[5,6]").input_shape == (3, 5, 6)


BROKEN = {
    "other names": (
        lambda r: [each.rename(each.with_stem(f"{each.stem}_L")) for each in r.glob("train/masks/*")],
        r"images/0.jpg has no mask, as 2 others: .*; if all masks, .* have longer names, type the rest: data.mask_",
    ),
    "damaged image": (lambda r: (r / "test/images/7.jpg").write_bytes(b"1"), "images/7.jpg cannot be read"),
    "damaged mask": (lambda r: (r / "test/masks/7.png").write_bytes(b"1"), "masks/7.png cannot be read"),
    "another size": (
        lambda r: write(r / "train/masks/2.png", MASK[:4]),
        "masks/2.png has 6 x 4 pixels, and its image .*images/2.jpg 6 x 5: scale it to the size of the image",
    ),
    "a mask on its side": (
        lambda r: write(r / "train/masks/2.png", MASK.T),
        "masks/2.png has 5 x 6 pixels, and its image .*images/2.jpg 6 x 5: turn it as its image is, or scale it",
    ),
    "images of two sizes": (
        lambda r: write(r / "train/images/10.jpg", image()[:4]),
        r"images/10.jpg has 6 x 4 pixels, .*images/0.jpg 6 x 5; .* type data.size=\[5,6\]",
    ),
    "a value of no class": (
        lambda r: write(r / "train/masks/2.png", MASK + 9),
        r"masks/2.png has pixels of the value 9; the classes have 0, 1, 2, this file 9, 10, 11. Type .*data.values=.*;"
        r' or if such pixels are not to count, "data.ignore=\[9, 10, 11\]"$',
    ),
    "a JPEG": (
        lambda r: write(r / "train/masks/2.png", MASK * 100, format="JPEG"),
        "masks/2.png has pixels of the value .*; it is a JPEG, which changes values: save masks as PNG",
    ),
    "colors": (
        lambda r: write(r / "train/masks/2.png", COLORS[MASK]),
        "masks/2.png has pixels of the color '#ff8000': type the colors of all classes, .data.values=.'#000000','#ff",
    ),
    "fractions": (
        lambda r: (
            (r / "train/masks/2.png").unlink(),
            write(r / "train/masks/2.tif", MASK.astype(np.float32) / 2),
        ),
        "masks/2.tif has fractions for pixels",
    ),
    "16 bits in an image": (
        lambda r: write(r / "train/images/2.jpg", MASK.astype(np.uint16), format="PNG"),
        "images/2.jpg has more than 8 bits a channel",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_is_named(folder, root, what):
    damage, message = BROKEN[what]
    damage(root)
    with pytest.raises(ValueError, match=message):
        _ = folder().splits


@pytest.mark.parametrize("classes", [THREE, TWO])
@pytest.mark.parametrize("damaged", [(0, 10), (2, 10)])
def test_all_damaged_masks_are_named_at_once(folder, root, classes, damaged):
    _binary(root, (0, 1))
    for number in damaged:
        (root / f"train/masks/{number}.png").write_bytes(b"1")
    with pytest.raises(
        ValueError, match=rf"{damaged[0]}.png cannot be read .* Unreadable are also .*{damaged[1]}.png$"
    ):
        _ = folder(classes).splits


def test_a_color_of_no_class_is_named(folder, root):
    for file in root.glob("*/masks/*"):
        write(file, COLORS[np.array(Image.open(file))])
    with pytest.raises(
        ValueError, match=r"0.png has pixels of the value '#ff(8000|ffff)'; the classes have '#000000', '#fffff1'"
    ):
        _ = folder(TWO, "data.values=['#000000','#fffff1']").splits


OPTIONS = {
    "data.values=[0,1]": "data.values has 2 values for the 3 names in data.classes",
    "data.values=[0,1,1]": "1 is the value of two classes, or of one and data.ignore",
    "data.ignore=0": "0 is the value of two classes, or of one and data.ignore: see data.values",
    "data.values=['#000000',1,2]": "should all be integers, or all colors",
    "data.classes=[a,a]": "data.classes=.*: should be up to 255 different names",
    "data.threshold=128": "data.threshold=128: makes two classes, and data.classes has 3",
    "data.test=0.5": "data.test=0.5, but there is a test split: type data.test=0",
    "data.values=[red,green,blue]": "'red' is no value of pixels: should be an integer, or a color",
}


@pytest.mark.parametrize("option", OPTIONS)
def test_a_wrong_option_is_named(folder, option):
    with pytest.raises(ValueError, match=OPTIONS[option]):
        _ = folder(option).splits


def test_one_class_is_too_few(job):
    with pytest.raises(ValueError, match=r"data.classes=\['cell'\]: .*at least 2"):
        check(job("data=mask_folder", "data.classes=[cell]")[0])


def test_a_network_is_trained_on_them(job, root):
    options = "steps=1", "eval_every=1", "logger=none", "model.depth=1", "model.width=2"
    run = train(*job("experiment=shapes_unet", "data=mask_folder", f"data.root={root}", THREE, *options))
    assert run.result["data"]["target"]["names"] == ["sky", "road", "car"]


def test_a_step_has_a_part_of_each_image_and_of_its_mask(folder):
    data = folder("data.crop=[4,5]")
    x, y = data.augment(*data.splits["train"], torch.Generator().manual_seed(0))
    assert (x.shape, y.shape) == ((3, 3, 4, 5), (3, 4, 5))
    for image, mask, crop, cut in zip(*data.splits["train"], x, y, strict=True):
        parts = [(image[:, i : i + 4, j : j + 5], mask[i : i + 4, j : j + 5]) for i in (0, 1) for j in (0, 1)]
        assert any(torch.equal(crop, a) and torch.equal(cut, b) for a, b in parts)


def test_a_crop_larger_than_the_images_is_refused(folder):
    with pytest.raises(ValueError, match=r"data.crop=\[5, 7\]: the images are \[5, 6\]"):
        _ = folder("data.crop=[5,7]").splits


def test_a_crop_that_the_network_cannot_take_is_refused_before_training(job, root):
    overrides = "experiment=shapes_unet", "data=mask_folder", f"data.root={root}", THREE
    with pytest.raises(ValueError, match=r"data.crop=\[4, 4\]: the model needs another size"):
        train(*job(*overrides, "model=deconvnet", "data.size=[64,64]", "data.crop=[4,4]"))


def test_a_threshold_beside_values_is_refused(folder):
    with pytest.raises(ValueError, match="data.threshold=1: type data.values=null data.ignore=null, too"):
        folder(TWO, "data.values=[0,1]", "data.threshold=1")
