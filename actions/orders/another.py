"""In the middle of one order: whether a message begins another, or is about somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actions.context import Turn
from actions.forms.customer import is_part_of
from actions.forms.draft import Draft
from actions.goods.lines import asks_for_more, take_goods
from actions.goods.settling import settle_goods
from actions.goods.telling import complete
from actions.lexicon import only, says, words
from actions.match import customer_named
from actions.orders.counter import is_paid_at_once
from actions.reading.said import denied_entities
from actions.reading.table_names import is_table
from erp_core.invoicing import queries as invoices
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.orders import queries as orders
from erp_core.parties.names import person_key

STARTS = frozenset({"order_create", "invoice_generate"})
"""Intents that begin an order of their own."""


def starts_another(turn: Turn, draft: Draft) -> bool:
    """Whether a second order with its own customer and goods begins while one is being written."""
    customer, goods = turn.value("customer_name"), turn.all("product_name")
    if turn.intent not in STARTS:
        return _names_somebody_else(turn, draft)
    if goods and draft["lines"] and not draft["customer"]:
        return not _says_who_is_asked(turn, draft) and _says_all_of_another(turn, draft)
    if goods and draft["customer"] and not customer and _is_sold_to_nobody(turn, draft):
        return True
    return _names_somebody_else(turn, draft)


def _names_somebody_else(turn: Turn, draft: Draft) -> bool:
    """Whether goods are for somebody by name who is not the one that others are written for."""
    said = turn.value("customer_name")
    if not (said and turn.first("product_name") and draft["customer"] and draft["lines"]):
        return False
    other = person_key(said) not in person_key(draft["customer"]["name"])
    return other and not _refuses_goods(turn)


def _is_sold_to_nobody(turn: Turn, draft: Draft) -> bool:
    """ "3 maggi 2 parle g bik gaye nagad", while goods for Pushpa are written, is a sale of its
    own: counted, and paid at once, said to be sold, or taken along; or gone at the counter. So are
    other goods, "2 lassi cash"."""
    if not draft.replying:
        return False
    if not (
        says(turn.words, "sold") or says(turn.words, "took") or _names_only_others(turn, draft)
    ):
        return False
    gone = is_paid_at_once(turn) or says(turn.words, "sold_at_counter")
    apart = _is_paid_otherwise(turn, draft) or not asks_for_more(turn)
    return gone and apart and not _refuses_goods(turn)


def _is_paid_otherwise(turn: Turn, draft: Draft) -> bool:
    """ "Aur ek frooti upi", while goods that were paid in cash are written."""
    paid, way = draft["paid"], turn.method
    return bool(paid and way and way != paid) and not says(turn.words, "stock.all")


def _names_only_others(turn: Turn, draft: Draft) -> bool:
    """Whether none of the goods that are written is named."""
    held = [set(words(f"{line.get('name')} {line['said']}")) for line in draft["lines"]]
    named = [set(words(one.value)) for one in turn.all("product_name")]
    return not any(a & b for a in named for b in held)


def _refuses_goods(turn: Turn) -> bool:
    """Whether something is refused, and not just a number that was said before another: "2 nahi
    3"."""
    row = turn.text.split()
    at = [i for i, one in enumerate(row) if only(words(one) or [""], "negation")]
    numbers = [i for i in at if all(_is_number(row[j : j + 1]) for j in (i - 1, i + 1))]
    if not at or numbers == at:
        return False
    return len(denied_entities(turn)) == len(turn.entities)


def _is_number(said: Sequence[str]) -> bool:
    return bool(said) and parse_number(said[0].strip(",.")) is not None


def is_for_another(turn: Turn, draft: Draft) -> bool:
    """Whether somebody else is named, and no goods, while goods for a customer are written."""
    said = turn.value("customer_name")
    if not (turn.is_user and said and draft["customer"] and draft["lines"]):
        return False
    if turn.first("product_name") or says(turn.words, "negation"):
        return False
    return not is_part_of(said, draft["customer"]["name"])


def is_of_another_table(turn: Turn, draft: Draft) -> bool:
    """Whether a table is named while goods for another one, or for somebody, are written: "table 4
    ka bill" while table 5 orders is about table 4, and nobody has changed places."""
    said = turn.value("customer_name") or ""
    before = (draft["customer"] or {}).get("name") or draft["customer_said"] or ""
    if not turn.is_user or says(turn.words, "negation") or not draft["lines"]:
        return False
    seated = is_table(before) or turn.intent == "invoice_generate"
    return is_table(said) and bool(before) and seated and said != before


