"""A bill of goods that was read: a purchase of what the shop has, and of what is new to it.

Its goods stand on the card as [product id or None, quantity, rate in paise, name on the bill]. A
purchase of them asks in one go about all that the shop has not had, to be added with the rates at
which they will sell, or to be left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from rapidfuzz import fuzz

from actions.context import Turn
from actions.forms.choices import NEW, SKIP, choice_payload
from actions.forms.draft import Draft
from actions.goods.lines import line_of
from actions.lexicon import only, words
from actions.match import product_named
from actions.phrasebook import Button
from actions.purchases.bill_words import HEADS
from actions.purchases.vendors import vendor_named
from erp_core.expenses.categories import OTHER
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Invalid
from erp_core.kernel.matching import bare_number
from erp_core.kernel.money import from_decimal, half_up, inr
from erp_core.kernel.quantity import plain
from erp_core.parties import service as parties
from erp_core.parties.permissions import Permission
from erp_core.purchases.queries import bills_of
from erp_core.tax.gst import percent
from erp_core.tax.rates import lawful

EACH = "each"
"""The choice to be asked about new goods one by one."""

NEW_GOODS, NEW_PRICES = "new_goods", "new_prices"

MOST_OFF = 100
"""Paise that goods may miss a bill's total by: it is rounded to the rupee."""

NEAR_A_RATE = 20
"""Basis points by which tax that is rounded on a bill may miss its rate."""

SAME_NAME = 75
LONGEST_NAME = 60
_SOME_LETTERS = re.compile(r"[^\W\d_]{3}")
_PRICE = re.compile(r"\d[\d,]*(?:\.\d{1,2})?")


# On the card


def lines_read(
    turn: Turn, reader: Reader, vendor: str | None, category: str, lines: Iterable[Sequence[Any]]
) -> list[list[Any]]:
    """The goods of a bill: where some are the shop's, its seller has brought goods before, or
    nothing tells what else they were bought for, as with the first bill of a new shop."""
    if not (turn.may(Permission.RECORD_PURCHASE) and turn.may(Permission.ADD_VENDOR)):
        return []
    goods = [line for one in lines if (line := _line_read(reader, *one)) is not None]
    known = category == OTHER or any(product for product, *_ in goods)
    return _added_up(goods) if known or (goods and _sells_goods(reader, vendor)) else []


def _line_read(
    reader: Reader, text: str, quantity: str | None, rate: int | None, amount: int | None
) -> list[Any] | None:
    count = Decimal(quantity) if quantity else Decimal(1)
    each = rate or (half_up(Decimal(amount) / count) if amount and count > 0 else None)
    if not (each and count > 0 and _SOME_LETTERS.search(text)):
        return None
    found = product_named(reader, text).one
    return [str(found.id) if found else None, plain(count), int(each), text[:LONGEST_NAME]]


def _added_up(goods: Sequence[list[Any]]) -> list[list[Any]]:
    """Goods that stand on a bill twice at one rate, once."""
    once: dict[tuple[Any, int], list[Any]] = {}
    for product, quantity, rate, text in goods:
        line = once.setdefault((product or text, rate), [product, "0", rate, text])
        line[1] = plain(Decimal(line[1]) + Decimal(quantity))
    return list(once.values())


def _sells_goods(reader: Reader, vendor: str | None) -> bool:
    seller = vendor_named(reader, vendor).one if vendor else None
    return seller is not None and bool(bills_of(reader, seller.id))


def are_offered(draft: Draft) -> bool:
    """Whether the goods of a card may be taken for a purchase: it names its seller and its total,
    and where tax comes on top of the goods, the GSTIN under which that can be charged."""
    if not (draft["goods"] and draft["vendor"] and draft["amount"]):
        return False
    return bool(draft["receipt"]["vendor_gstin"]) or not _adds_tax(draft.data)


def bought_before(reader: Reader, draft: Draft) -> dict[str, Any] | None:
    """The day and amount (paise) of the purchase that a bill is on the books as, if it seems so: of
    the same seller, with its number or, where one has none, of its day and total."""
    seller = vendor_named(reader, draft["vendor"]).one if draft["vendor"] else None
    number = bare_number(draft["receipt"]["number"] or "")
    for bill in bills_of(reader, seller.id) if seller else ():
        theirs = bare_number(bill.number or "")
        alike = abs(bill.total - (draft["amount"] or 0)) <= MOST_OFF
        same = number == theirs if number and theirs else alike
        if same and bill.kind == "bill" and bill.on.isoformat() == draft["on"]:
            return {"on": draft["on"], "amount": bill.total}
    return None


