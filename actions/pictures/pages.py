"""A page that was read from a picture: its lines, and the buttons below it, which carry what they
write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from actions.context import Turn
from actions.match import payload_of
from actions.phrasebook import Button
from actions.pictures.photos import PAGE_DROP
from erp_core.kernel.quantity import plain

MOST_SHOWN = 15


@dataclass(frozen=True)
class Row:
    """A line of a slip as it came; `clear`: whether the letters of its name were seen well."""

    text: str
    quantity: str | None
    unit: str | None
    paise: int | None
    sure: bool
    clear: bool = True

    @property
    def as_read(self) -> str:
        """What it says, with how many."""
        return f"{self.text} {plain(Decimal(self.quantity))}" if self.quantity else self.text


def reading_of(turn: Turn) -> dict[str, Any]:
    """What was read."""
    return turn.metadata.get("reading") or {}


def rows_of(turn: Turn) -> list[Row]:
    """Its lines."""
    return [Row(*line) for line in reading_of(turn)["lines"]]


def first_of(turn: Turn, rows: Sequence[str]) -> str:
    """The first of many, and how many more there are."""
    more = len(rows) - MOST_SHOWN
    rest = turn.line("line_slip_more", count=more) if more > 0 else ""
    return ", ".join(rows[:MOST_SHOWN]) + rest


def say_illegible(turn: Turn, count: int) -> None:
    """Say how many lines could not be read, if any."""
    if count:
        turn.say("utter_slip_illegible", count=count)


def page_button(act: str, choice: dict[str, Any], title: str) -> Button:
    """A button that carries what it writes."""
    return Button(title=title, payload=payload_of("affirm", act=act, choice=json.dumps(choice)))


def drop_button(turn: Turn) -> Button:
    """The button that lets a page be."""
    return page_button(PAGE_DROP, {}, turn.line("button_page_drop"))
