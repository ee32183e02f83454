"""A bill that is made round, or a little less at its end: "round figure karo", "5 chhod do", "total
me 100 kam". The sum is taken off what is paid, tax in it."""

from __future__ import annotations

import re
from uuid import UUID

from actions.context import Turn
from actions.entities import NUMBERS, Entity, paise_of
from actions.forms.draft import Draft
from actions.lexicon import only, says, words
from actions.orders.lines import wanted
from actions.reading.parts import without
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import Span
from erp_core.kernel.money import inr
from erp_core.orders import queries as orders
from erp_core.parties.permissions import Permission

FIGURE, RUPEE = "figure", "rupee"
STEPS = {FIGURE: 1000, RUPEE: 100}
"""To so many paise a sum is made round: the nearest ten rupees, or no paise."""
LEAST_OF_TENS = 10000
"""What costs less is made round to a rupee."""
_WORD = re.compile(r"[^\s,;.!?]+")


def take_rounding(turn: Turn, draft: Draft) -> Turn:
    """Note how much less is to be paid, and give the message without it."""
    found = _let_off(turn)
    if found is None and (span := _span_of(turn, "rounding.figure")):
        paise_alone = says(words(turn.text[: span[1]])[-4:], "rounding.small")
        found = (RUPEE if paise_alone else FIGURE), span
    if found is None and (span := _span_of(turn, "rounding.drops_small")):
        found = RUPEE, span
    if found is None or turn.intent == "expense_log":
        return turn
    draft["rounded"], draft["confirmed"] = found[0], None
    return without(turn, *found[1])


def _let_off(turn: Turn) -> tuple[int, Span] | None:
    """The sum that is let off, and where that is said."""
    for one in turn.entities:
        if one.name not in NUMBERS or not one.end or _counts_goods(turn, one):
            continue
        row = [word.span() for word in _WORD.finditer(turn.text, one.end)][:4]
        while row and only(words(turn.text[slice(*row[0])]) or [""], "rupees"):
            row.pop(0)
        if not row or not (paise := paise_of(one)):
            continue
        said, before = words(turn.text[slice(*row[0])]), words(turn.text[: one.start])[-2:]
        of_all = says(before, "rounding.of_all") and says(said, "less_behind")
        if says(said, "rounding.let") or of_all:
            return paise, (one.start, _end_behind(turn, row))
    return None


def _counts_goods(turn: Turn, number: Entity) -> bool:
    """ "Jeans 2 chhod do" leaves goods out."""
    goods = [one for one in turn.all("product_name") if one.end]
    return any(
        one.end <= number.start and not turn.text[one.end : number.start].strip() for one in goods
    )


def _end_behind(turn: Turn, row: list[Span]) -> int:
    end = row[0][1]
    for start, until in row[1:]:
        if not only(words(turn.text[start:until]) or [""], "rounding.doing"):
            break
        end = until
    return end


def _span_of(turn: Turn, cue: str) -> Span | None:
    """Where a cue of several words stands in the text as it was written."""
    row = [one.span() for one in _WORD.finditer(turn.text)]
    for at in range(len(row)):
        for until in range(at + 1, min(at + 4, len(row) + 1)):
            span = row[at][0], row[until - 1][1]
            if says(words(turn.text[slice(*span)]), cue):
                return span[0], _end_behind(turn, [span, *row[until:]])
    return None


def settle_rounding(turn: Turn, reader: Reader, draft: Draft, exact: int | None) -> None:
    """Work out what is paid once it is round; a sum that leaves nothing is told back."""
    rounded, draft["round_total"] = draft["rounded"], None
    if rounded is None:
        return
    if not turn.may(Permission.NAME_PRICE):
        turn.say("error_not_allowed")
        draft["rounded"] = None
        return
    customer, lines = UUID(draft["customer"]["id"]), wanted(turn, draft)
    shown = orders.preview(reader, customer_id=customer, lines=lines, said_total=exact).total_paise
    total = _rounded(shown, rounded)
    if total <= 0:
        draft["rounded"] = None
        turn.say("utter_discount_too_much", total=inr(shown))
        return
    draft["round_total"], draft["round_from"] = total, shown


def _rounded(paise: int, by: str | int) -> int:
    if isinstance(by, int):
        return paise - by
    step = STEPS[by] if paise >= LEAST_OF_TENS else STEPS[RUPEE]
    return paise // step * step if by == RUPEE else (paise + step // 2) // step * step


def rounding_line(turn: Turn, draft: Draft) -> str:
    """What it was before, as a row of what is shown."""
    before, total = draft["round_from"], draft["round_total"]
    if total is None or before == total:
        return ""
    by = inr(abs(before - total))
    return "\n" + turn.line(
        "line_round_less" if total < before else "line_round_more", before=inr(before), by=by
    )
