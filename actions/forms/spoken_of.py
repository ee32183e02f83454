"""Whom and what a message in the middle of a draft means without naming it: what was asked after
since is spoken of, and not what the draft holds."""

from __future__ import annotations

from dataclasses import replace

from actions.context import Turn
from actions.entities import Entity
from actions.forms.customer import customer_name, is_part_of
from actions.forms.draft import Draft
from actions.forms.names import STOCK_FORM
from actions.lexicon import says
from actions.match import just_spoken_of, recent
from erp_core.catalogue import queries as catalogue


def with_what_it_means(turn: Turn, draft: Draft) -> Turn:
    """The turn with the customer and the goods that it means."""
    if not turn.is_user or turn.is_not_words or not turn.text:
        return turn
    whose = _whose(turn, draft)
    if whose is not None:
        turn = replace(turn, entities=[*turn.entities, Entity("customer_name", whose)])
    goods = _goods(turn, draft)
    if goods is None:
        return turn
    at = _behind_count(turn)
    named = Entity("product_name", goods, None, at, at)
    return replace(turn, entities=sorted([*turn.entities, named], key=lambda one: one.start))


def _behind_count(turn: Turn) -> int:
    """Where goods would stand: behind the first number and its unit, before any "do"."""
    number, unit = turn.all("quantity")[0], turn.first("unit")
    beside = unit is not None and not turn.text[number.end : unit.start].strip()
    return unit.end if unit is not None and beside else number.end


def _whose(turn: Turn, draft: Draft) -> str | None:
    """ "Unhone 5000 bheja", when somebody else was asked after since the draft was shown."""
    met = recent(turn, "customer")
    if met is None or str(met) == draft["noted"]:
        return None
    if any(turn.first(one) for one in ("customer_name", "person", "vendor_name")):
        return None
    told = turn.first("amount") or turn.first("product_name") or turn.first("quantity")
    paid = turn.intent == "payment_record" and says(turn.words, "somebody")
    theirs = told and (paid or says(turn.words, "of_a_person"))
    bill = turn.intent == "invoice_generate" and says(turn.words, "same_person")
    return customer_name(turn, met) if theirs or bill else None


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
    if not lines or not named:
        return None
    as_well = here and not is_part_of(named, here) and says(turn.words, "as_well")
    of_them = draft.form == STOCK_FORM and turn.intent == "order_create"
    return str(lines[-1]["name"]) if as_well or of_them else None
