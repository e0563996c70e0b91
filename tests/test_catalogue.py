import json
import re

import pytest

from refnets import catalogue
from refnets.catalogue import find, load


def test_figures_are_in_the_order_of_the_notes():
    sources = [figure.source for figure in catalogue.catalogue()]
    assert sources.index("fig 8.1") < sources.index("fig 8.2") < sources.index("fig 10.8")


@pytest.mark.parametrize("word", ["8.2", "fig 8.2", "Fig 8.2", "training_error_falls_test_error_stays"])
def test_a_figure_is_found_by_number_and_by_name(word):
    assert find(word) == ["training_error_falls_test_error_stays"]


def test_a_number_or_a_chapter_can_call_several():
    assert len(find("5.11")) == 17
    assert set(find("chapter=5,8")) > {*find("5.11"), *find("8.2")}
    assert set(find("all")) == {figure.name for figure in catalogue.catalogue() if not figure.on_gpu}


def test_a_figure_of_two_numbers_is_found_by_each():
    assert find("10.9") == find("10.10") == ["an_image_is_convolved_square_by_square"]


def test_the_figure_of_a_section_is_found_by_both_words_only():
    assert find("section 11.2") == ["deleting_a_residual_block_changes_little"]
    with pytest.raises(ValueError, match="there is no figure 'section'"):
        find("section")


@pytest.mark.parametrize(
    ("word", "meant"), [("8.22", "8.2"), ("convolution_generalises_better", "convolution_generalizes_better")]
)
def test_a_near_miss_is_answered_with_what_was_probably_meant(word, meant):
    with pytest.raises(ValueError, match=f"there is no figure '{word}'; did you mean '{meant}'?"):
        find(word)


def test_a_figure_names_options_of_other_groups():
    assert load(*find("8.1")).params["data"]["num_samples"] == 5000


def test_a_figure_never_drawn_has_not_run(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "PICTURES", tmp_path)
    assert load(*find("8.2")).report["verdict"] == "not run"


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        ({"titel": "t"}, "configs/figure/x.yaml: titel: Figure has no 'titel'; did you mean 'title'?"),
        ({"claim": None}, "configs/figure/x.yaml: claim=None: should be a valid string"),
        (
            {"expected": {"error": {"mxa": 1, "source": "s"}}},
            "x.yaml: expected.error.mxa: Bounds has no 'mxa'; did you",
        ),
        ({"expected": {"error": {"max": 1}}}, "x.yaml: expected.error.source is not set, and Bounds needs it"),
    ],
)
def test_a_mistake_in_a_figure_file_is_named(monkeypatch, tmp_path, mistake, message):
    (tmp_path / "figure").mkdir()
    sound = dict.fromkeys(("title", "source", "claim", "cost", "draw"), "x")
    (tmp_path / "figure" / "x.yaml").write_text(json.dumps(sound | mistake))  # JSON is YAML
    monkeypatch.setattr(catalogue, "CONFIGS", tmp_path)
    with pytest.raises(ValueError, match=re.escape(message)):
        catalogue.catalogue()


def test_a_key_missing_in_a_figure_file_is_named(monkeypatch, tmp_path):
    (tmp_path / "figure").mkdir()
    (tmp_path / "figure" / "x.yaml").write_text("title: t\n")
    monkeypatch.setattr(catalogue, "CONFIGS", tmp_path)
    with pytest.raises(ValueError, match="configs/figure/x.yaml: source is not set, and Figure needs it"):
        catalogue.catalogue()


def test_what_needs_a_gpu_is_drawn_only_when_it_is_named():
    needy = [figure for figure in catalogue.catalogue() if figure.on_gpu]
    assert needy
    for figure in needy:
        assert catalogue.find(figure.name) == [figure.name]
        assert figure.name not in catalogue.find(f"chapter={figure.chapter}")
