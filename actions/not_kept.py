"""What shops wish for and Bahi does not do, each with what comes nearest to it: goods hired out or
given free, what a vendor asks for its goods, the bill of nobody, two orders in one wish."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.match import choice_buttons, customer_named, customer_option
from actions.vendors import is_customer, seller_named

NEAREST = 3


def hired_out(turn: Turn) -> list[EventType] | None:
    """ "Generator kiraye pe diya 500 roz" is no expense and no sale."""
    if not says(turn.words, "not_kept.hired_out"):
        return None
    turn.say("utter_hire_not_kept")
    return []


def given_free(turn: Turn) -> list[EventType] | None:
    """ "Ek cover free me diya" must not be billed at its rate."""
    if not says(turn.words, "not_kept.free") or says(turn.words, "not_kept.free_of_else"):
        return None
    if turn.first("product_name") is None:
        return None
    turn.say("utter_free_not_kept", product=turn.all("product_name")[-1].value)
    return []


def quoted_by_vendor(turn: Turn) -> list[EventType] | None:
    """ "Redington se 65000 me mil raha hai" changes no rate of the shop's own."""
    named = seller_named(turn)
    offered = says(turn.words, "not_kept.on_offer") and named is not None
    if not (offered or says(turn.words, "not_kept.quotes")) or turn.first("amount") is None:
        return None
    if turn.first("product_name") is None or (named and is_customer(turn, named.value)):
        return None
    turn.say("utter_quote_not_kept", product=turn.value("product_name"))
    return []


def bill_of_nobody(turn: Turn) -> list[EventType] | None:
    """ "Pappu ka bill", where nobody is called so: the bill of a stranger is not to be made."""
    said = turn.value("customer_name")
    shows = turn.intent in ("invoice_generate", "invoice_share") and says(turn.words, "bill_words")
    if said is None or not shows or says(turn.words, "makes_bill") or len(turn.entities) > 1:
        return None
    with turn.read() as reader:
        found = customer_named(reader, said)
        options = [customer_option(turn, one) for one in found.options[:NEAREST]]
    if found.one or not found.guesses:
        return None
    turn.say(
        "utter_nobodys_bill",
        said=said,
        near=turn.line("line_did_you_mean") if options else "",
        choices=choice_buttons(options, turn.intent),
    )
    return []


def cancel_and_order(turn: Turn) -> list[EventType] | None:
    """ "Pushpa ka order cancel aur naya likho 3 maggi" asks for two things, of which the second
    alone would leave both orders."""
    two = says(turn.words, "cancel") and says(turn.words, "newness") and says(turn.words, "joining")
    named = turn.value("customer_name")
    if not two or named is None or turn.first("product_name") is None:
        return None
    turn.say("utter_cancel_then_order", name=named)
    return []
