"""What a message names: the readings of its entities, in the order in which they follow.

Each takes the words and what was found in them so far, and gives what is meant. A reading that
reads of the shop runs only where its own words stand in the message, so that most messages cost
no database at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from actions.entities import Entity, sellers_apart, whole_names, with_halves
from actions.lexicon import only, which, words
from actions.reading.asides import without_asides
from actions.reading.asked_and_counted import counts_what_is_asked, with_count_wanted
from actions.reading.clock import without_hours, without_minutes
from actions.reading.crossed import may_cross, rates_crossed, with_crossed
from actions.reading.houses import may_hold_house, with_house
from actions.reading.kinds_apart import may_hold_kind_apart, with_kind_apart
from actions.reading.line_by_line import (
    counts_before_question,
    may_be_crossed,
    may_end_in_counts,
    names_line_by_line,
    with_counts_at_line_ends,
    with_counts_crossed,
)
from actions.reading.makes import may_name_makes, with_makes
from actions.reading.misread_counts import (
    counts_apart,
    counts_of_stock,
    counts_that_change,
    fractions_counted,
    goods_made,
    goods_taken_for_units,
    halves_named,
    kinds_said_anew,
    may_be_half,
    may_be_sold_by_count,
    may_hold_counts,
    numbers_said_anew,
    quarters_counted,
    sold_by_count,
    units_behind_goods,
    without_crosses,
)
from actions.reading.misread_goods import (
    counts_within,
    goods_by_putting,
    goods_in_numbers,
    goods_taken_for_whom,
    may_hold_count_within,
    may_hold_goods,
    may_hold_goods_taken_for_whom,
    may_name_what_is_put,
    without_tax_words,
)
from actions.reading.misread_names import (
    buyers_apart,
    goods_on_credit,
    may_be_goods_on_credit,
    may_hold_buyers,
    names_paused,
    names_unjoined,
    with_named_instead,
    without_greetings,
)
from actions.reading.misread_sums import (
    ends_with_way,
    sums_ahead,
    sums_before_tax,
    sums_in_advance,
    sums_in_all,
    sums_in_lakhs,
    sums_in_turn,
    sums_of_change,
    sums_received,
    sums_said_anew,
    sums_sold_for,
    sums_with_paise,
    ways_apart,
    without_paper_numbers,
    without_shares,
)
from actions.reading.more_of_them import with_more_of_them
from actions.reading.named_in_parts import may_be_in_parts, with_names_whole
from actions.reading.numbers_apart import numbers_apart, with_sixties
from actions.reading.occasions import may_name_occasion, without_occasions
from actions.reading.of_a_dozen import may_be_of_a_dozen, with_pieces_of_a_dozen
from actions.reading.of_which import may_be_of_which, without_all_of_them
from actions.reading.overlooked import (
    bills_of_house,
    may_name_payee,
    with_payee,
    with_payer,
    with_salary,
    with_seller,
)
from actions.reading.own_people import may_name_seller, without_sellers
from actions.reading.periods import (
    as_one_period,
    may_be_one_period,
    may_hold_days,
    may_hold_months,
    with_days,
    with_days_in_figures,
)
from actions.reading.phones import phones_spoken
from actions.reading.pieces import is_called
from actions.reading.regional import without_regional
from actions.reading.regional_numbers import with_regional_numbers
from actions.reading.rows import may_hold_rows, with_rows
from actions.reading.sacks_weighed import may_be_weighed, sacks_weighed
from actions.reading.side_by_side import (
    goods_side_by_side,
    may_be_beside_goods,
    may_be_side_by_side,
    with_goods_before,
)
from actions.reading.size_ahead import may_have_size_ahead, with_size_ahead
from actions.reading.size_runs import may_hold_sizes_in_a_row, with_sizes_in_a_row
from actions.reading.sizes import with_sizes
from actions.reading.specifications import may_specify, with_specifications
from actions.reading.table_names import with_table
from actions.reading.unheard import (
    may_hold_goods_unheard,
    may_want_goods_unheard,
    with_goods_unheard,
    with_goods_wanted,
)
from actions.reading.unmarked import (
    may_count_goods,
    may_hold_goods_bought,
    may_hold_goods_unmarked,
    may_hold_units_sold,
    may_join_goods,
    with_count_at_end,
    with_goods_bought,
    with_goods_counted,
    with_goods_joined,
    with_goods_to_bill,
    with_goods_unmarked,
    with_units_sold,
)
from actions.reading.work_told import may_name_work, with_work
from actions.reading.worth import may_be_worth, with_worth
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import parse_unit

FEWEST_DIGITS = 7
"""So many digits a phone number has at least, also one that was not written out."""

Entities = list[Entity]


@dataclass(frozen=True)
class Said:
    """A message: its words, what it was understood as, and who writes."""

    text: str
    intent: str
    buys: bool
    """Whether a customer or a guest writes."""
    shop: Callable[[], Reader]
    """The shop's books, of a moment that begins when they are first read."""
    today: Callable[[], date]

    @property
    def adds_goods(self) -> bool:
        """Whether new goods are told, whose name means nothing of the list."""
        return self.intent == "product_add"


