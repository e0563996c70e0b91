import json
import subprocess
import sys
from pathlib import Path

import pytest

from refnets.inputs import images, run_on_images


def files(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return [folder / name for name in names]


def test_images_of_a_folder_keep_their_sub_folders(tmp_path):
    found = files(tmp_path / "film", "a.png", "b/a.PNG")
    assert images([tmp_path / "film"]) == [(found[0], Path("film/a.png")), (found[1], Path("film/b/a.PNG"))]


def test_a_folder_is_known_by_its_own_name(tmp_path, monkeypatch):
    files(tmp_path / "film", "a.png")
    monkeypatch.chdir(tmp_path / "film")
    assert [name for _, name in images([Path()])] == [Path("film/a.png")]


def test_hidden_files_of_a_folder_are_passed_over(tmp_path):
    found = files(tmp_path / "film", "a.gif", ".b.png")
    assert images([tmp_path / "film"]) == [(found[0], Path("film/a.gif"))]


def test_what_is_passed_over_in_a_folder_is_told(tmp_path, capsys):
    found = files(tmp_path / "film", "a.png", "b.heic", ".ipynb_checkpoints/a.png")
    (tmp_path / "film/linked").symlink_to(tmp_path)
    assert [file for file, _ in images([tmp_path / "film"])] == found[:1]
    told = capsys.readouterr().err.splitlines()
    assert told == [
        f"{tmp_path}/film: file that is no image by its name: 1, as {found[1]}",
        f"{tmp_path}/film: folder or broken link among the images, passed over: 1, as {tmp_path}/film/linked",
    ]


def test_what_was_predicted_earlier_is_passed_over_and_told(tmp_path, capsys):
    found = files(tmp_path / "film", "a.png", "a.png.mask.png", "a.png.overlay.png")
    assert [file for file, _ in images([tmp_path / "film"])] == found[:1]
    assert "predicted overlay or mask: 2, as " in capsys.readouterr().err


def test_two_images_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="would be written under one name: .*--output FOLDER"):
        images(files(tmp_path, "one/a.png", "two/a.png"))


def test_a_folder_without_images_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no images in"):
        images([tmp_path])


def test_a_run_of_signals_is_refused(tiny_run):
    with pytest.raises(ValueError, match="was trained on inputs of shape .1, 40. .*: no images"):
        run_on_images(tiny_run().path)


def test_a_run_of_images_is_taken(tiny_run):
    run = tiny_run()
    data = run.result | {"data": run.result["data"] | {"input_shape": [3, 8, 8]}}
    (run.path / "result.json").write_text(json.dumps(data))
    assert run_on_images(run.path).path == run.path


def test_a_run_that_is_not_finished_is_refused(tiny_run):
    run = tiny_run()
    (run.path / "result.json").unlink()
    with pytest.raises(ValueError, match="holds no finished run: type the command that trains it once more"):
        run_on_images(run.path)


def test_a_folder_that_is_no_run_is_answered_with_one_inside(tiny_run, tmp_path):
    run = tiny_run()
    with pytest.raises(ValueError, match=f"{tmp_path} is not the directory of a run, as {run.path}"):
        run_on_images(tmp_path)


def test_a_folder_that_is_not_there_is_answered_with_the_nearest(tiny_run, tmp_path):
    tiny_run("bccd_yolo")
    with pytest.raises(ValueError, match="there is no folder .*bcd_yolo; did you mean 'bccd_yolo'"):
        run_on_images(tmp_path / "bcd_yolo")


def test_mistakes_are_found_without_torch():
    command = "import sys, refnets.inputs; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], capture_output=True, text=True).stdout == "False\n"
