"""GST in talk: which rate goods have, and saying it in words or by a tap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import says
from actions.match import (
    named_or_spoken_of,
    payload_of,
    product_in_text,
    product_named,
    recent,
    remember,
)
from actions.phrasebook import Button
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue import service as catalogue_service
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.kernel.money import from_decimal, inr
from erp_core.kernel.quantity import Packing
from erp_core.orders.pricing import value_of_one
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.tax import hsn as codes
from erp_core.tax import rates
from erp_core.tax.gst import parse_rate, percent
from erp_core.tax.rates import Asked, Goods, Term, lawful, rule
from erp_core.tax.rules import charges_tax

MOST_SUGGESTED = 4
TITLE = 24
DESCRIPTION = 72

_RATE = re.compile(
    r"(?:gst|tax|जीएसटी|टैक्स)\s*(?:rate|रेट)?\s*(?:hai|=|:|-)?\s*(\d+(?:\.\d+)?)\s*(?:%|percent|pratishat)?"
    r"|(\d+(?:\.\d+)?)\s*(?:%|percent|pratishat)\s*(?:gst|tax|जीएसटी|टैक्स)",
    re.IGNORECASE,
)
_HSN = re.compile(r"hsn\s*(?:code)?\s*(?:=|:|-)?\s*(\d{4}(?:\d{2}){0,2})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Option:
    """What goods may be: a code, a rate in percent, and in which packing or up to which value."""

    goods: Goods
    term: Term

    @property
    def value(self) -> str:
        """As a button carries it."""
        return f"{percent(self.term.rate)}:{self.goods.hsn}:{self.term.packing or ''}"


class Choice(NamedTuple):
    """What was tapped or said of the tax of goods: a rate in percent, a code, their packing."""

    rate: str | None = None
    hsn: str | None = None
    packing: Packing | None = None


@dataclass(frozen=True)
class Said:
    """What a message says of tax, and the places where it says it."""

    rate: str | None
    hsn: str | None
    spans: tuple[tuple[int, int], ...]

    def without(self, entities: Sequence[Entity]) -> list[Entity]:
        """The entities that are not these numbers."""
        return [
            one
            for one in entities
            if not any(start < one.end and one.start < end for start, end in self.spans)
        ]


def said_of_tax(text: str) -> Said:
    """A rate or a code that a message names: "gst 18", "5% GST", "HSN 3401"."""
    rate, hsn = _RATE.search(text), _HSN.search(text)
    found = [one for one in (rate, hsn) if one]
    number = next((one for one in rate.groups() if one), None) if rate else None
    return Said(number, hsn[1] if hsn else None, tuple(one.span() for one in found))


def options_for(name: str, on: date) -> list[Option]:
    """What goods of a name may be, the likeliest first; one for each rate that they can have."""
    return _options((one.goods for one in codes.suggest(name, limit=MOST_SUGGESTED)), on)


def options_of(product: Product, on: date) -> list[Option]:
    """What a product may be: the goods of its code, those first that its name means; without a
    code that is known, what its name means."""
    named = [one.goods for one in codes.suggest(product.name, limit=MOST_SUGGESTED)]
    coded = rates.goods_under(product.hsn) if product.hsn else ()
    return _options(sorted(coded, key=lambda one: one not in named) or named, on)


def _options(kinds: Iterable[Goods], on: date) -> list[Option]:
    options: list[Option] = []
    for goods in kinds:
        found = goods.terms_on(on)
        terms = found[1] if found else ()
        # By value there is one choice: the law picks the rate for each sale.
        shown = terms[:1] if any(term.upto for term in terms) else terms
        options += [Option(goods, term) for term in shown if term.complete]
    return options[: MOST_SUGGESTED + 2]


def settled(name: str, on: date, packing: Packing | None = None) -> Option | None:
    """What goods of a name, put up in a way, surely are, when that leaves one rate."""
    goods = codes.sure(name)
    options = [
        one
        for one in options_for(name, on)
        if one.goods == goods and (packing is None or one.term.packing in (None, packing))
    ]
    return options[0] if goods and len(options) == 1 else None


def goods_words(turn: Turn, goods: Goods) -> str:
    """What goods are called in the reader's language."""
    return goods.hindi if turn.language == "hindi" else goods.english


