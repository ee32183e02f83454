"""New rates of several goods in one message, on one card: "chini 46 aur maggi 15 kar do", "sab cake
10% mehnge kar do"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS, paise_of
from actions.forms.draft import Draft
from actions.forms.product import set_product
from actions.goods.rate_steps import step_of, with_amount
from actions.goods.said import words_of_goods
from actions.invoicing.put_right import figures_of
from actions.lexicon import only, says, where, words
from actions.match import product_named, remember
from actions.reading.money import written
from actions.reading.parts import split_by
from actions.reading.sums_apart import with_sums_apart
from actions.reading.unheard import with_goods_wanted
from actions.reading.when import starts_later
from actions.wording import day
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue import repricing, service
from erp_core.journal.context import Reader
from erp_core.kernel.money import from_decimal, inr

Line = dict[str, Any]

MOST_OF_A_FAMILY = 40
"""So many goods of a name get a new rate at once."""


def take(turn: Turn, draft: Draft) -> Turn:
    """The part of the message about its first goods; the others are kept beside them, where each
    has a rate that is said in full and is wanted at once."""
    turn = _with_goods_unheard(with_sums_apart(turn))
    if _is_of_all(of_all := with_amount(turn), draft):
        return _first_of_all(of_all, draft)
    if not draft.replying and (once := _said_of_each(turn)) is not None:
        return _first_of_all(once, draft)
    parts = [turn] if draft.replying else split_by(_all_as_rates(turn), "product_name", "amount")
    parts = [_without_former_rate(one) for one in parts] if len(parts) > 1 else parts
    plain = all(len(one.all("amount")) == 1 and step_of(one) is None for one in parts)
    if len(parts) < 2 or not plain or starts_later(turn) is not None:
        return turn
    draft["beside"] = [
        {"said": one.value("product_name"), "price": paise_of(one.all("amount")[0])}
        for one in parts[1:]
    ]
    return parts[0]


def _with_goods_unheard(turn: Turn) -> Turn:
    """ "Gold facial 1300 kar do fruit 750": with as many goods as there are rates, where the shop
    surely has what stands beside one."""
    goods, sums = turn.all("product_name"), turn.all("amount")
    if not 0 < len(goods) < len(sums):
        return turn
    with turn.read() as reader:
        found = with_goods_wanted(reader, turn.text, turn.entities)
    more = [one for one in found if one.name == "product_name"]
    return replace(turn, entities=found) if len(more) == len(sums) else turn


def _said_of_each(turn: Turn) -> Turn | None:
    """ "Servicing aur installation 100 100 badha do", "threading aur waxing 10% badha do": with the
    one step that is said behind several goods once; None where none is."""
    turn = with_amount(turn)
    goods, sums = turn.all("product_name"), turn.all("amount")
    if len(goods) < 2 or len(sums) not in (1, len(goods)) or goods[-1].end > sums[0].start:
        return None
    between = (turn.text[one.end : other.start] for one, other in pairwise(goods))
    joined = all(only(words(one) or ("aur",), "joining") for one in between)
    if not joined or len({paise_of(one) for one in sums}) > 1:
        return None
    once = replace(turn, entities=[one for one in turn.entities if one not in sums[:-1]])
    return once if step_of(once) and starts_later(turn) is None else None


def _without_former_rate(turn: Turn) -> Turn:
    """The part about some goods without the rate that they had: "60 se 70"."""
    sums = turn.all("amount")
    between = words(turn.text[sums[0].end : sums[-1].start]) if sums else ()
    if len(set(sums)) < 2 or not only(between, "periods.from"):
        return turn
    return replace(turn, entities=[one for one in turn.entities if one is not sums[0]])


def _is_of_all(turn: Turn, draft: Draft) -> bool:
    """Whether one rate, or one step of it, is that of several goods: "maggi aur surf dono 15 kar
    do", "dono me 5% badha do"."""
    plain = len(turn.all("product_name")) > 1 and len(turn.all("amount")) == 1
    if draft.replying or not plain or not says(turn.words, "of_all"):
        return False
    return starts_later(turn) is None


