"""What all goods come to together, as it is said, and as it was shown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from actions.context import Turn
from actions.entities import Entity, is_for_one, number_of, paise_of
from actions.forms.draft import Draft
from actions.goods.said import counts_hardly, let_be_at
from actions.invoicing.discounts import sum_off
from actions.invoicing.sales import exact_total, rate_lacks, set_said_total, settle_ways
from actions.match import product_named
from actions.orders.change_back import change_told, handed_over
from actions.orders.lines import wanted
from actions.orders.rounding import settle_rounding
from actions.reading.parts import without
from actions.reading.whole_sums import sum_of_all
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.orders import queries as orders
from erp_core.parties.permissions import Permission

_COUNTED = frozenset({"product_name", "quantity", "unit"})


def take_total(turn: Turn, draft: Draft) -> Turn:
    """ "2 glass 1 cover becha 600 cash me" is 600 for all, of what is paid at once; so is what is
    said to be for both, or in total."""
    given = handed_over(turn)
    if change := change_told(turn):
        turn = without(turn, change.start, len(turn.text))
        given = next(iter(turn.all("amount")[::-1]), None)
        if given is None:
            return turn
    if given:
        draft["given"] = paise_of(given)
        return _without_note(turn, given)
    goods, sums = turn.all("product_name"), turn.all("amount")
    whole = sum_of_all(turn) or _let_be_in_all(turn, draft)
    off = sum_off(turn)
    if whole is not None and (goods or draft["lines"]):
        draft["inside"] = True
    elif (draft["paid"] or draft["inside"]) and len(goods) > 1 and len(sums) == 1 and not off:
        behind = sums[0].start >= goods[-1].end > 0
        whole = sums[0] if behind and not is_for_one(turn.text, sums[0]) else None
    elif len(goods) > 1 and len(sums) == 1 and not off and _costs_all(turn, goods, sums[0]):
        whole, draft["inside"] = sums[0], True
    paise = paise_of(whole) if whole else None
    if whole is None or paise is None:
        return turn
    if not turn.may(Permission.NAME_PRICE) and _listed(turn, goods) != paise:
        rows = [one.value for one in goods] or [one["said"] for one in draft["lines"]]
        turn.say("utter_rate_stays", rows=", ".join(rows))
    set_said_total(draft, paise)
    return without(turn, whole.start, whole.end)


def _let_be_in_all(turn: Turn, draft: Draft) -> Entity | None:
    """ "Nahi rehne do 480 hi", said of several goods that are shown at a little more together."""
    lines, shown = draft["lines"] or [], draft["shown"] or 0
    for one in [*turn.all("amount"), *turn.all("quantity")] if len(lines) > 1 else ():
        about = shown <= 2 * (paise_of(one) or 0) <= 2 * shown
        if about and let_be_at(turn, one) and counts_hardly(lines, one):
            return one
    return None


def _without_note(turn: Turn, note: Entity) -> Turn:
    """Without the note that was given and what is asked of it; goods may stand behind it."""
    behind = [one for one in turn.entities if one.start >= note.end and one.name in _COUNTED]
    if not behind:
        return without(turn, note.start, len(turn.text))
    turn = without(turn, max(one.end for one in behind), len(turn.text))
    return without(turn, note.start, min(one.start for one in behind))


def _costs_all(turn: Turn, goods: Sequence[Entity], money: Entity) -> bool:
    """Whether a sum behind several goods is far from the rate of the last, and near what all of
    them are listed at: "manicure pedicure 1000"."""
    if not goods[-1].end or money.start < goods[-1].end or is_for_one(turn.text, money):
        return False
    listed, paise = _each_listed(turn, goods), paise_of(money) or 0
    if listed is None:
        return False
    far = min(abs(paise - one) for one in (listed[-1], listed[-1] / _count_before(turn, goods[-1])))
    return abs(paise - sum(listed)) < far and 2 * abs(paise - sum(listed)) <= sum(listed)


def _each_listed(turn: Turn, goods: Sequence[Entity]) -> list[Decimal] | None:
    """What so many of each of some goods are listed at; None where one of them is not known."""
    with turn.read() as reader:
        known = [product_named(reader, one.value).one for one in goods]
    counts = [_count_before(turn, one) for one in goods]
    listed = [one.price_paise * count for one, count in zip(known, counts, strict=True) if one]
    return listed if goods and len(listed) == len(goods) else None


def _listed(turn: Turn, goods: Sequence[Entity]) -> Decimal | None:
    listed = _each_listed(turn, goods)
    return sum(listed, Decimal(0)) if listed else None


def _count_before(turn: Turn, goods: Entity) -> Decimal:
    found = (
        number_of(one)
        for one in turn.all("quantity")
        if one.end <= goods.start and len(turn.text[one.end : goods.start].split()) < 2
    )
    return next((one for one in found if one), Decimal(1))


def settle_total(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Remember the total that is shown; when it is another one at the yes, ask again with it."""
    draft["round_total"] = None
    settle_rounding(turn, reader, draft, exact_total(turn, draft))
    preview = orders.preview(
        reader,
        customer_id=UUID(draft["customer"]["id"]),
        lines=wanted(turn, draft),
        said_total=exact_total(turn, draft),
    )
    shown = draft["shown"]
    asked = draft["bill"] and rate_lacks(preview)
    draft["shown"] = None if asked else preview.total_paise
    settle_ways(turn, draft, preview.total_paise)
    if draft["confirmed"] and shown is not None and shown != preview.total_paise:
        draft["confirmed"] = None
        turn.say("utter_total_changed", before=inr(shown), after=inr(preview.total_paise))