def _adds_tax(card: dict[str, Any]) -> bool:
    """Whether the rates of a bill's goods are without its tax: so its total comes out better."""
    goods, tax = _worth(card["goods"]), _tax(card)
    return tax > 0 and abs(goods + tax - card["amount"]) < abs(goods - card["amount"])


def _worth(goods: Iterable[Sequence[Any]]) -> int:
    return sum(half_up(Decimal(quantity) * rate) for _, quantity, rate, *_ in goods)


def _tax(card: dict[str, Any]) -> int:
    return sum(int(card["receipt"][head]) for head in HEADS)


# As a purchase


def fill(turn: Turn, draft: Draft, card: dict[str, Any]) -> None:
    """Fill a new draft of a purchase: the seller, the goods and what they cost."""
    extra = _adds_tax(card)
    draft["mode"], draft["vendor_said"] = "came", card["vendor"]
    draft["vendor"] = _seller(turn, card["vendor"], card["receipt"]["vendor_gstin"])
    rate = _rate_of_all(turn, card) if extra else None
    draft["lines"] = [_draft_line(turn, one, rate) for one in card["goods"]]
    draft["number"], draft["on"] = card["receipt"]["number"], card["on"]
    draft["paper"], draft["at_once"] = card["amount"], True
    if extra:
        draft["tax_extra"] = True


def _draft_line(turn: Turn, goods: Sequence[Any], rate: str | None) -> dict[str, Any]:
    product, quantity, cost, *named = goods
    line: dict[str, Any] = {"said": named[0], "gst": rate} if named else {}
    if product:
        line = line_of(turn, UUID(product))
    return {**line, "quantity": quantity, "amount": cost, "each": True}


def _rate_of_all(turn: Turn, card: dict[str, Any]) -> str | None:
    """The rate of GST in percent, where all goods of a bill have the same: so its tax says."""
    goods = _worth(card["goods"])
    if not goods:
        return None
    share = half_up(Decimal(_tax(card)) * 10_000 / goods)
    near = range(share - NEAR_A_RATE, share + NEAR_A_RATE + 1)
    rates = [one for one in near if one > 0 and lawful(one, turn.today)]
    fits = abs(goods + _tax(card) - card["amount"]) <= MOST_OFF
    return percent(rates[0]) if fits and len(rates) == 1 else None


def _seller(turn: Turn, name: str, gstin: str | None) -> dict[str, str] | None:
    """The vendor of a bill with the GSTIN on it, by which its tax can be set off."""
    if not gstin:
        return None
    with turn.read() as reader:
        known = vendor_named(reader, name).one
    if known is None:
        added = turn.run(parties.add_vendor, name=name, gstin=gstin)
        return {"id": str(added["vendor_id"]), "name": name}
    if known.gstin is None:
        turn.run(parties.change_vendor, vendor_id=known.id, gstin=gstin)
    return {"id": str(known.id), "name": known.name}


def differs(turn: Turn, draft: Draft, total: int) -> str:
    """That the goods come to something else than the paper says."""
    paper = draft["paper"]
    if not paper or abs(total - paper) <= MOST_OFF:
        return ""
    return turn.line("line_purchase_differs", paper=inr(paper), total=inr(total))


# What is new to the shop


def settle(reader: Reader, draft: Draft) -> None:
    """Note what must be asked of all new goods at once: whether to add them, and their rates."""
    lines = draft["lines"] or []
    if not draft["at_once"]:
        return
    unknown = [
        at
        for at, line in enumerate(lines)
        if not (line.get("id") or line.get("new")) and _is_new(reader, line["said"])
    ]
    if unknown:
        draft.pending = {
            "kind": NEW_GOODS, "field": NEW_GOODS, "token": NEW_GOODS, "lines": unknown, "yes": NEW,
        }  # fmt: skip
        return
    priced = [line.get("new") and line.get("new_price") is None for line in lines]
    unpriced = [at for at, asked in enumerate(priced) if asked]
    if unpriced:
        draft.pending = {"kind": NEW_PRICES, "lines": unpriced}


