from refnets.figures.double_descent import by_width


def test_errors_are_sorted_by_width(tiny_run):
    runs = [tiny_run("a", test_error=[90, 40]), tiny_run("b", test_error=[90, 50])]
    for run, width in zip(runs, (20, 10), strict=True):
        run.config.model.width = width
    width, errors = by_width(runs)
    assert width.tolist() == [10, 20]
    assert errors["test"].tolist() == [[50], [40]]
