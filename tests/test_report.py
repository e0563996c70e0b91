from refnets.catalogue import Figure
from refnets.report import results

NUMBER = {"name": "error", "unit": "%", "mean": 3.0, "std": None, "n": 1, "expected": {"max": 5}, "source": "the book"}
MADE = {"versions": {"torch": "2.15"}, "commit": "abc", "command": "figure.py 8.2"}


def figure(report):
    made = Figure("name", "A title", "fig 8.2", "A claim.", "1 min", "refnets.figures.sgd.draw", differs=["One seed."])
    made.report = report
    return made


def test_a_figure_has_its_numbers_their_source_and_how_it_deviates():
    numbers = [NUMBER | {"verdict": "reproduced"}]
    report = {"verdict": "reproduced", "numbers": numbers, "runs": {}, **MADE}
    page = results([figure(report)], {})
    assert "| 8.2 | [A title](#82-a-title) | reproduced | 1 min |" in page
    assert "| error 3 %, expected at most 5 | the book | reproduced |" in page
    assert "1. One seed." in page


def test_a_bar_in_a_source_does_not_end_the_cell():
    numbers = [NUMBER | {"verdict": "reproduced", "source": "max |f''|"}]
    report = {"verdict": "reproduced", "numbers": numbers, "runs": {}, **MADE}
    assert r"| error 3 %, expected at most 5 | max \|f''\| | reproduced |" in results([figure(report)], {})


def test_a_shortened_figure_says_that_it_is_partial():
    report = {"verdict": "unchecked", "partial": True, "numbers": [], "runs": {}, **MADE}
    assert "**unchecked (partial)**" in results([figure(report)], {})


def test_one_that_was_not_drawn_says_how_to_draw_it():
    page = results([figure({"verdict": "not run", "numbers": []})], {})
    assert "`uv run scripts/figure.py name` draws it." in page


def test_what_was_measured_of_speed_is_at_the_end():
    table = {"title": "Steps", "lines": ["refnets 0.95 times the plain loop"], **MADE, "command": "benchmark.py steps"}
    page = results([], {"steps": table})
    assert page.endswith(
        "Steps, by `benchmark.py steps` at commit abc, torch 2.15:\n\n    refnets 0.95 times the plain loop\n"
    )
