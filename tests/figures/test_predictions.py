import torch

from refnets.figures.predictions import error, logits_of


def test_the_logits_of_all_runs_are_for_the_test_data_they_share(known_run):
    runs = [known_run(logits, [1, 0]) for logits in ([[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]])]
    logits, y = logits_of(runs)
    assert logits.tolist() == [[[1, 2], [3, 4]], [[10, 20], [30, 40]]]
    assert y.tolist() == [1, 0]


def test_the_error_is_the_percentage_of_wrong_classes():
    assert error(torch.tensor([[0, 1, 2, 3], [0, 0, 0, 0]]), torch.tensor([0, 1, 2, 0])).tolist() == [25, 50]
