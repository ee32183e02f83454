"""A discount by chat: so many percent, or so many rupees, off the goods of an order, before tax.

It lowers the rates of the lines, so that the tax is worked out of what is really charged (CGST Act,
section 15(3)(a)).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from actions.context import Turn
from actions.entities import NUMBERS, Entity, paise_of, unit_in
from actions.forms.draft import Draft
from actions.goods.rate_steps import refuses_step
from actions.goods.telling import rate_of, whole_of
from actions.invoicing.put_right import figures_of
from actions.lexicon import only, says, where, words
from actions.match import customer_named, recent
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.money import from_decimal, half_up, inr
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import Order
from erp_core.parties.permissions import Permission

_PERCENT = re.compile(
    r"(\d+(?:\.\d+)?|[^\W\d]\S*)\s*"
    r"(?:%|percent\b|per cent\b|parsent\b|pratishat\b|fisdi\b|taka\b"
    r"|प्रतिशत|परसेंट|पर्सेंट|परसेन्ट|फ़ीसदी|फीसदी|टका)",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?<![\w.])\d+(?:\.\d{1,2})?(?![\w.])")
_WORD = re.compile(r"[^\W\d]+")
_PIECE = re.compile(r"[^\s,;!?]+")
WHOLE = Decimal(100)
SHORTEST = 4
"""Letters that a word has at least, to be told in a longer one."""


def wants_discount(turn: Turn) -> bool:
    """Whether somebody who runs the shop gives a discount on an order that stands already."""
    plain_text = turn.text and not turn.is_not_words and turn.metadata.get("kind") != "button"
    if not turn.is_user or not plain_text or _counts_goods(turn):
        return False
    if says(turn.words, "asking") or not takes_so_much_less(turn):
        return False
    if discount_in(turn) is None:
        return False
    with turn.read() as reader:
        return open_order(turn, reader) is not None


def names_percent(text: str) -> bool:
    """Whether so many percent are said: no answer to whom goods are for, or how many."""
    return _percent(text) is not None


def percent_in(text: str) -> Decimal | None:
    """How many percent are said."""
    found = _percent(text)
    return parse_number(found[1]) if found else None


def takes_so_much_less(turn: Turn) -> bool:
    """Whether something shall cost less, by a sum or by so many percent."""
    return says(turn.words, "discount") or _is_less(turn)


def _percent(text: str) -> re.Match[str] | None:
    """Where so many percent are said, in figures or in words."""
    found = _PERCENT.finditer(text)
    return next((one for one in found if parse_number(one[1]) is not None), None)


def _counts_goods(turn: Turn) -> bool:
    """Whether a quantity is named that is neither the percentage itself nor the sum taken off."""
    start, end = percent.span() if (percent := _percent(turn.text)) else (0, 0)
    off, *span = sum_off(turn) or (None, 0, 0)
    is_money = says(words(turn.text[slice(*span)]), "rupees")
    counts = [one for one in turn.all("quantity") if not (is_money and one is off)]
    return any(not (start <= one.start < end) for one in counts)


def open_order(turn: Turn, reader: Reader) -> Order | None:
    """The order without a bill that was spoken of last, if it is of whoever is named."""
    said, before = turn.value("customer_name"), recent(turn, "order")
    if said:
        found = customer_named(reader, said).one
        open_ones = orders.open_orders(reader, found.id, limit=5) if found else []
        return next((one for one in open_ones if one.invoice_id is None), None)
    known = orders.order(reader, before) if before else None
    return known if known and not known.invoice_id and known.status in states.OPEN else None


def discount_in(turn: Turn) -> dict[str, Any] | None:
    """{"percent": "10"} or {"paise": 10000}, with the goods it is for if they are named."""
    lowered = says(turn.words, "discount") or sum_off(turn) or _is_less(turn)
    if not lowered or says(turn.words, "gst_words"):
        return None
    goods = _goods_lowered(turn)
    if percent := _percent(turn.text):
        return {"percent": str(parse_number(percent[1])), "goods": goods}
    amounts = [paise for one in turn.all("amount") if (paise := paise_of(one))]
    numbers = [one for one in turn.all("quantity") if not counts_in_units(turn, one)]
    amounts = amounts or [p for one in numbers if (p := paise_of(one))]
    amounts = amounts or _bare_sum(turn)
    if figures := figures_of(turn):
        amounts = [from_decimal(figures[1])]
    if len(amounts) != 1:
        return None
    each = {"each": True} if says(turn.words, "for_each") else {}
    return {"paise": amounts[-1], "goods": goods, **each}


def _is_less(turn: Turn) -> bool:
    """ "5 jeans at 10% less" takes off so many percent, as "10% kam" does."""
    percent = _percent(turn.text)
    if percent is None or says(turn.words, "stands_so"):
        return False
    return says(words(turn.text[percent.end() :])[:1], "less_behind")


def counts_in_units(turn: Turn, number: Entity) -> bool:
    """Whether a number counts goods: "1 kilo kam kar do" and "ek maggi kam kar do" lower no sum."""
    goods = [one.start for one in turn.all("product_name") if number.end]
    if number.name == "quantity" and any(
        start >= number.end and not turn.text[number.end : start].strip() for start in goods
    ):
        return True
    behind = [one for one in turn.all("unit") if 0 <= one.start - number.end <= 1]
    return any(unit_in(one) for one in [number, *behind])


def _bare_sum(turn: Turn) -> list[int]:
    """ "Discount 10 do", where nothing was made of the number."""
    found = _FIGURE.findall(turn.text) if not turn.entities else []
    return [from_decimal(Decimal(one)) for one in found]


def _goods_lowered(turn: Turn) -> str | None:
    """The goods that a discount is for: of several, those that it is said to be on, "maggi pe 5%",
    "10% off cover pe"; None where it is on all."""
    named, percent = turn.all("product_name"), _percent(turn.text)
    if len(named) < 2 or percent is None:
        return turn.value("product_name")
    for one in named:
        again = _named_again(turn.text, one.value, percent.end())
        start, end = again or (one.start, one.end)
        behind, before = turn.text[end : percent.start()], turn.text[percent.end() : start]
        between = behind if end <= percent.start() else before
        said = [word for word in words(between) if not only([word], "discount")]
        if not said and start >= percent.end():
            said = list(words(turn.text[end:])[:1])
        if said and only(said, "discount_on"):
            return one.value
    return None


def _named_again(text: str, name: str, behind: int) -> tuple[int, int] | None:
    """Where goods are named once more behind a place, whole or by one of their words: "cover"."""
    for said in (name, *sorted(name.split(), key=len, reverse=True)):
        at = text.find(said, behind)
        if at >= 0:
            return at, at + len(said)
    return None


def take_discount(turn: Turn, draft: Draft) -> Turn:
    """Note a discount that a message names, and give the turn without the number of it.

    Beside new goods rupees are a rate, but where the word for a discount stands by them.
    """
    if draft["lines"] and refuses_step(turn):
        return replace(turn, entities=[one for one in turn.entities if one.name not in NUMBERS])
    if draft["discount"] and takes_discount_back(turn):
        draft["discount"] = None
        _raise_again(draft["lines"] or [])
        return replace(turn, entities=[])
    if not draft["lines"] and draft["order"] is None and (apart := sum_off(turn)):
        return _without_sum(turn, draft, *apart)
    found = discount_in(turn)
    if found is None or ("paise" in found and not draft["lines"] and draft["order"] is None):
        return turn
    found["goods"] = found["goods"] or _called_so(turn, draft)
    draft["discount"] = found
    percent = _percent(turn.text)
    start, end = percent.span() if percent else (0, len(turn.text))
    kept = [
        one
        for one in turn.entities
        if one.name not in ("amount", "quantity", "unit")
        or not (start < one.end and one.start < end)
    ]
    return replace(turn, entities=kept, text=_without_percent(turn.text) if percent else turn.text)


def _called_so(turn: Turn, draft: Draft) -> str | None:
    """The words that name some of the draft's lines, where nothing was found to name any."""
    lines: Sequence[dict[str, Any]] = draft["lines"] or []
    if turn.first("product_name") or says(turn.words, "negation"):
        return None
    told = [word for word in turn.words if len(word) >= SHORTEST]
    called = [word for word in told if sum(_is_called(one, {word}) for one in lines) > 0]
    some = [one for one in lines if called and _is_called(one, set(called))]
    return " ".join(called) if 0 < len(some) < len(lines) else None


