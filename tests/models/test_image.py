import pytest

from refnets.models.image import image_channels


@pytest.mark.parametrize("shape", [(3, 8, 15), (3, 15, 8)])
@pytest.mark.parametrize("limit", [{"smallest": 10}, {"multiple": 5}])
def test_both_sides_are_checked(shape, limit):
    with pytest.raises(ValueError, match=f"model=x needs images .*, the data has {shape[1]} x {shape[2]}"):
        image_channels("x", shape, **limit)
