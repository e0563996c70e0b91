"""What strangers may have written: YAML that is only data, values that are only values, text that is only text.

SECURITY.md says what is trusted and what is not.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

import yaml
from omegaconf import DictConfig, OmegaConf

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the fast one is not everywhere
MOST = {"characters": 1_000_000, "levels": 30}  # of a YAML file
LONGEST, LARGEST, MOST_REFERENCES = 10_000, 2**32 - 1, 1000  # text, whole number, and ${key} in a configuration
REFERENCE = re.compile(r"\$\{(\w[\w.]*)\}")  # the value of another key; of ${oc.env:HOME} Hydra would run a function


def read_yaml(path: Path) -> DictConfig:
    """The mapping in a YAML file. Raises ValueError or YAMLError when it is no mapping, or is not what it looks."""
    text = path.read_text(encoding="utf-8-sig")
    refuse_yaml(text, path)
    if not isinstance(yaml.compose(text, Loader=LOADER), yaml.MappingNode):
        raise ValueError(f"{path} should have keys and their values")
    return OmegaConf.create(text)


def read_strings(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file as it is written: "no" and "012", which YAML takes for False and 10, stay text."""
    read_yaml(path)  # raises what it raises
    return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)


def refuse_yaml(text: str, path: Path) -> None:
    """Raises ValueError for what makes much of little, aliases and deep nesting, and for tags, which make objects."""
    if len(text) > MOST["characters"]:
        raise ValueError(f"{path} has {len(text)} characters, and {MOST['characters']} are the most")
    level = 0
    for event in yaml.parse(text, Loader=LOADER):
        level += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        where = f"{path}, line {event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent):
            raise ValueError(f"{where}: the alias *{event.anchor} is not allowed; write out what it stands for")
        if tag := getattr(event, "tag", None):
            raise ValueError(f"{where}: the tag {tag} is not allowed; write a number, a word, a list or keys")
        if level > MOST["levels"]:
            raise ValueError(f"{where}: is nested deeper than {MOST['levels']} levels")


@lru_cache
def refuse_folder(folder: Path) -> None:
    """Raises ValueError when `refuse_yaml` does for a configuration in the folder: Hydra would read it as it is."""
    if links := [each for each in folder.rglob("*") if each.is_symlink() and each.is_dir()]:
        raise ValueError(f"{links[0]} is a link to a folder, which nobody has looked through: copy it")
    for file in folder.rglob("*.yaml"):
        try:
            refuse_yaml(file.read_text(encoding="utf-8"), file)
        except (yaml.YAMLError, UnicodeDecodeError):
            continue  # Hydra says so when it is chosen


def refuse_links(run: Path) -> None:
    """Raises ValueError for a link in the folder of a run: what is written into it would be written where that leads.

    And for pipes and devices, whose reading may not end. But in the folder of W&B, which makes some links itself, and
    which is emptied before it is written to.
    """
    for folder, folders, files in os.walk(run):
        for each in (Path(folder, name) for name in folders + files):
            with suppress(FileNotFoundError):  # another process may train the run
                mode = each.lstat().st_mode
                if stat.S_ISLNK(mode):
                    raise ValueError(f"{each} is a link to {os.readlink(each)}: a run has none; delete it")
                if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                    raise ValueError(f"{each} is neither a file nor a folder: delete it")
        folders[:] = [name for name in folders if Path(folder, name) != run / "wandb"]


def refuse_values(cfg: DictConfig) -> None:
    """Raises ValueError for values of a configuration that no part of it can want.

    Text and numbers without bounds; control characters; and of interpolations all but the value of another key, once:
    ${oc.env:HOME} reads the environment, and references to text made of references grow without bounds.
    """
    values = dict(_leaves(OmegaConf.to_container(cfg, resolve=False)))
    references = []
    for key, value in values.items():
        if isinstance(value, str):
            _refuse_text(key, value)
            references += [(key, name) for name in REFERENCE.findall(value)]
        elif isinstance(value, float) and not isfinite(value):
            raise ValueError(f"{key}={value}: should be a finite number")
        elif isinstance(value, int) and abs(value) > LARGEST:
            raise ValueError(f"{key}={str(value)[:40]}: should be at most {LARGEST}")
    if len(references) > MOST_REFERENCES:
        raise ValueError(f"the configuration has {len(references)} values as ${{seed}}; {MOST_REFERENCES} are the most")
    several = {key[:place] for key in values for place, letter in enumerate(key) if letter == "."}
    for key, name in references:  # of one that is not there OmegaConf says so
        if name in several or _is_made_of_references(values.get(name)):
            raise ValueError(f"{key}: ${{{name}}} should be a single number or word, and is made of several")


def printable(text: str) -> str:
    """The text without what changes a terminal instead of being shown by it, which is escaped: "\\x1b[31m"."""
    return "".join(each if each.isprintable() or each in "\n\t" else ascii(each)[1:-1] for each in text)


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """("model.width.0", 100) and so on: every value that is neither a mapping nor a list."""
    if not isinstance(value, dict | list):
        yield key, value
        return
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _leaves(inner, f"{key}.{name}" if key else str(name))


def _refuse_text(key: str, value: str) -> None:
    if len(value) > LONGEST:
        raise ValueError(f"{key}={value[:40]}...: has {len(value)} characters, and {LONGEST} are the most")
    if any(ord(each) < 32 and each not in "\n\t" or ord(each) == 127 for each in value):
        raise ValueError(f"{key}={value!r}: should have no control characters")
    if "${" in REFERENCE.sub("", value):
        raise ValueError(f"{key}={value}: only the value of another key may be asked for, as ${{seed}}")


def _is_made_of_references(value: Any) -> bool:
    """Whether it is more than the value of one other key."""
    return isinstance(value, str) and "${" in value and not REFERENCE.fullmatch(value)
