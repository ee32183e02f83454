"""Expiry dates and batch numbers beside goods: "exp 12/27", "expiry March 2027 batch AB12".

They are read here and taken out of the message before anything else looks at it: the words would
mean that goods spoiled, and the numbers that there are more of them.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import any_of, says, words
from actions.match import payload_of, product_in_text, product_named, unit_word
from actions.phrasebook import Button
from actions.reading.when import days_ahead, span_said
from erp_core.catalogue.queries import Product
from erp_core.inventory import batches
from erp_core.inventory import service as inventory
from erp_core.kernel.hindi_dates import MONTHS, Period, parse_period
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.kernel.spelling import fold
from erp_core.parties.permissions import Permission

ROWS = 15
FARTHEST = 3650
"""So many days ahead is looked at most."""
_NAME = r"[^\W\d_](?:[^\W\d_]|[\u0900-\u0963])*"
"""A word of letters; the vowel signs of Devanagari are none to `\\w`."""
_EXPIRY = re.compile(
    rf"(?<!\w){any_of('written.expiry')}(?!\w)\.?[\s:-]*"
    rf"(?:{any_of('written.on_day')}(?!\w)[\s:-]*)*"
    r"(\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}[/.-]\d{2,4}"
    rf"|{_NAME}\.?\s*\d{{2,4}})",
    re.IGNORECASE,
)
_BATCH = re.compile(
    rf"(?<!\w){any_of('written.batch')}(?!\w)\.?\s*(?:{any_of('written.number')}(?!\w)\.?|#|:)?\s*"
    r"([A-Za-z0-9/-]*\d[A-Za-z0-9/-]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Dated:
    """What was said of a batch, and of which goods: the ones named before it."""

    expires: date
    batch: str | None
    product: str | None


def expiry_said(turn: Turn) -> tuple[Turn, list[Dated]]:
    """The message without its expiry dates and batches, and what they are."""
    said = [(one, _day(one[1])) for one in _EXPIRY.finditer(turn.text)]
    found = [(one, expires) for one, expires in said if expires]
    if not found:
        return _without_batch(turn), []
    batches_said = [one.span() for one in _BATCH.finditer(turn.text)]
    goods = [
        one
        for one in turn.entities
        if one.name == "product_name"
        and one.end
        and not any(start <= one.start and one.end <= end for start, end in batches_said)
    ]
    dated, rest = [], turn
    for one, expires in found:
        named = [each for each in goods if each.start < one.start()]
        others = [each.start for each in goods if each.start > one.start()]
        several = len(found) > 1 and bool(named)
        start = named[-1].start if several else 0
        batch = _BATCH.search(turn.text, start, others[0] if several and others else len(turn.text))
        for span in (one, batch):
            if span:
                rest = _without(rest, span.start(), span.end())
        product = _trimmed(rest, named[-1]).value if named else None
        dated.append(Dated(expires, batch[1] if batch else None, product))
    return rest, dated


def _without_batch(turn: Turn) -> Turn:
    """The message without a batch that was taken for a part of what the goods are called, which is
    told back: of goods whose expiry nobody says no batch is kept."""
    for one in _BATCH.finditer(turn.text):
        named = [each for each in turn.entities if each.name == "product_name" and each.end]
        if any(each.start < one.start() < each.end for each in named):
            turn.say("utter_not_in_it", said=one[0])
            turn = _without(turn, *one.span())
    return turn


def _trimmed(turn: Turn, goods: Entity) -> Entity:
    """Goods without the batch that was taken for a part of their name: "dolo batch D101"."""
    value = turn.text[goods.start : goods.end].strip()
    if not goods.end or value == goods.value or not goods.value.startswith(value) or not value:
        return goods
    return replace(goods, value=value, end=goods.start + len(value), normalized=None)


def note(lines: list[dict[str, Any]], dated: Sequence[Dated]) -> bool:
    """Write batches on the lines of their goods; the last one where none is named."""
    for one in dated if lines else ():
        wanted = set(words(one.product or ""))
        line = next((of for of in lines if wanted and wanted <= set(words(of["said"]))), lines[-1])
        line.update(expires=one.expires.isoformat(), batch=one.batch)
    return bool(dated and lines)


def batch_facts(line: Mapping[str, Any]) -> dict[str, str]:
    """What a command is told of a line's batch."""
    if not line.get("expires"):
        return {}
    return {
        "expires_on": line["expires"],
        **({"batch": line["batch"]} if line.get("batch") else {}),
    }