def _first_of_all(turn: Turn, draft: Draft) -> Turn:
    """The first of the goods and the rate, which is that of the others too."""
    others = turn.all("product_name")[1:]
    price = None if step_of(turn) else paise_of(turn.all("amount")[0])
    draft["beside"] = [{"said": one.value, "price": price} for one in others]
    return replace(turn, entities=[one for one in turn.entities if one not in others])


def _all_as_rates(turn: Turn) -> Turn:
    """The message with numbers taken for counts as money, where each of several goods has one
    number and none has a unit: "maggi 15 aur chini 46"."""
    goods, numbers = turn.all("product_name"), [one for one in turn.entities if one.name in NUMBERS]
    if turn.first("unit") or not turn.first("amount") or len(goods) != len(numbers):
        return turn
    rates = [replace(one, name="amount") if one in numbers else one for one in turn.entities]
    return replace(turn, entities=rates)


def take_family(turn: Turn, draft: Draft) -> bool:
    """Take that all goods of a name are meant: "sab cake", or "dono" where it was asked which."""
    line = (draft["lines"] or [{}])[0]
    if draft["all"] or line.get("id") or not says(turn.words, "of_all"):
        return False
    said = line.get("said", "").split()
    bare = " ".join(one for one in said if not only(words(one), "of_all"))
    if not bare:
        return False
    line["said"], draft["all"] = bare, True
    return True


def settle_family(reader: Reader, draft: Draft) -> None:
    """Find the goods of a name, of which the first is the draft's own; and where it was said what
    becomes of their rate, the rate of each."""
    line = (draft["lines"] or [{}])[0]
    if draft["all"] and not line.get("id"):
        found = catalogue.family(reader, line["said"], limit=MOST_OF_A_FAMILY)
        if len(found) > 1:
            draft["family"] = [str(one.id) for one in found[1:]]
            set_product(line, found[0])
    if not draft["family"] or not draft["anew"]:
        return
    others = catalogue.products_by_id(reader, [UUID(one) for one in draft["family"]])
    draft["beside"] = [
        {"said": one.name, "price": stepped(one.price_paise, draft)} for one in others.values()
    ]
    draft["anew"] = None


def stepped(now: int, draft: Draft) -> int:
    """What a rate becomes by what was said: the new one, or so much more or less."""
    step = draft["step"]
    if not step:
        return int(draft["price"] or 0)
    move = repricing.moved_by_part if step.endswith("_percent") else repricing.moved
    return max(move(now, "up" if step.startswith("up") else "down", draft["step_by"]), 0)


def corrects(turn: Turn, draft: Draft) -> bool:
    """Take another rate of goods that stand beside the first, "nahi, maggi 16", "not 46 it's 47",
    or leave one of them out: "tel rehne do sirf chini"."""
    if (
        draft.replying
        and draft["beside"]
        and (_takes_figure(turn, draft) or leaves_out(turn, draft))
    ):
        return True
    said, amounts = turn.value("product_name"), turn.all("amount") or turn.all("quantity")
    if not draft.replying or not draft["beside"] or not said or len(amounts) != 1:
        return False
    meant = [one for one in (draft["lines"][0], *draft["beside"]) if _may_be(said, one)]
    if len(meant) != 1 or meant[0] is draft["lines"][0]:
        return False
    meant[0]["price"] = paise_of(amounts[0])
    return True


def _takes_figure(turn: Turn, draft: Draft) -> bool:
    """Take the number in the place of the one rate that is refused."""
    figures = figures_of(turn)
    if figures is None:
        return False
    wrong, right = (from_decimal(one) for one in figures)
    shown = [draft["price"], *(one["price"] for one in draft["beside"])]
    if shown.count(wrong) != 1:
        return False
    at = shown.index(wrong)
    if at:
        draft["beside"][at - 1]["price"] = right
    else:
        draft["price"] = right
    return True


