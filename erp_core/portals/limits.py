"""Thresholds and terms of the portals: dated data, read from limits.yml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("limits.yml")


def in_force(table: str, on: date, *, of: str | None = None) -> Mapping[str, Any] | None:
    """The row of a table that holds on a day; `of` names a part, with "default" for the rest."""
    rows = _tables()[table]
    if of is not None:
        rows = rows.get(of) or rows["default"]
    days = [day for day in rows if day <= on]
    return rows[max(days)] if days else None


def paise(table: str, on: date, *, of: str | None = None) -> int | None:
    """A threshold in paise; None where there is none."""
    row = in_force(table, on, of=of)
    return None if row is None or row["rupees"] is None else int(row["rupees"]) * 100


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found