def option_rows(turn: Turn, options: Sequence[Option], payload: Any) -> list[Button]:
    """Options to tap; `payload` makes a button's payload of an option's value."""
    rows = [
        Button(
            title=turn.line("line_gst_choice", rate=percent(one.term.rate), hsn=one.goods.hsn)[
                :TITLE
            ],
            description=_described(turn, one)[:DESCRIPTION],
            payload=payload(one.value),
        )
        for one in options
    ]
    named = {one.term.rate for one in options}
    rest = [0, 500, 1800, 4000] if len(rows) < MOST_SUGGESTED else []
    plain_rows = [
        Button(
            title=turn.line("line_gst_bare_choice", rate=percent(rate)),
            payload=payload(f"{percent(rate)}:"),
        )
        for rate in rest
        if rate not in named
    ]
    return [*rows, *plain_rows]


def tax_line(
    turn: Turn, hsn: str | None, rate: str | None, on: date, packing: Packing | None = None
) -> str:
    """One line about the tax of goods: their rate, or that nobody knows it."""
    if rate is None:
        return turn.line("line_gst_unknown")
    kinds = codes.by_code(hsn) if hsn else []
    goods = next((one for one in kinds if _has_rate(one, rate, on)), None)
    found = goods.terms_on(on) if goods else None
    low = next((one for one in found[1] if one.upto), None) if found else None
    high = next((one for one in found[1] if one.upto is None), None) if found else None
    if goods and low and high:
        return turn.line(
            "line_gst_by_value",
            low=percent(low.rate),
            high=percent(high.rate),
            limit=inr(low.upto or 0),
            hsn=goods.hsn,
            goods=goods_words(turn, goods),
        )
    if goods:
        name = goods_words(turn, goods)
        if packing and any(one.packing for one in goods.terms_on(on)[1]):
            name = turn.line(f"line_goods_{packing}", goods=name)
        return turn.line("line_gst", rate=rate, hsn=goods.hsn, goods=name)
    return turn.line("line_gst_stated", rate=rate, hsn=hsn or "–")


def parse_choice(value: str) -> Choice:
    """What a tapped option says."""
    rate, hsn, packing = [*value.split(":"), "", ""][:3]
    return Choice(rate or None, hsn or None, packing or None)  # type: ignore[arg-type]


def ask_rate(turn: Turn, product_id: UUID) -> None:
    """Say that nobody knows what tax a product bears, or how it is put up where its tax goes by
    that, and let it be tapped."""
    with turn.read() as reader:
        product = catalogue.product(reader, product_id)
    options = options_of(product, turn.today)
    packed = {one.goods for one in options} if all(one.term.packing for one in options) else ()

    def payload(value: str) -> str:
        return payload_of("price_query", choice=str(product_id), act=f"gst:{value}")

    turn.say(
        "error_packing_unknown" if len(packed) == 1 else "error_rate_unknown",
        product=product.name,
        choices=option_rows(turn, options, payload)[:10],
    )


def take_tapped_rate(turn: Turn) -> list[EventType] | None:
    """Set the rate that was tapped for a product; None when nothing of the kind was tapped."""
    act, product = turn.value("act") or "", turn.value("choice")
    if not act.startswith("gst:") or not product:
        return None
    return set_rate(turn, UUID(product), parse_choice(act.removeprefix("gst:")))


def set_rate(turn: Turn, product_id: UUID, said: Choice) -> list[EventType]:
    """Write what somebody says of a product's tax. Raises Invalid("bad_rate", "bad_hsn")."""
    if not turn.may(Permission.CHANGE_PRICE):
        turn.say("error_not_allowed")
        return []
    if said.rate is not None and not lawful(parse_rate(said.rate), turn.today, said.hsn):
        raise Invalid("unlawful_rate", rate=said.rate)
    with turn.read() as reader:
        hsn = said.hsn or catalogue.product(reader, product_id).hsn
    told = said.packing or packing_told(hsn, said.rate, turn.today)
    turn.run(
        catalogue_service.change_product,
        product_id=product_id,
        hsn=said.hsn,
        gst_rate=said.rate,
        packing=told,
    )
    with turn.read() as reader:
        product = catalogue.product(reader, product_id)
        ruling = ruling_of(reader, product, turn.today)
    turn.say("utter_gst_set", product=product.name, gst=_line_of(turn, product, ruling))
    return [remember(turn, product=product_id)]