def expiry_words(turn: Turn, line: Mapping[str, Any]) -> str:
    """ "exp 31-03-2027, batch AB12" for a line that has it, else nothing."""
    if not line.get("expires"):
        return ""
    on = f"{date.fromisoformat(line['expires']):%d-%m-%Y}"
    named = turn.line("line_batch", batch=line["batch"]) if line.get("batch") else ""
    return turn.line("line_expiry", on=on) + named


def _day(said: str) -> date | None:
    """The last day on which goods are good: of a month, its end."""
    numbers = [int(one) for one in re.findall(r"\d+", said)]
    letters = re.match(_NAME, said)
    try:
        if letters:
            month = MONTHS.get(fold(letters[0]))
            return _end(int(month), numbers[0]) if month else None
        if len(numbers) == 2:
            return _end(*numbers)
        day, month_number, year = numbers
        return date(_year(year), month_number, day)
    except ValueError:
        return None


def _end(month: int, year: int) -> date:
    if not 1 <= month <= 12:
        raise ValueError(month)
    return date(_year(year), month, monthrange(_year(year), month)[1])


def _year(year: int) -> int:
    return year + 2000 if year < 100 else year


def _without(turn: Turn, start: int, end: int) -> Turn:
    text = f"{turn.text[:start]}{' ' * (end - start)}{turn.text[end:]}"
    bare = replace(turn, text=text)
    kept = [
        _trimmed(bare, one) if one.name == "product_name" else one
        for one in turn.entities
        if one.end <= start
        or one.start >= end
        or not one.end
        or (one.name == "product_name" and one.start < start)
    ]
    return replace(bare, entities=kept)


# What is told and done at once.


def expiring(turn: Turn) -> list[EventType] | None:
    """ "Kya expire hone wala hai", "Crocin kab expire hoga"."""
    asked = turn.metadata.get("command") == "expiry"
    if not turn.is_user or not (asked or says(turn.words, "buying.expiring")):
        return None
    if turn.first("quantity") and not asked:
        return None
    after, within = _days_looked_at(turn)
    with turn.read() as reader:
        said = None if asked else turn.value("product_name")
        product = product_named(reader, said).one if said else None
        if said and product is None:
            return None
        if product is None and not asked:
            product = product_in_text(turn, reader)
        if product:
            found = batches.batches_of(reader, product.id)
        else:
            found = batches.expiring(reader, within=within)
    found = [one for one in found if after is None or (one.days or 0) > after]
    if not found:
        _tell_nothing(turn, product, after, within)
        return []
    rows = [
        turn.line(
            "line_expired" if (one.days or 0) < 0 else "line_expires",
            product=one.product,
            number=one.number,
            quantity=plain(one.quantity),
            unit=unit_word(turn, one.unit, one.quantity),
            on=f"{one.expires_on:%d-%m-%Y}",
            days=one.days,
        )
        for one in found[:ROWS]
    ]
    gone = any((one.days or 0) < 0 for one in found) and turn.may(Permission.ADJUST_STOCK)
    tap = Button(
        title=turn.line("button_write_off"),
        payload=payload_of("low_stock_query", act="write_off"),
    )
    turn.say("utter_expiring", rows="\n".join(rows), choices=[tap] if gone else [])
    return []


def _days_looked_at(turn: Turn) -> tuple[int | None, int]:
    """After how many days goods are to expire, and within how many: "march se pehle" ends with
    February, "april ke baad" begins with May."""
    period = None if span_said(turn) else _period_named(turn)
    if period is None:
        return None, min(days_ahead(turn) or batches.SOON, FARTHEST)
    if says(turn.words, "buying.after"):
        return (period.end - turn.today).days, FARTHEST
    before = says(turn.words, "buying.before")
    until = period.start - timedelta(days=1) if before else period.end
    return None, min(max((until - turn.today).days, 0), FARTHEST)


def _period_named(turn: Turn) -> Period | None:
    """The days that are named, marked as such or by the name of a month; "mai" is May, and I."""
    said = turn.value("date")
    months = [one for one in words(turn.text) if one in MONTHS]
    surely = [one for one in months if one != fold("mai") or "may" in turn.text.lower()]
    named = said or next(iter(surely), None)
    return parse_period(named, today=turn.today, lean="future") if named else None


def _tell_nothing(turn: Turn, product: Product | None, after: int | None, within: int) -> None:
    if after is not None:
        turn.say("utter_nothing_expires_later")
    elif product is not None:
        turn.say("utter_no_expiry_written", product=product.name)
    else:
        turn.say("utter_nothing_expires", days=within)


def write_off(turn: Turn) -> list[EventType]:
    """The tap: what has expired leaves the stock, as a loss."""
    done = turn.run(inventory.write_off_expired)
    lost = -sum(one["value"] for one in done["changes"])
    turn.say("utter_written_off", count=len(done["changes"]), lost=inr(lost))
    return []