class Reading(NamedTuple):
    """A reading, and whether a message may hold what it is for."""

    may: Callable[[Said, Entities], bool]
    read: Callable[[Said, Entities], Entities]


Looked = Callable[[Reader, str, Entities], Entities]
"""A reading of the words that looks at the shop's list or people."""


def _looked_up(may: Callable[[str, Entities], bool], read: Looked) -> Reading:
    return Reading(
        lambda said, found: may(said.text, found),
        lambda said, found: read(said.shop(), said.text, found),
    )


def _looked_up_by_intent(may: Callable[[str, str, Entities], bool], read: Looked) -> Reading:
    return Reading(
        lambda said, found: may(said.text, said.intent, found),
        lambda said, found: read(said.shop(), said.text, found),
    )


def _always(_said: Said, _found: Entities) -> bool:
    return True


def _as_way(entity: Entity) -> Entity:
    """No unit is called so, but a way of paying: "maggi 2 cash"."""
    if entity.name != "unit" or not which(entity.value, "methods") or parse_unit(entity.value):
        return entity
    return replace(entity, name="payment_method", normalized=None)


def _as_number(entity: Entity) -> Entity:
    """Few digits are no phone number, but money: "rn13 16500"."""
    digits = sum(one.isdigit() for one in entity.value)
    if entity.name != "customer_phone" or not entity.end or digits >= FEWEST_DIGITS:
        return entity
    return replace(entity, name="amount", normalized=None)


def _as_count(text: str, entity: Entity) -> list[Entity]:
    """ "200 page ka xerox": so many of something are goods of no name, and a unit is none."""
    if entity.name == "product_name" and entity.end and parse_unit(entity.value) == "piece":
        return [replace(entity, name="unit")]
    number, _, unit = entity.value.partition(" ")
    if entity.name != "product_name" or parse_unit(unit) != "piece" or not number.isdecimal():
        return [entity]
    behind = text.index(unit, entity.start + len(number))
    return [
        replace(entity, name="quantity", value=number, end=entity.start + len(number)),
        replace(entity, name="unit", value=unit, start=behind),
    ]


def _counting(text: str, entities: Entities) -> Entities:
    return [one for entity in entities for one in _as_count(text, entity)]


def _names_nothing(entity: Entity) -> bool:
    """A question's own word ("how") is the name of nothing, nor is "usko" or "wahi wala"."""
    said = words(entity.value)
    if entity.name in ("customer_name", "person", "vendor_name"):
        share = only(said[-1:], "percent") and parse_number(entity.value.split()[0]) is not None
        return share or only(said, "pronouns") or only(said, "more")
    if entity.name == "item":
        return only(said, "sellers.oneself") or only(said, "pronouns")
    if entity.name != "product_name":
        return False
    if only(said[-1:], "of_which_kind") and only(said, "beside_a_size"):
        return True
    nothing = ("asking", "pronouns", "people", "counted_beside", "stands_at", "no_goods")
    return any(only(said, cues) for cues in nothing)


def _as_goods(entity: Entity) -> Entity:
    return replace(entity, name="product_name") if entity.name == "item" else entity