def packing_told(hsn: str | None, rate: str | None, on: date) -> Packing | None:
    """How goods are put up by the rate that somebody says of them: rice at 5 % is packed."""
    return rates.packing_at(hsn, parse_rate(rate), on) if hsn and rate else None


LONGEST_OF_PACKING = 8


def take_packing(turn: Turn) -> list[EventType] | None:
    """Write how goods are put up whose tax goes by that: "chawal khula hai", "atta packet wala";
    None where a message says nothing of the kind."""
    said = packing_in(turn.words) if turn.is_user and not turn.is_not_words else None
    if said is None or len(turn.words) > LONGEST_OF_PACKING or turn.intent in WITH_AN_MRP:
        return None
    if says(turn.words, "asking") or turn.first("amount") or turn.first("quantity"):
        return None
    found = named_or_spoken_of(turn)
    if found is None or not found.hsn or not rates.goes_by_packing(found.hsn, turn.today):
        return None
    ruling = rule(Asked(on=turn.today, hsn=found.hsn, packing=said))
    rate = None if ruling.rate is None else percent(ruling.rate)
    return set_rate(turn, found.id, Choice(rate, None, said))


def packing_in(words: Sequence[str]) -> Packing | None:
    """How goods are put up by what is said of them; None where both or neither is said."""
    said = {one: says(words, f"packing.{one}") for one in ("packed", "loose")}
    if said["packed"] == said["loose"] or says(words, "negation"):
        return None
    return "packed" if said["packed"] else "loose"


_MRP = re.compile(
    r"(?:\bm\.?r\.?p\b\.?|एमआरपी|एम\.?आर\.?पी\.?)\s*(?:hai|ka|=|:|-)?\s*(?:rs\.?|₹)?\s*(\d[\d,]*(?:\.\d+)?)"
    r"|(?:rs\.?|₹)?\s*(\d[\d,]*(?:\.\d+)?)\s*(?:rs\.?|rupaye|रुपये)?\s*(?:\bm\.?r\.?p\b|एमआरपी)",
    re.IGNORECASE,
)


WITH_AN_MRP = frozenset({"product_add", "inventory_update", "order_create", "order_modify"})
"""Intents that say more of goods than their retail price."""


def take_mrp(turn: Turn) -> list[EventType] | None:
    """Write the retail price that somebody says of a product: "Rajnigandha ka MRP 20"; None where
    a message says none."""
    said = _MRP.search(turn.text) if turn.is_user and not turn.is_not_words else None
    if said is None or says(turn.words, "asking") or turn.intent in WITH_AN_MRP:
        return None
    found = named_or_spoken_of(turn)
    if found is None:
        return None
    if not turn.may(Permission.CHANGE_PRICE):
        turn.say("error_not_allowed")
        return []
    mrp = from_decimal(Decimal((said[1] or said[2]).replace(",", "")))
    turn.run(catalogue_service.change_product, product_id=found.id, mrp_paise=mrp)
    with turn.read() as reader:
        ruling = ruling_of(reader, found, turn.today)
    turn.say("utter_mrp_set", product=found.name, mrp=inr(mrp), gst=_line_of(turn, found, ruling))
    return [remember(turn, product=found.id)]


def say_what_lacks(turn: Turn, conflict: Conflict) -> None:
    """Ask for what a bill waits for: the rate of its goods, or their retail price."""
    product_id = UUID(conflict.facts["product_id"])
    if conflict.code == "rate_unknown":
        ask_rate(turn, product_id)
        return
    with turn.read() as reader:
        turn.say(f"error_{conflict.code}", product=catalogue.product(reader, product_id).name)


