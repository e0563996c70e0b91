"""The drawings of networks: what is written in them is what the modules are."""

from refnets.figures import dense_concatenation, residual_block, resnet_stages


def texts(picture):
    return [text.get_text() for ax in picture.axes for text in ax.texts]


def test_blocks_are_drawn_layer_by_layer():
    picture, numbers = residual_block.draw(channels=8, narrow=2)
    assert [text for text in texts(picture) if "→" in text] == [
        *["3 × 3, 8 → 8"] * 2,
        *["1 × 1, 8 → 2", "3 × 3, 2 → 2", "1 × 1, 2 → 8"],
    ]
    assert numbers["weights_of_bottleneck"].values == [8 * 2 + 9 * 2 * 2 + 2 * 8]


def test_stages_have_their_blocks_and_maps():
    picture, numbers = resnet_stages.draw(depth=18, image=(3, 64, 64), classes=10)
    assert [text for text in texts(picture) if "blocks" in text] == ["2 blocks"] * 4
    assert texts(picture)[-2] == "512\n2 × 2"
    assert numbers["weight_layers"].values == [18]
    assert numbers["stage_4_blocks"].values == [2]


def test_dense_layers_are_as_high_as_their_channels():
    picture, numbers = dense_concatenation.draw(channels=3, growth=4, layers=2, size=8)
    assert texts(picture) == ["3", "7", "11"]
    assert numbers["difference_of_the_first_channels_to_the_input"].values == [0]