def takes_discount_back(turn: Turn) -> bool:
    """ "Discount hata do", of a draft with one."""
    gone = says(turn.words, "remove") or says(turn.words, "take_out")
    return gone and says(turn.words, "discount") and discount_in(turn) is None


def _raise_again(lines: Sequence[dict[str, Any]]) -> None:
    """The rates of the lines as they were before they were lowered."""
    for line in lines:
        if "base" in line and line.get("amount") == line.get("lowered"):
            base = line.pop("base")
            line.pop("lowered"), line.pop("left", None)
            line.update(
                {"amount": base, "each": True} if base != line["price"] else {"amount": None}
            )


def sum_off(turn: Turn) -> tuple[Entity, int, int] | None:
    """The amount by which something is said to cost less, and where that is said: "2 jeans, 100 rs
    kam kiye", "discount of 100", "less 100"."""
    if says(turn.words, "gst_words"):
        return None
    pieces = list(_PIECE.finditer(turn.text))
    said = [" ".join(words(one[0])) for one in pieces]
    less = where(said, "less")
    lowered = where(said, "lowered") if not says(said, "stands_so") else None
    cue = where(said, "discount") or lowered or less
    if cue is None:
        return None
    first, last = pieces[cue[0]].start(), pieces[cue[1] - 1].end()
    percent = _percent(turn.text)
    if percent and percent.end() <= first and not turn.text[percent.end() : first].strip():
        return None
    figures = _without_rate_ahead(turn, first, last) if cue is not less else turn.entities
    for one in figures:
        ahead = one.end <= first
        if one.name not in NUMBERS or not one.end:
            continue
        if cue is less and not (one.name == "amount" and not ahead) and not _ends_goods(turn, one):
            continue
        if cue is lowered and not ahead:
            continue
        between = words(turn.text[one.end : first] if ahead else turn.text[last : one.start])
        if all(only([word], "discount_of") for word in between):
            return one, min(first, one.start), max(last, one.end)
    return None


