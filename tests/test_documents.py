"""What the documents tell to type or to read is there."""

import re
from pathlib import Path

import pytest

from refnets.catalogue import find

ROOT = Path(__file__).parents[1]
DOCUMENTS = ["README.md", "ERRATA.md", "CONTRIBUTING.md", "SECURITY.md"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_figure_that_is_typed_is_there(name):
    for word in re.findall(r"scripts/figure\.py (\"[^\"]+\"|[\w.=,]+)", (ROOT / name).read_text()):
        assert find(word.strip('"'))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_that_is_named_is_there(name):
    named = re.findall(r"`((?:src|tests|configs|scripts)/[\w/.]+\.\w+)[` :]", (ROOT / name).read_text())
    assert [path for path in named if not (ROOT / path).exists() and "/x." not in path] == []
