"""Whoever goods or money came from or went to, where no entity says so: "10 charger aaye 650 me
deccan foods se", "swiggy se 3200 bank me aaye", "5000 de diye surat textiles ko"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.entities import NUMBERS, Entity
from actions.lexicon import only, says, which, words
from actions.reading.gone_back import gone_back
from erp_core.expenses.categories import guess_category
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import clauses
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import ALL_SAID, CERTAIN
from erp_core.kernel.quantity import parse_unit
from erp_core.parties import queries as parties

MOST_WORDS = 3
LONGEST = 14
"""So many words a message has at most that says no more than whom money went to."""
SHORTEST = 3
_WORD = re.compile(r"[^\s,;]+")
_NOBODY = (
    "no_seller", "filler", "around_goods", "postpositions", "pronouns", "asking", "negation",
    "rate_words", "buying.bought", "buying.shop", "buying.goods", "buying.carry", "tense.past",
    "tills.places", "stock.add", "joining", "more", "goods_in_general", "money_back.money",
)  # fmt: skip
_OF_HOUSE = frozenset({"electricity", "water", "phone_internet"})
"""Kinds of expenses for which the shop gets bills that bear nobody's name."""
_SOMEBODY = {"customer_name", "vendor_name", "person"}


def with_seller(text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with whoever stands before "se", or behind "from", marked as who sells: goods
    that were counted have come at a cost, and nobody is named. So with whoever gets them back, or
    is paid for them."""
    kinds = {one.name for one in entities}
    if not kinds >= {"product_name", "quantity"}:
        return entities
    if kinds & _SOMEBODY:
        return _with_other_sellers(text, entities)
    said = words(text)
    if says(said, "buying.sent_back") and not says(said, "buying.to_seller"):
        back = _behind(text, entities, "to") or _before(text, entities, "ko")
        return sorted([*entities, back], key=lambda one: one.start) if back else entities
    came = "amount" in kinds and (says(said, "buying.bought") or says(said, "buying.on_credit"))
    orders = only(said[:1], "buying.an_order") and "from" in said
    sold = says(said, "sold") or (says(said, "buying.an_order") and not orders)
    asked = orders or says(said, "buying.sends_out")
    if not (came or asked) or sold or gone_back(said):
        return entities
    seller = _before(text, entities, "se") or _behind(text, entities, "from")
    if seller is None and came and says(said, "buying.bought"):
        seller = _paid_for_goods(text, entities) or _trader(text, entities)
    if seller is None:
        return entities
    return _with_other_sellers(text, sorted([*entities, seller], key=lambda one: one.start))


def _with_other_sellers(text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with who sells the goods of another part marked too: "30 chini gupta se 40 aur
    20 chawal sharma se 55", where one of them is known to."""
    sellers = [one for one in entities if one.name in _SOMEBODY and _gives(text, one)]
    spans = clauses(text)
    if not sellers or len(spans) < 2:
        return entities
    found = list(entities)
    for start, end in spans:
        own = [one for one in entities if start <= one.start < end]
        kinds = {one.name for one in own}
        if not kinds >= {"product_name", "quantity"} or kinds & _SOMEBODY:
            continue
        row = [replace(one, start=one.start - start, end=one.end - start) for one in own]
        if other := _before(text[start:end], row, "se"):
            found.append(replace(other, start=other.start + start, end=other.end + start))
    return sorted(found, key=lambda one: one.start)


def _gives(text: str, one: Entity) -> bool:
    behind = [word for word in words(text[one.end :]) if not only([word], "at_their_place")]
    return bool(one.end) and behind[:1] == ["se"]


def _paid_for_goods(text: str, entities: Sequence[Entity]) -> Entity | None:
    """Whoever is paid, or shall be, for goods that are named in another part: "…, paise baad me
    denge ramesh traders ko"."""
    for start, end in clauses(text):
        own = [one for one in entities if start <= one.start < end]
        said = words(text[start:end])
        others = {one.name for one in own} & {"product_name", "item", "amount"}
        if others or not says(said, "money_back.money"):
            continue
        row = [replace(one, start=one.start - start, end=one.end - start) for one in own]
        if payee := _before(text[start:end], row, "ko"):
            return replace(payee, start=payee.start + start, end=payee.end + start)
    return None


def bills_of_house(text: str, intent: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with what a bill is for that the shop pays, and nobody is called: "electricity
    bill of 2340 has been paid"."""
    if intent != "payment_record":
        return list(entities)
    return [replace(one, name="item") if _is_of_house(text, one) else one for one in entities]


def _is_of_house(text: str, one: Entity) -> bool:
    billed = one.name == "customer_name" and says(words(text[one.end :])[:1], "bill_words")
    return billed and bool(one.end) and guess_category(f"{one.value} bill") in _OF_HOUSE


def with_payer(text: str, intent: str, entities: list[Entity]) -> list[Entity]:
    """The entities with whoever money came from, before "se", or went to, before "ko": nobody is
    named, and no goods are."""
    kinds, said = {one.name for one in entities}, words(text)
    paid = intent == "payment_record" and "amount" in kinds
    if not paid or kinds & _SOMEBODY or kinds & {"product_name", "item"}:
        return entities
    if says(said, "buying.gave") and "ne" not in said and "?" not in text:
        payee = _before(text, entities, "ko")
        return sorted([*entities, payee], key=lambda one: one.start) if payee else entities
    if not says(said, "came_in"):
        return entities
    payer = _before(text, entities, "se")
    if payer is None or which(payer.value, "methods"):
        return entities
    payer = replace(payer, name="customer_name")
    return sorted([*entities, payer], key=lambda one: one.start)


def may_name_payee(text: str, entities: Sequence[Entity]) -> bool:
    """Whether money may have gone to somebody whom no entity names."""
    kinds = {one.name for one in entities}
    if kinds & {*_SOMEBODY, "product_name", "customer_phone", "order_id", "invoice_number"}:
        return False
    said = words(text)
    gave = kinds & {"amount", "quantity"} and says(said, "buying.gave")
    return len(said) <= LONGEST and bool(gave or says(said, "buying.clears"))


def with_payee(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with whoever gets money marked, where its name stands in the message."""
    others = [one for one in entities if one.name != "item"]
    row = list(_WORD.finditer(text))
    spans = [
        row[first:last]
        for first in range(len(row))
        for last in range(first + 1, min(first + MOST_WORDS, len(row)) + 1)
        if all(_names(one, others) for one in row[first:last])
    ]
    for span in sorted(spans, key=len, reverse=True):
        named = _entity(text, span)
        if named is not None and _may_be_paid(reader, named.value):
            kept = [one for one in entities if one.end <= named.start or named.end <= one.start]
            return sorted([*kept, named], key=lambda one: one.start)
    return entities


def _may_be_paid(reader: Reader, said: str) -> bool:
    """Whether words are the name, as it is written, of a vendor or of one who works here, and no
    customer's."""
    staff = parties.all_users(reader, roles=("manager", "staff", "viewer"))
    works = any(set(words(said)) <= set(words(one.name)) for one in staff)
    sellers = [one.score for one in parties.find_vendors(reader, said, limit=2)]
    buyers = [one.score for one in parties.find_customers(reader, said, limit=1)]
    sells = sum(one >= ALL_SAID for one in sellers) == 1
    return (works or sells) and not any(one >= CERTAIN for one in buyers)


def with_salary(entities: Sequence[Entity]) -> list[Entity]:
    """The entities with "2000 सैलरी एडवांस" as an amount of salary, and not as counted goods."""
    goods = [words(one.value) for one in entities if one.name == "product_name"]
    salary = [one for one in goods if says(one, "staff.salary") and says(one, "advance")]
    if not goods or goods != salary or any(one.name == "unit" for one in entities):
        return list(entities)
    meant = {"product_name": "item", "quantity": "amount"}
    return [replace(one, name=meant.get(one.name, one.name)) for one in entities]


def _before(text: str, entities: Sequence[Entity], behind: str) -> Entity | None:
    """The name that stands before a word."""
    row = list(_WORD.finditer(text))
    for at, word in enumerate(row):
        if words(word[0]) == (behind,):
            last = at
            while last and only(words(row[last - 1][0]) or ("",), "at_their_place"):
                last -= 1
            first = last
            while last - first < MOST_WORDS and first and _names(row[first - 1], entities):
                first -= 1
            if _is_of_a_rate(row[first - 1] if first else None, text, entities):
                continue
            if named := _entity(text, row[first:last]):
                return named
    return None


def _trader(text: str, entities: Sequence[Entity]) -> Entity | None:
    """Whoever is called by a word for those who sell to shops: "rate 22.50 apollo distributors"."""
    row = list(_WORD.finditer(text))
    for at, word in enumerate(row):
        if not only(words(word[0]) or ("",), "buying.traders") or not _names(word, entities):
            continue
        first = at
        while at - first < MOST_WORDS and first and _names(row[first - 1], entities):
            first -= 1
        if first < at:
            return _entity(text, row[first : at + 1])
    return None


def _is_of_a_rate(before: re.Match[str] | None, text: str, entities: Sequence[Entity]) -> bool:
    """Whether what stands behind a word says how a sum counts: "400 ke hisaab se"."""
    if before is None or not only(words(before[0]), "behind_a_sum"):
        return False
    sums = (one for one in entities if one.name in NUMBERS and one.end <= before.start())
    return any(only(words(text[one.end : before.start()]), "rupees") for one in sums)


def _behind(text: str, entities: Sequence[Entity], cue: str) -> Entity | None:
    """Whoever stands behind "from"; behind "to" only where the goods stand before it."""
    row = list(_WORD.finditer(text))
    goods = max((one.end for one in entities if one.name == "product_name"), default=0)
    for at, word in enumerate(row, start=1):
        if words(word[0]) == (cue,) and (cue == "from" or word.start() >= goods):
            last = at
            while last - at < MOST_WORDS and row[last:] and _names(row[last], entities):
                if text[row[last - 1].end() : row[last].start()].strip():
                    break
                last += 1
            if named := _entity(text, row[at:last]):
                return named
    return None


def _names(word: re.Match[str], entities: Sequence[Entity]) -> bool:
    """Whether a word may be a part of a name."""
    if any(one.start < word.end() and word.start() < one.end for one in entities):
        return False
    said = words(word[0])
    if not said or any(letter.isdigit() for letter in word[0]) or parse_unit(word[0]):
        return False
    return parse_number(word[0]) is None and not any(only(said, cues) for cues in _NOBODY)


def _entity(text: str, row: Sequence[re.Match[str]]) -> Entity | None:
    if not row:
        return None
    start, end = row[0].start(), row[-1].end()
    value = text[start:end].strip(" .")
    if len(value) < SHORTEST:
        return None
    return Entity("vendor_name", value, start=start, end=start + len(value))
