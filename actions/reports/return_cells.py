"""From a figure of a return to its documents: tapped, or asked as "3.1(a) me kaun se bill hain"."""

from __future__ import annotations

import re
from datetime import date

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.match import payload_of, remember
from actions.phrasebook import Button
from actions.wording import day, days
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import business
from erp_core.portals.periods import period_of
from erp_core.reports.gst.behind import (
    Cells,
    Document,
    behind_cmp08,
    behind_gstr1,
    behind_gstr3b,
)
from erp_core.reports.gst.composition import cmp08, is_under_composition
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.parts import sum_of
from erp_core.reports.paper import kind_label

CELLS, CELL = "cells:", "cell:"
MOST_ROWS = 8
MOST_CELLS = 10
"""So many rows a WhatsApp list holds."""
FORMS = {"gstr1": "GSTR-1", "gstr3b": "GSTR-3B", "cmp08": "CMP-08"}
EXCEL = {"gstr1": "excel", "gstr3b": "gstr3b_excel", "cmp08": "cmp08_excel"}
ROWS_OF_CMP08 = {"osup": "1", "isup_rev": "2"}

_NAMED = re.compile(
    r"(?<![\d.])(?:3\.1(?:\s*\(\s*)?(?P<row>[a-d])\b"
    r"|4\s*\(?\s*(?P<part>[abd])\s*\)?\s*\(\s*(?P<number>\d)\s*\)"
    r"|3b\s*(?:ka|ke|ki|me|mein|का|के|में)?\s*(?:table\s*)?(?P<other>3\.2|5\.1|5)(?![\d.])"
    r"|table\s*(?P<table>3\.2|5\.1)(?![\d.]))",
    re.IGNORECASE,
)
"""Table 5 alone is where somebody sits in a restaurant."""


def button(turn: Turn, form: str, month: date) -> Button:
    """A tap that asks which cell's documents are wanted."""
    payload = payload_of("gst_export", act=f"{CELLS}{form}", choice=f"{month:%Y-%m}")
    return Button(title=turn.line("button_gst_documents"), payload=payload)


def tapped(turn: Turn) -> list[EventType] | None:
    """Tell of the cells of a return, or of the documents behind one; None for another button."""
    act, choice = turn.value("act") or "", turn.value("choice")
    if not choice or not act.startswith((CELLS, CELL)):
        return None
    if not _may(turn):
        return []
    month = date.fromisoformat(f"{choice}-01")
    if act.startswith(CELLS):
        _ask(turn, act.removeprefix(CELLS), month)
        return []
    form, _, cell = act.removeprefix(CELL).partition(":")
    return _tell(turn, form, cell, month)


def named(turn: Turn) -> str | None:
    """The cell of GSTR-3B whose documents are asked for in words; None where none is."""
    found = _NAMED.search(turn.text)
    if found is None or not turn.is_user or turn.first("product_name"):
        return None
    asks = says(turn.words, "returns") or says(turn.words, "documents_behind")
    return _cell(found) if asks else None


def tell(turn: Turn, cell: str, month: date) -> list[EventType]:
    """Tell of the documents behind a cell of GSTR-3B."""
    return _tell(turn, "gstr3b", cell, month) if _may(turn) else []


def _cell(found: re.Match[str]) -> str:
    if found["row"]:
        return f"3.1({found['row'].lower()})"
    if found["part"]:
        return f"4({found['part'].upper()})({found['number']})"
    return found["other"] or found["table"]


def _may(turn: Turn) -> bool:
    allowed = turn.may(Permission.VIEW_REPORTS) and turn.may(Permission.VIEW_PURCHASES)
    if not allowed:
        turn.say("error_not_allowed")
    return allowed


def _ask(turn: Turn, form: str, month: date) -> None:
    with turn.read() as reader:
        cells, period = _behind(reader, form, month), days(*period_of(reader, month))
    choices = [
        Button(
            title=f"{_row(form, cell)} {_name(turn, cell)}",
            payload=payload_of("gst_export", act=f"{CELL}{form}:{cell}", choice=f"{month:%Y-%m}"),
        )
        for cell, documents in cells.items()
        if documents
    ]
    if not choices:
        turn.say("utter_gst_return_empty", period=period)
        return
    turn.say("utter_ask_gst_cell", form=FORMS[form], period=period, choices=choices[:MOST_CELLS])


def _tell(turn: Turn, form: str, cell: str, month: date) -> list[EventType]:
    with turn.read() as reader:
        if business(reader).gstin is None:
            turn.say("utter_gst_not_registered")
            return []
        if form != "cmp08" and is_under_composition(reader):
            form, cell = "cmp08", "osup"
        found = _behind(reader, form, month).get(cell, ())
        period = days(*period_of(reader, month))
    if not found:
        turn.say("utter_gst_cell_empty", form=FORMS[form], cell=_row(form, cell), period=period)
        return []
    total = sum_of((one.part, 1) for one in found)
    rows = [_line(turn, one) for one in found[:MOST_ROWS]]
    if len(found) > MOST_ROWS:
        rows.append(turn.line("line_return_more", count=str(len(found) - MOST_ROWS)))
    turn.say(
        "utter_gst_cell",
        form=FORMS[form],
        cell=_row(form, cell),
        name=_name(turn, cell),
        period=period,
        amount=inr(total.taxable),
        tax=inr(total.tax),
        rows="\n".join(rows),
        attachment={"kind": "gst_return", "month": f"{month:%Y-%m}", "form": EXCEL[form]},
    )
    return [remember(turn, return_month=f"{month:%Y-%m}")]


def _behind(reader: Reader, form: str, month: date) -> Cells:
    """The documents by cell; those of table 3.2 of all places together, and all of table 5."""
    if form == "cmp08":
        return behind_cmp08(reader, cmp08(reader, month))
    if form == "gstr1":
        return behind_gstr1(gstr1(reader, month))
    cells: dict[str, tuple[Document, ...]] = {}
    for cell, documents in behind_gstr3b(reader, gstr3b(reader, month)).items():
        table = cell.split()[0]
        cells[table] = (*cells.get(table, ()), *documents)
    return cells


def _line(turn: Turn, one: Document) -> str:
    language = "hindi" if turn.language == "hindi" else "english"
    named = (kind_label(one.kind, language), one.number, one.party)
    return turn.line(
        "line_gst_document",
        on=day(one.on),
        what=", ".join(part for part in named if part),
        taxable=inr(one.part.taxable),
        tax=inr(one.part.tax),
    )


def _row(form: str, cell: str) -> str:
    return ROWS_OF_CMP08[cell] if form == "cmp08" else cell


def _name(turn: Turn, cell: str) -> str:
    code = re.sub(r"\W+", "_", cell).strip("_").lower()
    return turn.line(f"word_gst_cell_{code}")