def leaves_out(turn: Turn, draft: Draft) -> bool:
    """Leave out the goods that stand before the word for it, "vanilla cake" alone of several cakes;
    never all of them."""
    found = where(turn.words, "cancel") or where(turn.words, "remove")
    if not draft["beside"] or found is None or any(turn.first(one) for one in NUMBERS):
        return False
    before = {*turn.words[: found[0]]}
    first = {**draft["lines"][0], "price": draft["price"]}
    rows = [(one, words_of_goods(one)) for one in (first, *draft["beside"])]
    gone = _named_in(before, rows)
    kept = [one for one, _ in rows if one not in gone]
    if not kept or len(kept) == len(rows):
        return False
    if kept[0] is not first:
        draft["lines"], draft["price"] = [{"said": kept[0]["said"]}], kept[0]["price"]
        draft["all"] = None
    draft["beside"] = kept[1:] or None
    return True


def _named_in(said: set[str], rows: Sequence[tuple[Line, set[str]]]) -> list[Line]:
    """Those of some goods that words name: the longest names that are said in full, and what the
    words that are left are a part of."""
    named = []
    for one, held in sorted(rows, key=lambda row: -len(row[1])):
        if held and held <= said:
            named.append(one)
            said = said - held
    return [*named, *(one for one, held in rows if one not in named and held & said)]


def _may_be(said: str, line: Mapping[str, Any]) -> bool:
    return set(words(said)) <= set(words(f"{line['said']} {line.get('name')}"))


def settle(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Find the goods; what is not surely known is told back. All change at once, at the yes."""
    if draft["beside"] and draft["since"]:
        turn.say("utter_not_in_it", said=day(date.fromisoformat(draft["since"])))
        draft["since"] = None
    known, held = [], {(draft["lines"] or [{}])[0].get("id")}
    for one in draft["beside"] or []:
        found = product_named(reader, one["said"]).one
        if found is not None and str(found.id) in held:
            continue
        price = one["price"]
        if found is not None and price is None and draft["step"]:
            price = stepped(found.price_paise, draft)
        if found is None or not price:
            turn.say("utter_not_in_it", said=one["said"])
            continue
        held.add(str(found.id))
        known.append({**one, "price": price, "id": str(found.id), "name": found.name})
    draft["beside"] = known or None


def ask(turn: Turn, reader: Reader, draft: Draft) -> None:
    """All of them, from what to what."""
    rows, far = [], False
    for one in _all(draft):
        now = catalogue.product(reader, UUID(one["product_id"]))
        far = far or repricing.is_far_off(now.price_paise, one["price_paise"])
        rows.append(_row(now.name, now.price_paise, one["price_paise"]))
    if far:
        turn.say("utter_rate_far_off")
    turn.say("utter_confirm_prices", rows=turn.lines("line_price_step", rows), draft_id=draft.stamp)


def write(turn: Turn, draft: Draft) -> list[EventType]:
    """Change all of them, or none."""
    done = turn.run(service.change_prices, key=f"draft:{draft.id}", prices=_all(draft))
    names = [one["name"] for one in (draft["lines"][0], *draft["beside"])]
    rows = [
        _row(name, one["before"], one["after"])
        for name, one in zip(names, done["changes"], strict=True)
    ]
    turn.say("utter_prices_changed", rows=turn.lines("line_price_step", rows))
    last = done["changes"][-1]
    # Several rates were written, and none of them is all that was said.
    noted = written("price_update", last["after"], entry_id=None, name=names[-1])
    return [remember(turn, product=last["product_id"], written=noted)]


def _all(draft: Draft) -> list[dict[str, Any]]:
    first = {"product_id": draft["lines"][0]["id"], "price_paise": draft["price"]}
    return [
        first,
        *({"product_id": one["id"], "price_paise": one["price"]} for one in draft["beside"]),
    ]


def _row(name: str, before: int, after: int) -> dict[str, str]:
    return {"product": name, "before": inr(before), "after": inr(after)}
