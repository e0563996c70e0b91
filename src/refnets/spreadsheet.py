"""What is predicted as a table for spreadsheets, which must not compute what it says."""

import csv
import io
from collections.abc import Sequence
from typing import Any

Rows = list[dict[str, Any]]


def as_csv(said: dict[str, Rows], columns: Sequence[str]) -> str:
    """A line for each row that is said of a file, whose name is the column "image" before the others."""
    rows = [{"image": file} | row for file, rows in said.items() for row in rows]
    rows = [{_as_text(key): _as_text(value) for key, value in row.items()} for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(map(_as_text, ["image", *columns])), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _as_text(value: Any) -> Any:
    """For spreadsheets: of text that they would compute, as "=1+1", with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
