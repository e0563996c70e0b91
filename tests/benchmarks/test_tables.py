import json

from refnets.benchmarks import tables


def test_a_table_is_printed_and_kept_beside_the_others(tmp_path, monkeypatch, capsys):
    def counted(overrides):
        """Counts."""
        yield f"{len(overrides)} values"

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(tables.TABLES, "counted", counted)
    tables.measure("counted", [])
    tables.measure("counted", ["trainer=cuda"])
    assert capsys.readouterr().out == "Counts.\n  0 values\nCounts. trainer=cuda\n  1 values\n"
    kept = json.loads((tmp_path / "outputs" / "benchmark.json").read_text())
    assert {name: table["lines"] for name, table in kept.items()} == {
        "counted": ["0 values"],
        "counted trainer=cuda": ["1 values"],
    }
