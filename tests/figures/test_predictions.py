import torch

from refnets.figures.predictions import by_width, error, logits_of, measure


def test_the_logits_of_all_runs_are_for_the_test_data_they_share(known_run):
    runs = [known_run(logits, [1, 0]) for logits in ([[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]])]
    logits, y = logits_of(runs)
    assert logits.tolist() == [[[1, 2], [3, 4]], [[10, 20], [30, 40]]]
    assert y.tolist() == [1, 0]


def test_the_error_is_the_percentage_of_wrong_classes():
    assert error(torch.tensor([[0, 1, 2, 3], [0, 0, 0, 0]]), torch.tensor([0, 1, 2, 0])).tolist() == [25, 50]


def test_errors_are_sorted_by_width(tiny_run):
    runs = [tiny_run("a", test_error=[90, 40]), tiny_run("b", test_error=[90, 50])]
    for run, width in zip(runs, (20, 10), strict=True):
        run.config.model.width = width
    width, errors = by_width(runs)
    assert width.tolist() == [10, 20]
    assert errors["test"].tolist() == [[50], [40]]


def test_what_was_measured_of_the_test_split_is_reported(known_run):
    run = known_run(final={"test_loss": 1.0, "test_mean_iou": 0.5})
    run.result |= {"seconds": 60.0, "parameters": 3}
    numbers = {name: number.values for name, number in measure([run]).items()}
    assert numbers == {"test_mean_iou": [0.5], "minutes": [1.0], "parameters": [3]}
