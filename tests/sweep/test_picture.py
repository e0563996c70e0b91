import numpy as np

from refnets.sweep.picture import _unbeaten


def test_the_front_is_what_no_other_beats_in_both():
    assert _unbeaten(np.array([[1, 3], [2, 2], [3, 3], [3, 1]])).tolist() == [True, True, False, True]