NO_RATE = ("amount", "quantity", "customer_name", "date", "order_id", "invoice_number")
"""What a question for the rate of goods has none of."""

LACKS = ("rate_unknown", "cess_unknown", "mrp_unknown")
"""Codes of conflicts by which a bill waits for a word of the shop."""


def tell_asked_rate(turn: Turn) -> list[EventType] | None:
    """ "Maggi pe kitna GST lagta hai", whatever it is taken for; of "rate GST ke saath" the rate
    is meant, and why a bill bears its tax is another question."""
    asked = says(turn.words, "gst_words") and says(turn.words, "asking")
    if not asked or any(turn.first(one) for one in NO_RATE):
        return None
    if any(says(turn.words, cue) for cue in ("with_gst", "how_come", "returns")):
        return None
    of_the_shop = says(turn.words, "gst_due") or says(turn.words, "asks_of.sales")
    if of_the_shop and not turn.first("product_name"):
        return None
    said, named = said_of_tax(turn.text), turn.value("product_name") or _named_in(turn)
    if said.rate or said.hsn or not named:
        return None
    return tell_rate(turn)


def tell_rate(turn: Turn) -> list[EventType] | None:
    """Answer "sabun ka GST kitna hai", set "maggi ka gst 5 kar do"; None when it is neither."""
    said = said_of_tax(turn.text)
    named = turn.value("product_name") or _named_in(turn)
    with turn.read() as reader:
        found = product_named(reader, named).one if named else None
        before = recent(turn, "product")
        if not named and before and (said.rate or said.hsn):
            found = catalogue.product(reader, before)
    if found and (said.rate or said.hsn):
        return set_rate(turn, found.id, Choice(said.rate, said.hsn))
    if found:
        with turn.read() as reader:
            ruling = ruling_of(reader, found, turn.today)
        if ruling.rate is None:
            ask_rate(turn, found.id)
        else:
            turn.say(
                "utter_gst_of_product",
                product=found.name,
                gst=_line_of(turn, found, ruling),
                source=ruling.source or "–",
            )
        return [remember(turn, product=found.id)]
    options = options_for(named or turn.text, turn.today)
    if not options:
        return None
    rows = [
        turn.line(
            "line_gst_goods",
            goods=_described(turn, one),
            hsn=one.goods.hsn,
            rate=percent(one.term.rate),
        )
        for one in options
    ]
    turn.say("utter_gst_of", said=named or turn.text.strip(), rows="\n".join(rows))
    return []


def ruling_of(reader: Reader, product: Product, on: date) -> rates.Ruling:
    """What the law has a product bear on a day, at its rate here."""
    shop = parties.business(reader)
    if not charges_tax(shop) and not product.rate_known and not product.hsn:
        return rates.Ruling(None, "unknown", on)
    return codes.rule_named(
        Asked(
            on=on,
            hsn=product.hsn,
            stated=product.gst_rate if product.rate_known else None,
            unit_value=value_of_one(product.price_paise, product.unit),
            inclusive=shop.prices_include_tax,
            packing=product.packing,
        ),
        product.name,
    )


def _line_of(turn: Turn, product: Product, ruling: rates.Ruling) -> str:
    rate = None if ruling.rate is None else percent(ruling.rate)
    return tax_line(turn, product.hsn, rate, turn.today, product.packing)


def _has_rate(goods: Goods, rate: str, on: date) -> bool:
    found = goods.terms_on(on)
    return found is not None and any(term.rate == parse_rate(rate) for term in found[1])


def _described(turn: Turn, option: Option) -> str:
    name = goods_words(turn, option.goods)
    if option.term.packing:
        return turn.line(f"line_goods_{option.term.packing}", goods=name)
    if option.term.upto:
        return turn.line("line_goods_upto", goods=name, limit=inr(option.term.upto))
    return name


def _named_in(turn: Turn) -> str | None:
    """A product whose name stands in the message though no entity says so."""
    with turn.read() as reader:
        found = product_in_text(turn, reader)
    return found.name if found else None