def _is_new(reader: Reader, said: str) -> bool:
    """Whether goods are at most like some of the shop's."""
    found = product_named(reader, said)
    return found.one is None and (found.guesses or not found.options)


def choose(draft: Draft, value: str) -> None:
    """Add the new goods, leave them out, or have each asked about."""
    asked = draft["answering"]["lines"]
    if value == EACH:
        draft["at_once"] = False
    elif value == SKIP:
        draft["lines"] = [line for at, line in enumerate(draft["lines"]) if at not in asked]
    else:
        for at in asked:
            draft["lines"][at]["new"] = True


def ask(turn: Turn, draft: Draft) -> bool:
    """Ask what `settle` has noted; False where it is something else."""
    pending = draft.pending or {}
    if pending["kind"] == NEW_GOODS:
        _ask_new(turn, draft, pending)
    elif pending["kind"] == NEW_PRICES:
        _ask_prices(turn, draft, pending)
    else:
        return False
    return True


def _ask_new(turn: Turn, draft: Draft, pending: dict[str, Any]) -> None:
    new = [draft["lines"][at] for at in pending["lines"]]
    known = [line["name"] for line in draft["lines"] if line.get("id")]
    titles = {NEW: turn.line("button_page_new", count=len(new))}
    if len(new) < len(draft["lines"]):
        titles[SKIP] = turn.line("utter_button_skip_line")
    titles[EACH] = turn.line("button_each_goods")
    rows = [
        {"said": line["said"], "quantity": line["quantity"], "price": inr(line["amount"])}
        for line in new
    ]
    turn.say(
        "utter_ask_new_goods",
        vendor=(draft["vendor"] or {}).get("name") or draft["vendor_said"],
        known=turn.line("line_known_goods", names=", ".join(known)) if known else "",
        rows=turn.lines("line_new_goods", rows),
        choices=[
            Button(title=title, payload=choice_payload(draft, pending, value))
            for value, title in titles.items()
        ],
    )


def _ask_prices(turn: Turn, draft: Draft, pending: dict[str, Any]) -> None:
    new = [draft["lines"][at] for at in pending["lines"]]
    rows = [
        {"at": at, "said": line["said"], "price": inr(line["amount"])}
        for at, line in enumerate(new, start=1)
    ]
    example = " ".join(str(half_up(Decimal(line["amount"]) * 12 / 1000)) for line in new)
    turn.say("utter_ask_new_prices", rows=turn.lines("line_new_price", rows), example=example)


def take_prices(turn: Turn, draft: Draft) -> bool:
    """Take the rates that new goods sell at: "15 35", "Oreo 15, Lux 35"."""
    asked = draft["asked"] or {}
    said = prices_said(turn.text, draft, asked) if asked.get("kind") == NEW_PRICES else {}
    for at, paise in said.items():
        draft["lines"][at]["new_price"] = paise
    return bool(said)


def prices_said(text: str, draft: Draft, asked: dict[str, Any]) -> dict[int, int]:
    """Which lines a message gives rates, in paise; none where it speaks of anything else.

    A figure is for the goods named before it, else for the first that have none yet.
    """
    left, found, end = list(asked["lines"]), {}, 0
    for match in _PRICE.finditer(text):
        named = _goods_meant(text[end : match.start()], draft, left)
        end = match.end()
        if named is None or not left:
            return {}
        at = named if named >= 0 else left[0]
        try:
            found[at] = from_decimal(Decimal(match[0].replace(",", "")))
        except Invalid:
            return {}
        left.remove(at)
    rest = [word for word in words(text[end:]) if not _is_beside(word)]
    return {} if rest or 0 in found.values() else found


def _goods_meant(text: str, draft: Draft, left: Sequence[int]) -> int | None:
    """The line that the words before a figure name; -1 where there are none, None where they are
    no goods of these."""
    said = [word for word in words(text) if not _is_beside(word)]
    if not said:
        return -1
    name = " ".join(said)
    likeness = {
        at: fuzz.token_set_ratio(name, " ".join(words(draft["lines"][at]["said"]))) for at in left
    }
    best = max(likeness, key=lambda at: likeness[at], default=None)
    return best if best is not None and likeness[best] >= SAME_NAME else None


def _is_beside(word: str) -> bool:
    return only([word], "filler") or only([word], "rate_words") or only([word], "joining")