def _is_verb(text: str, entity: Entity) -> bool:
    """ "Kal shaam ko aata hu"."""
    said = entity.name == "product_name" and bool(entity.end)
    return said and only(words(text[entity.end :])[:1] or ("",), "of_oneself")


def _naming(text: str, entities: Entities) -> Entities:
    return [one for one in entities if not _names_nothing(one) and not _is_verb(text, one)]


BY_WORDS: tuple[Callable[[str, Entities], Entities], ...] = (
    names_line_by_line,
    phones_spoken,
    without_asides,
    lambda _, found: [_as_number(_as_way(one)) for one in found],
    without_minutes,
    without_hours,
    _counting,
    lambda _, found: names_unjoined(names_paused(found)),
    with_regional_numbers,
    numbers_apart,
    with_sixties,
    sums_with_paise,
    sums_ahead,
    quarters_counted,
    without_regional,
    sums_in_lakhs,
    sums_in_turn,
    sums_received,
    sums_of_change,
    lambda text, found: fractions_counted(text, found) if "/" in text else found,
    without_greetings,
    without_tax_words,
    without_paper_numbers,
    sums_before_tax,
    sums_in_advance,
    sums_sold_for,
    numbers_said_anew,
    kinds_said_anew,
    sums_said_anew,
    without_shares,
    goods_taken_for_units,
    units_behind_goods,
    with_named_instead,
    with_sizes,
    whole_names,
    sellers_apart,
    with_halves,
    _naming,
    without_crosses,
    rates_crossed,
    counts_before_question,
)
"""What the words alone decide, whoever writes them."""

OF_EVERYBODY = (
    _looked_up(may_be_crossed, with_counts_crossed),
    _looked_up(may_end_in_counts, with_counts_at_line_ends),
    Reading(_always, lambda said, found: sums_in_all(said.text, said.intent, found)),
    Reading(
        lambda said, found: not said.adds_goods and may_be_in_parts(found),
        lambda said, found: with_names_whole(said.shop(), said.text, found, buys=said.buys),
    ),
    _looked_up_by_intent(may_hold_goods_unheard, with_goods_unheard),
    _looked_up_by_intent(may_want_goods_unheard, with_goods_wanted),
    Reading(
        lambda said, found: not said.buys and may_name_work(said.text, said.intent, found),
        lambda said, found: with_work(said.shop(), said.text, found),
    ),
    Reading(
        lambda said, _: may_cross(said.text),
        lambda said, found: with_crossed(said.shop(), said.text, found),
    ),
    Reading(
        _always,
        lambda said, found: goods_made(said.text, counts_of_stock(said.text, said.intent, found)),
    ),
    _looked_up(may_hold_sizes_in_a_row, with_sizes_in_a_row),
    _looked_up(may_hold_count_within, counts_within),
    Reading(
        lambda said, found: not said.adds_goods and may_have_size_ahead(said.text, found),
        lambda said, found: with_size_ahead(said.shop(), said.text, found),
    ),
    Reading(
        lambda said, found: not said.adds_goods and may_specify(said.text, found),
        lambda said, found: with_specifications(said.shop(), said.text, found),
    ),
    Reading(
        lambda said, found: not said.adds_goods and may_hold_kind_apart(said.text, found),
        lambda said, found: with_kind_apart(said.shop(), said.text, found),
    ),
    _looked_up(may_name_what_is_put, goods_by_putting),
    Reading(
        lambda said, found: may_be_worth(said.text, said.intent, found, buys=said.buys),
        lambda said, found: with_worth(said.shop(), said.text, found),
    ),
    _looked_up(lambda _, found: may_hold_units_sold(found), with_units_sold),
    Reading(
        lambda said, found: not said.adds_goods and may_be_side_by_side(found),
        lambda said, found: goods_side_by_side(said.shop(), found),
    ),
    _looked_up_by_intent(may_be_beside_goods, with_goods_before),
    _looked_up_by_intent(may_count_goods, with_goods_counted),
    Reading(
        _always,
        lambda said, found: with_goods_to_bill(said.text, said.intent, found),
    ),
    _looked_up_by_intent(may_join_goods, with_goods_joined),
    Reading(
        _always,
        lambda said, found: with_count_at_end(said.text, said.intent, found),
    ),
    Reading(
        _always,
        lambda said, found: counts_that_change(said.text, said.intent, found),
    ),
)

