"""What is no sum, or one of another kind: numbers of papers, halves of it, money that came in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from actions.entities import NUMBERS, Entity, ends_with_final, number_of, rates_in_turn
from actions.lexicon import any_of, only, says, where, which, words
from actions.reading.pieces import EACH_WORD, HOLDS_WHOM, is_goods, overlaps, piece
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_amount, parse_number
from erp_core.kernel.quantity import parse_unit

_NUMBERED = NUMBERS | {"product_name", "customer_phone"}
DIGITS_OF_NO_SUM = 11
"""So many figures in a row are the number of a paper or a piece sooner than rupees."""
_NUMBER_PLATE = re.compile(
    r"(?<!\w)[a-z]{2}[ -]?\d{2}[ -]?[a-z]{1,3}[ -]?\d{4}(?!\w)", re.IGNORECASE
)
_RECEIVED = re.compile(rf"\s*{any_of('written.received')}(?!\w)", re.IGNORECASE)
_GIVEN_FOR = re.compile(
    rf"\s*{any_of('written.sold_in')}\s+{any_of('written.sold')}(?!\w)", re.IGNORECASE
)
_WHICH_ONE = re.compile(rf"\s*{any_of('undoing.which_one')}(?!\w)", re.IGNORECASE)
_COINS = re.compile(rf"\s*{any_of('written.coins')}(?!\w)", re.IGNORECASE)
_LAKHS = re.compile(rf"\s*{any_of('written.lakhs')}(?!\w)", re.IGNORECASE)
_SPELT_RATE = re.compile(rf"(?<!\w){any_of('written.rate')}(?!\w)", re.IGNORECASE)
_IN_ALL = re.compile(rf"(?<!\w){any_of('total_alone')}\s+(?:₹|rs\.?)?\s*(\d[\d,]*)(?![\w.])", re.I)
GOODS_LEAVE = frozenset({"order_create", "order_modify", "invoice_generate"})
_PAID_LAST = re.compile(r"(.*\S)\s+(\S+)")


def without_shares(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without the halves that tell in which ways a sum was paid: "half cash half upi"
    is no half rupee."""
    kept = []
    for one in entities:
        share = one.name in NUMBERS and one.end and says(words(one.value), "half")
        behind = words(text[one.end :])[:1]
        if not (share and any(only(behind, f"methods.{way}") for way in _WAYS) and behind):
            kept.append(one)
    return kept


_WAYS = ("cash", "upi", "card", "cheque", "bank_transfer")


