import json

import pytest

from refnets.benchmarks import tables


def test_a_table_is_printed_and_kept_beside_the_others(tmp_path, monkeypatch, capsys):
    def counted(overrides):
        """Counts."""
        yield f"{len(overrides)} values"

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(tables.TABLES, "counted", counted)
    tables.measure("counted", [])
    tables.measure("counted", ["trainer=cuda"])
    assert capsys.readouterr().out == "Counts\n  0 values\nCounts (trainer=cuda)\n  1 values\n"
    kept = json.loads((tmp_path / "outputs" / "benchmark.json").read_text())
    assert {name: table["lines"] for name, table in kept.items()} == {
        "counted": ["0 values"],
        "counted trainer=cuda": ["1 values"],
    }


def test_a_table_without_its_data_leaves_what_was_measured_earlier(tmp_path, monkeypatch, capsys):
    def lacking(_):
        """Lacks its images."""
        raise OSError("no images")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(tables.TABLES, "lacking", lacking)
    tables.measure("lacking", [])
    assert "not measured: no images" in capsys.readouterr().out
    assert tables.kept() == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"steps": {}}', '{"steps": []}'])
def test_kept_tables_that_are_damaged_are_named(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "benchmark.json").write_text(text)
    with pytest.raises(ValueError, match="outputs/benchmark.json cannot be read"):
        tables.kept()
