import pytest

from refnets.files import write


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "result.json"
    write(path, "old")
    with pytest.raises(TypeError):
        write(path, 1)
    assert path.read_text() == "old"


def test_a_full_disk_leaves_the_file_that_was_there(tmp_path, largest_file):
    path = tmp_path / "result.json"
    write(path, "old")
    with largest_file(10), pytest.raises(OSError, match="result.json"):
        write(path, "new" * 10)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]