def _without_rate_ahead(turn: Turn, first: int, last: int) -> list[Entity]:
    """The entities without the rate in "labour 300 discount 100": a sum right behind goods, where a
    smaller one stands right behind the word."""
    row = [one for one in turn.entities if one.end]
    for goods, rate, off in zip(row, row[1:], row[2:], strict=False):
        kinds = goods.name == "product_name" and rate.name == "amount" and off.name in NUMBERS
        beside = goods.end < rate.end <= first and last <= off.start
        gaps = ((goods.end, rate.start), (rate.end, first), (last, off.start))
        bare = not any(turn.text[start:end].strip() for start, end in gaps)
        if kinds and beside and bare and (paise_of(off) or 0) < (paise_of(rate) or 0):
            return [one for one in turn.entities if one is not rate]
    return turn.entities


def _ends_goods(turn: Turn, number: Entity) -> bool:
    """Whether a number stands behind all goods, which have a count of their own."""
    goods = max((one.end for one in turn.all("product_name")), default=0)
    counted = any(one.start < goods for one in turn.all("quantity"))
    return counted and goods <= number.start


def _without_sum(turn: Turn, draft: Draft, amount: Entity, start: int, end: int) -> Turn:
    """The turn without the discount of an amount, which is noted."""
    each = {"each": True} if says(turn.words, "for_each") else {}
    goods = _goods_before(turn, amount)
    draft["discount"] = {"paise": paise_of(amount), "goods": goods, **each}
    kept = [one for one in turn.entities if not (start < one.end and one.start < end)]
    text = turn.text[:start] + " " * (end - start) + turn.text[end:]
    return replace(turn, entities=kept, text=text)


