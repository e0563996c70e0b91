import json

import pytest

from refnets.data.signature import Signature
from refnets.data.target import Boxes, Classes, Hidden, Masks, Values


@pytest.mark.parametrize("target", [Classes(("cat", "dog")), Masks(("cell",)), Boxes(("car",)), Values(2), Hidden(40)])
def test_a_signature_is_the_same_after_it_was_written_down(target):
    signature = Signature((3, 32, 32), True, target)
    assert Signature.from_json(json.loads(json.dumps(signature.as_json()))) == signature
