import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from torch import nn

from refnets.config.build import build
from refnets.data.batches import Split
from refnets.data.target import Boxes
from refnets.figures import detection
from refnets.overlay import color


class Cells(nn.Module):
    """A network that sees a disc in the upper left one of 2 x 2 cells, whatever the image."""

    def forward(self, x):
        output = torch.zeros(len(x), 7, 2, 2)
        output[:, :, 0, 0] = torch.tensor(
            [0.5, 0.5, 0.5, 0.5, 0.9, 1.0, 0.0]
        )  # x, y, roots of sides, confidence, classes
        output[:, 6, 1, 1] = 1.0
        return output


class Published(nn.Module):
    """Cells of four pixels by two."""

    def __init__(self, num_outputs):
        super().__init__()
        self.stages = nn.Conv2d(3, num_outputs, (4, 1), (4, 1))
        self.pool = nn.MaxPool2d((1, 2))

    def forward(self, x):
        return self.pool(self.stages(x))


@pytest.fixture
def run(known_run, job):
    made = known_run(final={"test_loss": 1.0, "test_ap50": 0.5}, model=Cells())
    made.result |= {"seconds": 120.0, "parameters": 3}
    split = Split(torch.zeros(1, 3, 8, 8, dtype=torch.uint8), torch.full((1, 1, 5), -1.0))
    made.data = lambda: type("Data", (), {"splits": {"test": split}})
    made.signature = type("Signature", (), {"target": Boxes(("disc", "square"))})
    made.loss = lambda: build("loss", job("experiment=shapes_yolo", "loss.boxes=1")[0].loss)
    return made


@pytest.fixture
def drawn(run):
    return detection.draw({"known": [run]}, network=None, input_shape=(3, 8, 8), num_outputs=7, image=0)


def test_every_cell_has_a_color(drawn):
    assert len(drawn[0].axes[0].patches) == 4


def test_a_cell_has_the_color_of_its_likeliest_class_where_it_is():
    ax, classes = Figure().subplots(), torch.zeros(2, 3, 2)  # (rows, columns, K)
    classes[0, 2, 1] = 1
    detection._draw_cells(ax, classes)
    (cell,) = [each for each in ax.patches if each.get_facecolor()[:3] == to_rgb(color(1))]
    assert cell.get_xy() == pytest.approx((2 / 3, 0))


def test_a_box_is_as_thick_as_it_is_sure(drawn):
    assert [patch.get_linewidth() for patch in drawn[0].axes[1].patches] == [pytest.approx(2.7), 0, 0, 0]


def test_what_remains_has_its_score_beside_it(drawn):
    (box,) = drawn[0].axes[2].patches
    assert box.get_bbox().extents == pytest.approx([0.125, 0.125, 0.375, 0.375])
    assert [text.get_text() for text in drawn[0].axes[2].texts] == ["0.90"]


def test_the_best_of_what_remains_lies_over_the_others(run):
    class Two(Cells):
        def forward(self, x):
            output = super().forward(x)
            output[:, :, 0, 1] = torch.tensor([0.5, 0.5, 0.5, 0.5, 0.4, 0.0, 1.0])
            return output

    run.model = Two
    picture, _ = detection.draw({"known": [run]}, network=None, input_shape=(3, 8, 8), num_outputs=7, image=0)
    assert [text.get_text() for text in picture.axes[2].texts] == ["0.40", "0.90"]


@pytest.mark.parametrize(("iou_threshold", "largest"), [(0.2, 0), (0.5, 0.25)])
def test_boxes_that_suppression_leaves_overlap_at_most_so_much(run, job, iou_threshold, largest):
    class Overlapping(Cells):
        """A disc of half the width and height of the image, and its upper left quarter."""

        def forward(self, x):
            output = super().forward(x)
            output[:, :5, 0, 0] = torch.tensor([0.5, 0.5, 0.5**0.5, 0.5**0.5, 0.9])
            output[:, :6, 0, 1] = torch.tensor([-0.75, 0.25, 0.5, 0.5, 0.8, 1.0])
            return output

    run.model = Overlapping
    overrides = "experiment=shapes_yolo", "loss.boxes=1", f"loss.iou_threshold={iou_threshold}"
    run.loss = lambda: build("loss", job(*overrides)[0].loss)
    assert detection.largest_iou(run) == pytest.approx(largest)


def test_the_surest_box_is_compared_with_the_only_one(run):
    test = run.data().splits["test"]
    test.y[0, 0] = torch.tensor([0, 0.125, 0.125, 0.375, 0.625])  # twice as high as the one that is found
    assert detection.iou_of_the_surest_box(run) == pytest.approx(0.5)


def test_an_image_in_which_nothing_is_found_counts_as_zero(run):
    run.data().splits["test"].y[0, 0] = torch.tensor([0, 0.1, 0.1, 0.4, 0.4])
    run.model = lambda: lambda x: torch.zeros(len(x), 7, 2, 2)
    assert detection.iou_of_the_surest_box(run) == 0


def test_the_published_grid_is_measured(run):
    def network(input_shape, num_outputs):
        return Published(num_outputs)

    _, numbers = detection.draw({"known": [run]}, network=network, input_shape=(3, 8, 8), num_outputs=7, image=0)
    assert numbers["published_boxes"].values == [2 * 4]  # one in each cell
    assert numbers["published_convolutions"].values == [1]
    assert numbers["published_parameters"].values == [7 * 3 * 4 + 7]


def test_the_last_evaluation_is_reported(drawn):
    numbers = {name: number.values for name, number in drawn[1].items()}
    measured = {"test_ap50": [0.5], "minutes": [2.0], "parameters": [3]}
    assert numbers == {"boxes_per_image": [4], "largest_iou_of_those_kept": [0], **measured}
