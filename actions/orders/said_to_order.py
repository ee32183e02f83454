"""What is said to an order that is being written: when it is wanted, what it comes to, its bill,
that it goes, or is cancelled."""

from __future__ import annotations

from decimal import Decimal

from actions.context import Turn
from actions.entities import Line
from actions.errands import serve_beside_goods
from actions.forms.customer import is_part_of
from actions.forms.draft import Draft
from actions.forms.intents import asks
from actions.goods.said import words_of_goods
from actions.goods.taken_off import line_taken_out, set_quantity
from actions.lexicon import beside, only, says
from actions.orders.another import is_for_another
from actions.orders.notes import adds_note
from actions.orders.tables import has_ordered
from actions.parties.own_details import field_to_change
from actions.parties.passing_on import passes_on
from actions.payments.taking_back import undoes_bill
from actions.reading.wanted import is_unwanted, note_wanted
from actions.talk.not_kept import is_no_answer
from erp_core.parties.permissions import Permission


def counts_again(turn: Turn, draft: Draft) -> bool:
    """ "Bandage 3 the": how many there were of goods that are written, and nobody's name."""
    counts = [one for one in turn.text.split() if one.isdigit()]
    if len(counts) != 1 or turn.entities or not draft.replying:
        return False
    for line in draft["lines"] or []:
        beside = [one for one in turn.words if one not in (*words_of_goods(line), counts[0])]
        named = len(beside) < len(turn.words) - 1
        if named and all(
            any(only([one], cue) for cue in ("filler", "tense.past")) for one in beside
        ):
            set_quantity(line, Line(quantity=Decimal(counts[0])))
            return True
    return False


def adds_when(turn: Turn, draft: Draft) -> bool:
    """ "Kal subah bhej dena", said of what is shown; "haan, shaam tak" is shown again with it."""
    beside = ("product_name", "quantity", "amount", "customer_name", "draft")
    if draft["bill"] or not draft["lines"] or any(turn.first(one) for one in beside):
        return False
    if is_no_answer(turn) or passes_on(turn) or turn.first("report_type"):
        return False
    if says(turn.words, "shows") or (not turn.is_user and says(turn.words, "due.money")):
        return False
    fetched = not turn.is_user and says(turn.words, "buyers.delivery")
    if (turn.intent == "deny" and not fetched) or not note_wanted(turn, draft):
        return False
    draft["confirmed"] = None
    if not turn.is_user:
        serve_beside_goods(turn)
    return True


def adds_to_note(turn: Turn, draft: Draft) -> bool:
    """Whether it tells when the goods are wanted, or something that the order is to say."""
    when = adds_when(turn, draft)
    return adds_note(turn, draft) or when


def asks_total(turn: Turn, draft: Draft) -> bool:
    """ "Kitne ka hua unka", "total", of goods that are being written."""
    clear = [one for one in draft["lines"] or [] if one.get("id") and one.get("counted")]
    if turn.entities or not clear or not asks(turn.intent):
        return False
    if says(turn.words, "owing"):
        return False
    beside = ("total_alone", "filler", "same_person", "asking")
    alone = all(any(only([word], cue) for cue in beside) for word in turn.words)
    of_it = says(turn.words, "total_alone") and alone
    return of_it or says(turn.words, "how_much_is_it")


def sends_it(turn: Turn, draft: Draft) -> bool:
    """ "Send", "ok list price pe hi bhej do", of an order that a buyer is asked whether to send."""
    rest = beside(turn.words, "buyers.at_list")
    cues = ("buyers.sends", "filler", "buyers.agreeing", "do_it")
    said = says(turn.words, "buyers.sends") and not says(turn.words, "negation")
    asked = said and "?" not in turn.text and draft.pending is None and not turn.entities
    return asked and all(any(only([one], cue) for cue in cues) for one in rest)


def bills_this(turn: Turn, draft: Draft) -> bool:
    """ "Bill bana do" in the middle of an order is a bill of what is being written."""
    shared = turn.intent == "invoice_share" and says(turn.words, "makes_bill")
    if not (turn.intent == "invoice_generate" or shared) or not turn.is_user or not draft["lines"]:
        return False
    if not turn.may(Permission.CREATE_INVOICE) or is_for_another(turn, draft):
        return False
    if field_to_change(turn) is not None:
        return False
    others = ("product_name", "amount", "order_id", "invoice_number")
    return draft["customer"] is not None and not any(turn.first(one) for one in others)


def cancels_this(turn: Turn, draft: Draft) -> bool:
    """ "Table 3 cancel", while just that table's order is written; a buyer's "aaj nahi chahiye"."""
    if not turn.is_user and turn.intent == "deny" and is_unwanted(turn):
        return True
    named = turn.value("customer_name")
    here = (draft["customer"] or {}).get("name") or draft["customer_said"]
    others = ("product_name", "order_id", "invoice_number")
    if turn.intent != "order_cancel" or not turn.is_user or any(turn.first(one) for one in others):
        return False
    theirs = bool(named and here) and is_part_of(str(named), str(here))
    return theirs and not undoes_bill(turn) and not line_taken_out(turn, draft["lines"] or [])


def joins_table(turn: Turn, draft: Draft) -> bool:
    """Whether goods are for a table that has ordered already, while others are served here."""
    said, here = turn.value("customer_name"), (draft["customer"] or {}).get("name")
    return said not in (here, draft["customer_said"]) and bool(has_ordered(turn))