def _goods_before(turn: Turn, amount: Entity) -> str | None:
    """The goods that a sum is taken off: of several, "sherwani pe 500 discount", else all."""
    named = turn.all("product_name")
    if len(named) < 2:
        return turn.value("product_name")
    for one in named:
        between = words(turn.text[one.end : amount.start]) if one.end <= amount.start else ()
        if between and only(between, "discount_on"):
            return one.value
    return None


def _without_percent(text: str) -> str:
    """The text with what a discount of so many percent says left blank."""
    blank = [(one.start(), one.end()) for one in _PERCENT.finditer(text)]
    blank += [one.span() for one in _WORD.finditer(text) if only(words(one[0]), "discount")]
    for start, end in blank:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def apply_discount(turn: Turn, draft: Draft) -> None:
    """Lower the rates of the lines by the draft's discount. Who may not name rates is told so."""
    found, lines = draft["discount"], _meant(draft)
    if not found or not lines:
        return
    if not turn.may(Permission.NAME_PRICE):
        draft["discount"] = None
        turn.say("utter_rate_stays", rows=", ".join(line["name"] for line in lines))
        return
    for line in lines:
        if line.get("amount") != line.get("lowered") or "base" not in line:
            line["base"] = rate_of(line) if line.get("amount") else line["price"]
    full = sum((_worth(line, line["base"]) for line in lines), Decimal(0))
    if found.get("each"):
        counted = sum((Decimal(line["counted"]) for line in lines), Decimal(0))
        found = {**found, "paise": int(found["paise"] * counted)}
    part = WHOLE - Decimal(found["percent"]) if "percent" in found else None
    if part is None:
        part = WHOLE * (full - found["paise"]) / full
    if not 0 < part < WHOLE:
        draft["discount"] = None
        turn.say("utter_discount_too_much", total=inr(half_up(full)))
        return
    for line in lines:
        line["amount"] = line["lowered"] = half_up(line["base"] * part / WHOLE)
        line["left"] = str(_worth(line, line["base"]) * part / WHOLE)


def exact_worth(line: Mapping[str, Any]) -> Decimal:
    """What a line comes to, with its discount taken off to the paisa."""
    if "left" in line and line.get("amount") == line.get("lowered"):
        return Decimal(line["left"])
    return whole_of(line) if line.get("amount") else _worth(line, line["price"])


def discount_line(turn: Turn, draft: Draft) -> str:
    """What the discount comes to, as a row below the goods."""
    found, lines = draft["discount"], _meant(draft)
    if not found or not all("base" in line for line in lines):
        return ""
    saved = sum((_worth(line, line["base"]) - exact_worth(line) for line in lines), Decimal(0))
    by = f" {plain(Decimal(found['percent']))}%" if "percent" in found else ""
    return "\n" + turn.line("line_discount", by=by, amount=inr(half_up(saved)))


def lines_of_order(order: Order, goods: str | None) -> list[dict[str, Any]]:
    """The lines of an order as a draft holds them; only of the goods named, if any are."""
    wanted = set(words(goods or ""))
    return [
        {
            "said": line.product,
            "id": str(line.product_id),
            "name": line.product,
            "unit": line.unit,
            "price": line.unit_price_paise,
            "quantity": plain(line.quantity),
            "counted": plain(line.quantity),
            "said_unit": line.unit,
        }
        for line in order.lines
        if wanted <= set(words(line.product))
    ]


def _meant(draft: Draft) -> list[dict[str, Any]]:
    """The lines that the discount is for."""
    lines: Sequence[dict[str, Any]] = draft["lines"] or []
    wanted = set(words((draft["discount"] or {}).get("goods") or ""))
    meant = [one for one in lines if _is_called(one, wanted)]
    return meant or list(lines)


def _is_called(line: Mapping[str, Any], wanted: set[str]) -> bool:
    """Whether a line has every word of the goods that are named, be they one or several of them:
    "chargers" are the charger."""
    held = words(f"{line.get('name')} {line['said']}")
    return all(
        any(word == one or (len(one) >= SHORTEST and word.startswith(one)) for one in held)
        for word in wanted
    )


def _worth(line: Mapping[str, Any], rate: int) -> Decimal:
    return Decimal(line["counted"]) * rate