OF_BUYERS = (
    _looked_up(may_name_occasion, without_occasions),
    Reading(
        lambda said, found: counts_what_is_asked(said.text, found),
        lambda said, found: with_count_wanted(said.text, found),
    ),
    _looked_up(may_hold_goods_taken_for_whom, goods_taken_for_whom),
    Reading(
        _always,
        lambda _, found: [_as_goods(one) for one in found],
    ),
)

OF_THE_SHOP = (
    Reading(
        lambda said, found: not said.adds_goods and may_name_makes(said.text, found),
        lambda said, found: with_makes(said.shop(), said.text, found),
    ),
    Reading(
        lambda said, found: may_be_sold_by_count(said.text, said.intent, found),
        lambda said, found: sold_by_count(said.shop(), said.text, found),
    ),
    Reading(
        lambda said, found: may_be_of_a_dozen(said.intent, found),
        lambda said, found: with_pieces_of_a_dozen(said.shop(), found),
    ),
    Reading(
        _always,
        lambda said, found: with_more_of_them(said.text, said.intent, found),
    ),
    _looked_up(may_be_weighed, sacks_weighed),
    _looked_up_by_intent(may_hold_goods_bought, with_goods_bought),
    _looked_up_by_intent(may_hold_goods_unmarked, with_goods_unmarked),
    _looked_up(may_hold_house, with_house),
    Reading(
        lambda _, found: may_hold_months(found),
        lambda said, found: with_days(said.text, found, today=said.today()),
    ),
    Reading(
        lambda said, _: may_hold_days(said.text),
        lambda said, found: with_days_in_figures(said.text, found, today=said.today()),
    ),
    Reading(
        _always,
        lambda said, found: with_table(said.text, found, said.shop),
    ),
    Reading(
        lambda said, found: may_be_half(said.text, found),
        lambda said, found: halves_named(
            said.text, found, lambda name: said.adds_goods or is_called(said.shop(), name)
        ),
    ),
    Reading(
        lambda _, found: any(ends_with_way(one) for one in found),
        lambda said, found: ways_apart(said.shop(), found),
    ),
    _looked_up(may_hold_counts, counts_apart),
    Reading(
        lambda said, found: may_be_one_period(said.text, found),
        lambda said, found: as_one_period(said.text, found, today=said.today()),
    ),
    Reading(
        lambda _, found: may_hold_goods(found),
        lambda said, found: goods_in_numbers(said.shop(), found),
    ),
    Reading(
        lambda said, found: may_be_goods_on_credit(said.intent, found),
        lambda said, found: goods_on_credit(said.shop(), said.text, found),
    ),
    _looked_up(may_hold_buyers, buyers_apart),
    _looked_up(may_name_seller, without_sellers),
    _looked_up(may_name_payee, with_payee),
    Reading(
        _always,
        lambda said, found: bills_of_house(said.text, said.intent, found),
    ),
    Reading(
        _always,
        lambda said, found: with_payer(
            said.text, said.intent, with_seller(said.text, with_salary(found))
        ),
    ),
)


OF_ROWS = Reading(
    lambda said, found: may_hold_rows(said.text, said.intent, found),
    lambda said, found: with_rows(said.shop(), said.text, said.intent, found),
)
"""Last, as it weighs what was read so far."""

OF_WHICH = Reading(
    lambda said, found: may_be_of_which(said.text, found),
    lambda said, found: without_all_of_them(said.shop(), said.text, found),
)
"""Behind all that finds goods."""


def named_in(said: Said, found: Entities) -> Entities:
    """What a message names, of what the components marked in it.

    Only who runs the shop logs an `item` of expense: a buyer names goods by it.
    """
    for read in BY_WORDS:
        found = read(said.text, found)
    for reading in (*OF_EVERYBODY, *(OF_BUYERS if said.buys else OF_THE_SHOP), OF_ROWS, OF_WHICH):
        if reading.may(said, found):
            found = reading.read(said, found)
    return found
