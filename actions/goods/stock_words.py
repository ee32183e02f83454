"""What a message says of stock: what came, what is gone, and what is no change of it."""

from __future__ import annotations

from dataclasses import replace

from actions.context import Turn
from actions.entities import Entity
from actions.invoicing.sales import sold_on_credit
from actions.lexicon import beside, says, where, words
from actions.match import (
    customer_in_text,
)
from actions.purchases.vendors import is_customer, stands_before
from actions.reading.gone_back import gone_back
from actions.reading.parts import part_of
from actions.reading.said import is_finished
from erp_core.kernel.clauses import clauses
from erp_core.parties.permissions import Permission


def is_given(turn: Turn) -> bool:
    """Whether goods are given to a customer rather than taken off: "ravi ko 2 maggi"."""
    counted = turn.first("product_name") and turn.first("quantity")
    given = says(turn.words, "given_to") or (turn.words[-1:] == ("ko",) and not change_in(turn))
    named = turn.first("customer_name")
    given = given or (
        named is not None and stands_before(turn, named, "ko") and says(turn.words, "tense.past")
    )
    if not counted or not given or gone_back(turn.words):
        return False
    with turn.read() as reader:
        return customer_in_text(turn, reader) is not None


def changes_of_one(turn: Turn) -> list[Turn]:
    """ "10 doodh aaya, 2 kharab nikle", "20 aaye usme 3 toote the": two changes of the goods that
    are named once."""
    goods, counts = turn.all("product_name"), turn.all("quantity")
    spans = clauses(turn.text)
    if len(spans) == 1 and len(counts) == 2 and counts[1].end:
        spans = [(0, counts[1].start), (counts[1].start, len(turn.text))]
    parts = [part_of(turn, span) for span in spans]
    counted = all(len(one.all("quantity")) == 1 and change_in(one) for one in parts)
    if len(goods) != 1 or not counted or len({change_in(one) for one in parts}) < 2:
        return []
    same = replace(goods[0], start=0, end=0)
    return [
        one if one.first("product_name") else replace(one, entities=[same, *one.entities])
        for one in parts
    ]


def given_of_them(turn: Turn) -> tuple[Turn, Turn] | None:
    """ "10 doodh aaya 2 pushpa ko de diye": the goods that came, and what of them a customer was
    given, or was sold, right away, with the goods that are named once."""
    counts, named = turn.all("quantity"), turn.first("customer_name")
    if len(counts) != 2 or not turn.may(Permission.CREATE_ORDER):
        return None
    start = min(counts[1].start, named.start if named else counts[1].start)
    came, given = part_of(turn, (0, start)), part_of(turn, (start, len(turn.text)))
    goods = came.first("product_name")
    if goods is None or change_in(came) != "add":
        return None
    to_them = named is not None and stands_before(turn, named, "ko")
    paid = named is None and given.method and says(given.words, "sold")
    if not paid and not (to_them and says(given.words, "buying.gave")):
        return None
    if given.first("product_name") is None:
        same = replace(goods, start=0, end=0)
        given = replace(given, entities=[same, *given.entities])
    return came, replace(given, intent="order_create")


def takes_home(turn: Turn) -> bool:
    """ "Ghar ke liye 2 doodh le gaye", "maine apne liye 1 charger rakha": those who run the shop
    took goods, and nobody bought them."""
    if not turn.is_user or turn.is_not_words or turn.metadata.get("kind") == "button":
        return False
    if not (turn.first("product_name") and turn.first("quantity")) or says(turn.words, "asking"):
        return False
    somebody = any(turn.first(one) for one in ("customer_name", "vendor_name", "order_id"))
    others = any(says(turn.words, one) for one in ("shoppers", "same_person", "to_them"))
    return not somebody and not others and _is_own_use(turn.words)


def _is_own_use(said: tuple[str, ...]) -> bool:
    return says(said, "stock.own") and says(said, "stock.own_taken")


def is_credited(turn: Turn) -> bool:
    """ "Deccan 5 earphones, udhaar": what a customer owes for was not counted but sold."""
    named = turn.first("customer_name")
    if named is None or not sold_on_credit(turn) or stands_before(turn, named, "se", "from"):
        return False
    behind = words(turn.text[named.end :])
    if _came(turn, named):
        behind = beside(behind, "stock.arrived")
    came = words(turn.text[: named.start]), behind
    arrived = any(says(one, "stock.arrived") for one in came)
    return not arrived and is_customer(turn, named.value)


def _came(turn: Turn, named: Entity) -> bool:
    """Whether it was the customer who came: "Pushpa aayi thi, …", "Pushpa ki gadi aayi, …"."""
    behind = words(turn.text[named.end :])
    vehicle = where(behind, "stock.vehicle")
    first = vehicle[1] if vehicle and vehicle[0] == 0 else 0
    return bool(named.end) and says(behind[first : first + 1], "stock.arrived")


def is_for_customer(turn: Turn) -> bool:
    """ "Rasi 659 ke 6 packet kamlabai": goods and how many for a customer, and nothing of what
    becomes of the stock."""
    named = turn.first("customer_name")
    counted = turn.first("product_name") and turn.first("quantity")
    if named is None or not counted or change_in(turn) or gone_back(turn.words):
        return False
    open_still = any(says(turn.words, one) for one in ("asking", "stock.lost", "buying.bought"))
    if open_still or stands_before(turn, named, "se", "from", "ka", "ke", "ki", "ne"):
        return False
    return is_customer(turn, named.value)


def change_in(turn: Turn) -> str | None:
    """What is broken is gone as well, and what is counted was not added: so in this order."""
    said = words_beside_goods(turn)
    if asked := where(said, "stock.if_asked"):
        said = said[: asked[0]]
    if _is_own_use(said):
        return "own"
    for change in ("damage", "remove", "add", "set"):
        if says(said, f"stock.{change}"):
            came = says(said, "stock.arrived") and not says(said, "sold")
            if change == "add" and says(said, "stock.count_of"):
                return "set"
            return "add" if change == "remove" and came else change
    if says(said, "stock.made"):
        return "add"
    if says(said, "stock.left") or is_finished(turn):
        return "set"
    return {"in": "add", "out": "remove"}.get(said[-1] if said else "")


def words_beside_goods(turn: Turn) -> tuple[str, ...]:
    """What is said beside goods and numbers: "toor dal" adds nothing, "saade teen" rots nothing."""
    marked = {"product_name", "quantity", "amount", "unit"}
    kept, at = "", 0
    for one in turn.entities:
        if one.name in marked and one.end:
            kept += f"{turn.text[at : one.start]} | "
            at = max(at, one.end)
    return words(kept + turn.text[at:])
