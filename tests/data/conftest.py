"""Data sets from their YAML alone: a whole configuration takes thirty times as long to compose."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from refnets.config.build import build
from refnets.config.composition import CONFIGS
from refnets.data.mnist1d_generator import generate


@pytest.fixture
def dataset() -> Callable[..., Any]:
    """dataset("voc", "data.root=...", ...): what these overrides make of configs/data/voc.yaml."""

    def make(option: str, *overrides: str) -> Any:
        node = OmegaConf.load(CONFIGS / "data" / f"{option}.yaml")
        for each in OverridesParser.create().parse_overrides(list(overrides)):
            OmegaConf.update(node, each.key_or_group.removeprefix("data."), each.value(), merge=False)
        return build("data", node)

    return make


@pytest.fixture
def mnist1d(dataset: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """mnist1d("data.seed=1"): made anew, in an empty folder as in a new process."""
    monkeypatch.chdir(tmp_path)
    generate.cache_clear()
    return partial(dataset, "mnist1d")
