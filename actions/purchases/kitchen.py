"""What a kitchen buys: no stock of it is kept, so it is money spent, "20 kg pyaz 30 ke hisaab se".

So is what anybody bought on credit with no goods by name but what it was for.
"""

from __future__ import annotations

from actions.context import Turn
from actions.entities import Entity
from actions.forms.names import EXPENSE_FORM, PURCHASE_FORM
from actions.lexicon import only, says, words
from actions.match import product_named
from actions.purchases.vendors import is_customer, seller_named, stands_before, stands_behind
from erp_core.catalogue.queries import food_served
from erp_core.expenses.categories import OTHER, guess_category
from erp_core.kernel.quantity import UNITS, parse_unit

NOUN = 3
"""So many words behind a sum it is said what it was for."""


def buys_for_kitchen(turn: Turn) -> bool:
    """Whether goods that are none of its dishes were bought by a restaurant."""
    goods = turn.all("product_name")
    if not _tells(turn) or not goods or turn.first("amount") is None:
        return False
    named = seller_named(turn)
    buys_here = named is not None and is_customer(turn, named.value)
    if buys_here or turn.first("order_id") or says(turn.words, "wanting"):
        return False
    if not (says(turn.words, "buying.bought") or _in_bulk(turn)):
        return False
    with turn.read() as reader:
        if food_served(reader) is None:
            return False
        found = [product_named(reader, one.value) for one in goods]
    return all(one.guesses or not (one.one or one.options) for one in found)


def owes_for(turn: Turn) -> str | None:
    """The form of what was bought on credit for a sum: "sharma se 3500 ka kirana udhaar liya". No
    money came, so it is no loan, and none went."""
    named, amount = seller_named(turn), turn.first("amount")
    if not _tells(turn) or named is None or amount is None or turn.first("product_name"):
        return None
    on_credit = says(turn.words, "buying.on_credit") and says(turn.words, "buying.bought")
    given = stands_before(turn, named, "se", "from") or stands_behind(turn, named, "from")
    noun = _bought_for(turn, amount)
    if not (on_credit and given and noun):
        return None
    with turn.read() as reader:
        kitchen = food_served(reader) is not None
    spent = kitchen or guess_category(noun) != OTHER
    return EXPENSE_FORM if spent else PURCHASE_FORM


def _tells(turn: Turn) -> bool:
    plain = turn.is_user and not turn.is_not_words and turn.metadata.get("command") is None
    return plain and "?" not in turn.text and not says(turn.words, "buying.question")


def _in_bulk(turn: Turn) -> bool:
    """Whether goods are measured as no dish is: by weight, by the litre, in sacks."""
    units = {parse_unit(one.value) for one in turn.all("unit")} - {None}
    return any(not UNITS[one or ""].whole or one in ("bag", "box") for one in units)


def _bought_for(turn: Turn, amount: Entity) -> str | None:
    """What stands behind a sum as what it was for; a loan is none."""
    behind = words(turn.text[amount.end :])
    at = next((at for at, one in enumerate(behind[:2]) if only([one], "behind_a_sum")), None)
    noun = behind[at + 1 : at + 1 + NOUN] if at is not None else ()
    cues = ("buying.on_credit", "buying.bought", "tills.loan", "filler")
    kept = [one for one in noun if not any(only([one], cue) for cue in cues)]
    return " ".join(kept) or None
