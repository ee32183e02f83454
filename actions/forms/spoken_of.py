"""Whom and what a message in the middle of a draft means without naming it: what was asked after
since is spoken of, and not what the draft holds."""

from __future__ import annotations

from dataclasses import replace

from actions.context import Turn
from actions.entities import Entity
from actions.forms.customer import customer_name, is_part_of
from actions.forms.draft import Draft
from actions.forms.names import ORDER_FORM, PURCHASE_FORM, STOCK_FORM
from actions.lexicon import says
from actions.match import just_spoken_of, recent
from erp_core.catalogue import queries as catalogue


def with_what_it_means(turn: Turn, draft: Draft) -> Turn:
    """The turn with the customer and the goods that it means."""
    if not turn.is_user or turn.is_not_words or not turn.text:
        return turn
    if _wants_the_same(turn, draft):
        return _with_all_of(turn, draft)
    whose = _whose(turn, draft)
    if whose is not None:
        turn = replace(turn, entities=[*turn.entities, Entity("customer_name", whose)])
    goods = _goods(turn, draft)
    if goods is None:
        return turn
    at = _behind_count(turn)
    named = Entity("product_name", goods, None, at, at)
    return replace(turn, entities=sorted([*turn.entities, named], key=lambda one: one.start))


def _wants_the_same(turn: Turn, draft: Draft) -> bool:
    """ "Meena ko bhi same", while goods for somebody else are written."""
    named, here = turn.value("customer_name"), (draft["customer"] or {}).get("name")
    others = any(turn.first(one) for one in ("product_name", "quantity", "amount", "item"))
    if others or draft.form != ORDER_FORM or not (named and here) or is_part_of(named, here):
        return False
    counted = draft["lines"] and all(line.get("counted") for line in draft["lines"])
    return bool(counted) and says(turn.words, "as_well") and says(turn.words, "same_thing")


def _with_all_of(turn: Turn, draft: Draft) -> Turn:
    """The turn as if the goods of the draft had been named behind it."""
    text, entities = turn.text, list(turn.entities)
    for line in draft["lines"]:
        text += ", "
        for name, said in (("quantity", line["counted"]), ("product_name", line["name"])):
            entities.append(Entity(name, said, None, len(text), len(text) + len(said)))
            text += f"{said} "
    return replace(turn, text=text, intent="order_create", entities=entities)


def _behind_count(turn: Turn) -> int:
    """Where goods would stand: behind the first number and its unit, before any "do"."""
    number, unit = turn.all("quantity")[0], turn.first("unit")
    beside = unit is not None and not turn.text[number.end : unit.start].strip()
    return unit.end if unit is not None and beside else number.end


def _whose(turn: Turn, draft: Draft) -> str | None:
    """ "Unhone 5000 bheja", when somebody else was asked after since the draft was shown."""
    if any(turn.first(one) for one in ("customer_name", "person", "vendor_name")):
        return None
    here = (draft["customer"] or {}).get("name")
    if here and turn.first("quantity") and _took_along(turn):
        return str(here)
    met = recent(turn, "customer")
    if met is None or str(met) == draft["noted"]:
        return None
    told = turn.first("amount") or turn.first("product_name") or turn.first("quantity")
    paid = turn.intent == "payment_record" and says(turn.words, "somebody")
    theirs = told and (paid or says(turn.words, "of_a_person"))
    bill = turn.intent == "invoice_generate" and says(turn.words, "same_person")
    return customer_name(turn, met) if theirs or bill else None


def _took_along(turn: Turn) -> bool:
    """ "Aur 2 maggi le gayi", of whoever just paid."""
    return says(turn.words, "took_along") and not says(turn.words, "shoppers")


def _goods(turn: Turn, draft: Draft) -> str | None:
    """ "10 packet Rajmahal ko", right after the rate of salt was asked for in the middle of this;
    "Kamla ko bhi 5" of what is written for Meena; "Komal ko 1" of goods that have come."""
    others = ("product_name", "item", "amount", "order_id", "invoice_number")
    if not turn.first("quantity") or any(turn.first(one) for one in others):
        return None
    lines, named = draft["lines"] or [], turn.value("customer_name")
    if any(not line.get("counted") for line in lines) or says(turn.words, "negation"):
        return None
    told, held = recent(turn, "product"), {line.get("id") for line in lines}
    known = {draft["goods_noted"], *held}
    wanted = named or says(turn.words, "wanting") or says(turn.words, "more")
    if told and str(told) not in known and just_spoken_of(turn, "product") and wanted:
        with turn.read() as reader:
            return catalogue.product(reader, told).name
    here = (draft["customer"] or {}).get("name")
    bought = draft.form in (STOCK_FORM, PURCHASE_FORM)
    if lines and bought and says(turn.words, "of_those"):
        return str(lines[-1]["name"])
    if not lines or not named:
        return None
    as_well = here and not is_part_of(named, here) and says(turn.words, "as_well")
    of_them = bought and turn.intent == "order_create"
    return str(lines[-1]["name"]) if as_well or of_them else None