def without_paper_numbers(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without the number of a paper or a piece: of "4000 cheque aaya no 456781" one
    sum is left, of "bilty 4455", "imei 3567…" or a dozen figures none."""
    said = words(text)
    papers = says(said, "dues.cheque") or says(said, "numbered_papers")
    plates = [one.span() for one in _NUMBER_PLATE.finditer(text)]
    return [
        one
        for one in entities
        if not any(overlaps(one, plate) for plate in plates)
        if not (one.end and one.name in _NUMBERED and _numbers_paper(text, one, papers=papers))
    ]


def _numbers_paper(text: str, one: Entity, *, papers: bool) -> bool:
    before, plain = words(text[: one.start]), one.value.isdecimal()
    if one.name == "product_name":
        figures = any(sign.isdigit() for sign in one.value)
        return papers and (_only_papers(one.value) or (figures and _ends_with_paper(before)))
    if one.name in NUMBERS and plain and len(one.value) >= DIGITS_OF_NO_SUM:
        return True
    if one.name == "customer_phone":
        return papers and plain and _ends_with_paper(before)
    behind_number = papers and only(before[-1:] or [""], "numbered")
    alone = papers and plain and not _is_paid(words(text[one.end :]))
    return behind_number or (alone and _ends_with_paper(before))


def _is_paid(behind: Sequence[str]) -> bool:
    """Whether the words behind a number tell of money: "bilty 350 diye"."""
    given = where(behind, "money_given")
    in_rupees = bool(behind) and only(behind[:1], "rupees")
    return in_rupees or says(behind, "spent") or (given is not None and not given[0])


def _ends_with_paper(said: Sequence[str]) -> bool:
    """Whether the last words are those of a paper, "… bilty no"; what is paid for one, as in
    "vehicle insurance 5000", is a sum."""
    row = said[:-1] if only(said[-1:] or [""], "numbered") else said
    ends = (row[-most:] for most in (1, 2, 3) if row[-most:])
    return any(where(one, "numbered_papers") == (0, len(one)) for one in ends)


def _only_papers(name: str) -> bool:
    """Whether goods are called nothing but a paper or its number: "imei"."""
    found = where(said := words(name), "numbered_papers")
    return found is not None and all(
        only([one], "numbered") for one in (*said[: found[0]], *said[found[1] :])
    )


def sums_received(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "…, 28 received in cash", "… cash 9500 liye": money, where what counts goods stands before
    it, and no goods behind."""
    ways = [one for one in entities if one.name == "payment_method" and one.end]
    counts = [one for one in entities if one.name == "quantity"]
    last = max((one.end for one in entities if one.name == "product_name"), default=0)
    return [
        replace(one, name="amount")
        if one in counts[1:] and (_came_in(text, one, ways) or _is_paid_so(text, one, ways, last))
        else one
        for one in entities
    ]


def sums_in_turn(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "5 cover and 2 charger at 240 and 950 respectively": the rates of goods in turn are money,
    and what says so is none of the goods."""
    kept = [one for one in entities if not only(words(one.value) or ("-",), "in_turn")]
    goods = [one for one in kept if one.name == "product_name" and one.end]
    last = max((one.end for one in goods), default=0)
    behind = [one for one in kept if one.name in ("quantity", "amount") and one.start >= last]
    if not rates_in_turn(text, goods, behind):
        return kept
    return [replace(one, name="amount", normalized=None) if one in behind else one for one in kept]


def sums_in_lakhs(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Received 1 lakh": so many lakhs are money, and no count of goods."""
    found = list(entities)
    for one in entities:
        behind = _LAKHS.match(text, one.end) if one.name == "quantity" and one.end else None
        both = text[one.start : behind.end()] if behind else ""
        if behind and parse_number(both) is not None:
            found = [each for each in found if each.start < one.start or each.start >= behind.end()]
            found.append(Entity("amount", both, start=one.start, end=behind.end()))
    return sorted(found, key=lambda one: one.start)


def sums_of_change(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "5 lux liye 200 diye 20 wapas kiye": money, behind goods that are counted before it."""
    last = max((one.end for one in entities if one.name == "product_name"), default=0)
    numbers = [one for one in entities if one.name in NUMBERS and one.end]
    if not last or len(numbers) < len(("count", "paid", "change")):
        return list(entities)
    paid, change = numbers[-2:]
    said = words(text[paid.end : change.start])
    note = where(said, "a_note")
    given = where(said[note[1] :] if note and not note[0] else said, "money_given")
    back = where(words(text[change.end :]), "dues.gave_back")
    told = given is not None and not given[0] and back is not None and not back[0]
    if not told or paid.start < last:
        return list(entities)
    return [replace(one, name="amount") if one in (paid, change) else one for one in entities]


def _came_in(text: str, one: Entity, ways: Sequence[Entity]) -> bool:
    received = _RECEIVED.match(text, one.end)
    return bool(received) and any(way.start > one.end for way in ways)


def _is_paid_so(text: str, one: Entity, ways: Sequence[Entity], goods: int) -> bool:
    """Whether a number stands right behind a way of paying, and behind all goods."""
    beside = any(way.end <= one.start and not text[way.end : one.start].strip() for way in ways)
    return beside and one.start >= goods


def sums_ahead(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "500 advance": money, and no unit of anything."""
    ahead = [one for one in entities if one.name == "unit" and only(words(one.value), "advance")]
    starts = {one.start for one in ahead if one.end}
    return [
        replace(one, name="amount")
        if one.name == "quantity" and one.end and _next_start(text, one) in starts
        else one
        for one in entities
        if one not in ahead
    ]


def _next_start(text: str, one: Entity) -> int:
    """Where the word behind an entity begins."""
    return one.end + len(text[one.end :]) - len(text[one.end :].lstrip())


_ON_TOP = re.compile(r"\s*(?:\+|plus\b)\s*(?:gst|tax|जीएसटी)", re.IGNORECASE)


def sums_with_paise(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "45 rupaye 50 paise" is one sum."""
    found = list(entities)
    for rupees, paise in pairwise([one for one in entities if one.name in NUMBERS and one.end]):
        coins = _COINS.match(text, paise.end)
        between = words(text[rupees.end : paise.start])
        whole = parse_amount(text[rupees.start : coins.end()]) if coins else None
        if coins and whole is not None and between and only(between, "rupees"):
            sum_of = replace(
                rupees, name="amount", value=str(whole), normalized=None, end=coins.end()
            )
            found = [sum_of if one is rupees else one for one in found if one is not paise]
    return found


def sums_before_tax(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "4 power bank 1200+gst", "2 tyre Simran ko 300 final": a number with tax on top of it, or
    that was agreed on, is money."""
    marked = [
        replace(one, name="amount")
        if one.name == "quantity" and one.end and _is_sum_in(text, one)
        else one
        for one in entities
    ]
    agreed = [one for one in _agreed_on(text) if not any(overlaps(e, one) for e in entities)]
    sums = [Entity("amount", text[slice(*one)], start=one[0], end=one[1]) for one in agreed]
    return sorted([*marked, *sums], key=lambda one: one.start)


def sums_sold_for(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "1 kurti 799 wali 750 me de di": what goods were given for is money, also where it was
    not marked; what stands before "wali" only says which one is meant."""
    goods = [one for one in entities if one.name == "product_name" and one.end]
    counted = any(one.name == "quantity" for one in entities)
    if len(goods) != 1 or not counted:
        return list(entities)
    behind = (one for one in EACH_WORD.finditer(text, goods[0].end) if one[0].isdecimal())
    given = next((one for one in behind if _GIVEN_FOR.match(text, one.end())), None)
    if given is None or any(one.end and overlaps(one, given.span()) for one in entities):
        return list(entities)
    kept = [one for one in entities if one.name != "amount" or not _WHICH_ONE.match(text, one.end)]
    if any(one.name == "amount" for one in kept):
        return list(entities)
    money = Entity("amount", given[0], start=given.start(), end=given.end())
    return sorted([*kept, money], key=lambda one: one.start)


def sums_in_all(text: str, intent: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "3 kurti aur 1 saree, total 3500": the number behind "total" is money where goods leave, and
    it is not how many pieces they are together."""
    found = _IN_ALL.search(text) if intent in GOODS_LEAVE else None
    if found is None or _counts_more(words(text[found.end() :])[:1]):
        return list(entities)
    counts = [one for one in entities if one.name == "quantity" and 0 < one.end <= found.start()]
    together = sum(number_of(one) or 0 for one in counts)
    marked = [one for one in entities if overlaps(one, found.span(1))]
    sums = any(one.name != "quantity" for one in marked)
    if sums or not 0 < together < (parse_number(found[1]) or 0):
        return list(entities)
    money = Entity("amount", found[1], start=found.start(1), end=found.end(1))
    kept = [one for one in entities if one not in marked]
    return sorted([*kept, money], key=lambda one: one.start)


def _counts_more(behind: Sequence[str]) -> bool:
    return bool(behind) and (parse_unit(behind[0]) is not None or only(behind, "counted_beside"))


def sums_in_advance(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "एडवांस 1000 दिया स्प्रे पंप के लिए": an advance is no goods, the number beside it is money, and
    what is done with it is no part of the goods behind it."""
    found: list[Entity] = []
    for at, one in enumerate(entities):
        beside = [each for each in entities[max(at - 1, 0) : at + 2] if each.name in NUMBERS]
        if not _is_advance(one) or not beside:
            found.append(one)
    if len(found) == len(entities):
        return found
    named = [one for one in entities if one not in found]
    return [_of_advance(text, one, named, found) for one in found]


def _is_advance(one: Entity) -> bool:
    return one.name == "product_name" and bool(one.end) and only(words(one.value), "advance")


def _of_advance(
    text: str, one: Entity, named: Sequence[Entity], beside: Sequence[Entity]
) -> Entity:
    near = any(
        (each.end <= one.start and not text[each.end : one.start].strip())
        or (one.end <= each.start and only(words(text[one.end : each.start]), "rupees"))
        for each in named
    )
    if one.name == "quantity" and near:
        return replace(one, name="amount", normalized=None)
    behind_sum = any(e.name in NUMBERS and e.end and e.end == one.start - 1 for e in beside)
    first, _, rest = one.value.partition(" ")
    if one.name == "product_name" and behind_sum and rest and only(words(first), "money_given"):
        return piece(one, len(first) + 1, len(one.value), one.name)
    return one


def sums_said_anew(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "1 tube diya 300 me. nahi nahi 320 hi lagao": the sum that is said anew is money, and the
    one before it is taken back."""
    found = list(entities)
    for before, anew in pairwise([one for one in entities if one.name in NUMBERS and one.end]):
        if before.name != "amount" or not _is_said_anew(text, before, anew, entities):
            continue
        found.remove(before)
        found[found.index(anew)] = replace(anew, name="amount")
    return found


def _is_said_anew(text: str, before: Entity, anew: Entity, entities: Sequence[Entity]) -> bool:
    """Whether nothing but such a word stands right in front of a number that counts nothing."""
    said = words(text[before.end : anew.start])
    cue = any(where(said[-most:], "undoing.said_anew") == (0, most) for most in range(1, len(said)))
    cue = cue or where(said, "undoing.said_anew") == (0, len(said))
    held = [one for one in entities if one.name in ("product_name", "unit", "customer_name")]
    counts = any(0 <= one.start - anew.end <= 1 for one in held)
    between = any(before.end <= one.start < anew.start for one in held)
    return cue and not counts and not between


def _agreed_on(text: str) -> list[tuple[int, int]]:
    """Where figures stand in front of "final"."""
    pairs = pairwise(EACH_WORD.finditer(text))
    final = [first for first, behind in pairs if only(words(behind[0]) or ("-",), "final_price")]
    return [one.span() for one in final if one[0].isdecimal()]


def _is_sum_in(text: str, number: Entity) -> bool:
    agreed = only(words(text[number.end :])[:1] or ("-",), "final_price")
    agreed = agreed or ends_with_final(text[: number.start])
    return agreed or _ON_TOP.match(text, number.end) is not None


def with_rates_spelt(reader: Reader, text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """The text with "ret" as "rate" where it stands beside goods, and is none of the shop's: sand
    is counted, or is what something else is said of."""
    for found in reversed(list(_SPELT_RATE.finditer(text))):
        span, before, behind = found.span(), text[: found.start()], text[found.end() :]
        kept = [_without_word(one, span) for one in entities]
        goods = any(one and one.name == "product_name" for one in kept)
        counted = any(one.end and one.end == len(before.rstrip()) for one in entities
                      if one.name in ("quantity", "unit"))  # fmt: skip
        of_goods = {*words(before)[-1:]} & HOLDS_WHOM
        if not goods or counted or {*words(behind)[:1]} & HOLDS_WHOM:
            continue
        if of_goods or not is_goods(reader, found[0]):
            text, more = f"{before}rate{behind}", len("rate") - len(found[0])
            entities = [_moved(one, span[0], more) for one in kept if one]
    return text, entities


def may_spell_rates(text: str) -> bool:
    """Whether it is worth looking for rates that are spelt as sand is."""
    return _SPELT_RATE.search(text) is not None


def _without_word(one: Entity, span: tuple[int, int]) -> Entity | None:
    """An entity without a word at its beginning or its end; None where nothing is left."""
    if not overlaps(one, span):
        return one
    first = span[1] - one.start if span[0] <= one.start else 0
    last = span[0] - one.start if span[1] >= one.end else len(one.value)
    rest = one.value[first:last]
    if not rest.strip():
        return None
    return piece(one, first + len(rest) - len(rest.lstrip()), len(rest.rstrip()) + first, one.name)


def _moved(one: Entity, behind: int, by: int) -> Entity:
    return replace(one, start=one.start + by, end=one.end + by) if one.start > behind else one


def ways_apart(reader: Reader, entities: Sequence[Entity]) -> list[Entity]:
    """ "1 colgate card": the way of paying behind goods of the shop is no part of their name."""
    found: list[Entity] = []
    for one in entities:
        said = _PAID_LAST.fullmatch(one.value) if ends_with_way(one) else None
        known = said and not is_goods(reader, one.value) and is_goods(reader, said[1])
        if said is None or not known:
            found.append(one)
            continue
        found += [
            piece(one, *said.span(1), "product_name"),
            piece(one, *said.span(2), "payment_method"),
        ]
    return found


def ends_with_way(one: Entity) -> bool:
    """Whether goods are called by what may be a way of paying."""
    last = one.value.split()[1:][-1:]
    return one.name == "product_name" and one.end > 0 and bool(last and which(last[0], "methods"))