def is_of_another_bill(turn: Turn) -> bool:
    """ "Shwetha ka bill" while goods for Infotech are written: hers, where she has one or an order
    of which one is to be made."""
    if turn.intent not in ("invoice_generate", "invoice_share"):
        return False
    with turn.read() as reader:
        found = customer_named(reader, turn.value("customer_name") or "").one
        if found is None:
            return False
        open_orders = orders.open_orders(reader, found.id)
        return bool(open_orders) or invoices.latest_invoice(reader, found.id) is not None


def names_new_customer(turn: Turn) -> bool:
    """ "Naya customer Sunita 9811122233": somebody to be added, and nobody for whom goods are."""
    return turn.intent == "customer_add" and says(turn.words, "somebody_new")


def must_ask_first(turn: Turn, draft: Draft) -> bool:
    """Note the question whether goods belong to the order, or for whom it is, if there is one."""
    if turn.intent == "order_create" and _may_start_another(turn, draft):
        joining = Draft(draft.id, draft.form, {"asked": None})
        take_goods(turn, joining)
        draft["joining"] = joining["lines"]
        draft.pending = {"kind": "join", "field": "join", "token": "join", "yes": "join"}
        return True
    if is_for_another(turn, draft):
        said = turn.value("customer_name")
        draft.pending = {"kind": "whose", "said": said, "token": "whose", "yes": "switch"}
        return True
    return False


def ask_to_join(turn: Turn, draft: Draft) -> None:
    """Ask whether more goods belong to the order, or are one of their own."""
    rows = "\n".join(f"• {_as_said(line)}" for line in draft["joining"])
    turn.say("utter_ask_join", name=draft["customer"]["name"], rows=rows, draft_id=draft.stamp)


def ask_whose(turn: Turn, draft: Draft, pending: Mapping[str, Any]) -> None:
    """Ask whether the order is for somebody else than it was."""
    before = draft["customer"]["name"]
    turn.say("utter_ask_whose", name=pending["said"], before=before, draft_id=draft.stamp)


def _as_said(line: Mapping[str, Any]) -> str:
    """A line in the words of who said it, before its product is found: "3 packet maggi"."""
    parts = (line.get("quantity"), line.get("said_unit"), line["said"])
    return " ".join(str(one) for one in parts if one)


def _says_all_of_another(turn: Turn, draft: Draft) -> bool:
    """Whether other goods come with a name, or paid at once, while it is open for whom the first
    ones are: "canteen ko 40 meals", "3 idli nagad"."""
    whole = turn.first("customer_name") or is_paid_at_once(turn)
    for_whom = (draft["asked"] or {}).get("field") == "customer"
    if not (complete(draft) or (for_whom and turn.first("customer_name"))):
        return False
    if not whole or not draft.replying or says(turn.words, "negation"):
        return False
    held = {word for line in draft["lines"] for word in words(line.get("name") or line["said"])}
    others = [one for one in turn.all("product_name") if not set(words(one.value)) & held]
    if turn.first("customer_name"):
        return len(others) == len(turn.all("product_name")) and not _comes_on_top(turn)
    return not asks_for_more(turn) and not _says_the_same(turn, draft)


def _comes_on_top(turn: Turn) -> bool:
    """Whether goods for somebody by name are more of what is written: "canteen ko 40 meals aur 20
    idli bhi" joins only its own."""
    goods = turn.all("product_name")
    if len(goods) < 2:
        return asks_for_more(turn)
    return says(words(turn.text[: min(one.start for one in goods)]), "more")


def _says_who_is_asked(turn: Turn, draft: Draft) -> bool:
    """Whether the customer named may be the one whose name was not found."""
    said, asked = turn.value("customer_name"), draft["asked"] or {}
    if said is None or asked.get("field") != "customer":
        return False
    names = [asked["said"], *(one["name"] for one in asked["options"])]
    return any(is_part_of(said, name) or is_part_of(name, said) for name in names)


def _may_start_another(turn: Turn, draft: Draft) -> bool:
    """Whether goods for the same customer, named anew, may be an order of their own."""
    if not (turn.value("customer_name") and turn.all("product_name") and draft.replying):
        return False
    if not (draft["customer"] and complete(draft)) or draft["asked"] or asks_for_more(turn):
        return False
    return not says(turn.words, "negation") and not _says_the_same(turn, draft)


def _says_the_same(turn: Turn, draft: Draft) -> bool:
    """Whether a message merely repeats what the draft holds."""
    held = {(line["id"], line["counted"]) for line in draft["lines"]}
    said = Draft(draft.id, draft.form, {"asked": None})
    take_goods(turn, said)
    with turn.read() as reader:
        settle_goods(turn, reader, said, may_add=False)
    lines = complete(said)
    return lines is not None and {(line["id"], line["counted"]) for line in lines} == held
