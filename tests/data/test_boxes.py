import torch

from refnets.data.boxes import area, best_of_each, corners, crowded_out, iou, owners, relative

# A grid of 2 rows and 4 columns. Centres (0.3, 0.2): row 0, column 1; (0.9, 0.7): row 1, column 3.
SMALL = [2.0, 0.25, 0.1, 0.35, 0.3]
LARGE = [1.0, 0.1, 0.0, 0.5, 0.4]
OTHER = [0.0, 0.85, 0.6, 0.95, 0.8]
NONE = [-1.0, 0, 0, 0, 0]


def test_what_a_box_is_to_its_cell():
    """x = 4 * 0.3 - 1, y = 2 * 0.2 - 0; the roots of 0.1 and 0.2."""
    cells = owners(torch.tensor([[SMALL, NONE]]), 2, 4)
    expected = torch.tensor([0.2, 0.4, 0.1**0.5, 0.2**0.5])
    assert torch.allclose(relative(cells[..., 1:])[0, 0, 1], expected, atol=1e-6)


def test_corners_are_the_inverse():
    cells = owners(torch.tensor([[SMALL, OTHER]]), 2, 4)
    back = corners(relative(cells[..., 1:])[..., None, :])[..., 0, :]  # as the only box of each cell
    assert torch.allclose(back[cells[..., 0] >= 0], torch.tensor([SMALL[1:], OTHER[1:]]), atol=1e-6)


def test_the_cell_with_the_centre_owns_an_object_and_no_other():
    cells = owners(torch.tensor([[SMALL, OTHER], [OTHER, NONE]]), 2, 4)
    assert torch.equal(cells[0, 0, 1], torch.tensor(SMALL))
    assert torch.equal(cells[:, 1, 3], torch.tensor([OTHER, OTHER]))
    assert (cells[..., 0] >= 0).sum() == 3


def test_the_largest_of_several_objects_owns_the_cell_whatever_their_order():
    for rows in ([SMALL, LARGE, OTHER], [OTHER, LARGE, SMALL]):
        y = torch.tensor([rows])
        assert torch.equal(owners(y, 2, 4)[0, 0, 1], torch.tensor(LARGE))
        assert crowded_out(y, 2, 4) == 1


def test_of_equal_objects_in_one_cell_one_is_crowded_out():
    assert crowded_out(torch.tensor([[SMALL, SMALL, NONE]]), 2, 4) == 1


def test_a_finer_grid_separates_them():
    apart = [1.0, 0.35, 0.1, 0.45, 0.3]
    y = torch.tensor([[SMALL, apart]])
    assert crowded_out(y, 2, 4) == 1
    assert crowded_out(y, 2, 8) == 0


def test_images_and_data_without_objects_own_no_cells():
    assert (owners(torch.tensor([[NONE, NONE]]), 2, 4)[..., 0] == -1).all()
    assert (owners(torch.zeros(3, 0, 5), 2, 4)[..., 0] == -1).all()


def test_iou_by_hand():
    a = torch.tensor([0.0, 0.0, 0.4, 0.5])
    others = torch.tensor([[0.2, 0.0, 0.6, 0.5], [0.0, 0.0, 0.4, 0.5], [0.4, 0.5, 1.0, 1.0], [0.1, 0.1, 0.3, 0.35]])
    assert torch.allclose(iou(a, others), torch.tensor([1 / 3, 1.0, 0.0, 0.25]), atol=1e-6)


def test_boxes_without_area_overlap_nothing():
    point = torch.tensor([0.5, 0.5, 0.5, 0.5])
    assert iou(point, point).item() == 0


def test_the_area_is_a_fraction_of_the_image():
    assert torch.allclose(area(torch.tensor([0.25, 0.1, 0.35, 0.3])), torch.tensor(0.02))


def test_the_best_of_each_image():
    found = torch.tensor([[9.0], [8.0], [7.0], [6.0]])
    best = best_of_each(found, torch.tensor([2, 0, 2, 2]), n=3, most=2)
    assert best[..., 0].tolist() == [[8, -1], [-1, -1], [9, 7]]
