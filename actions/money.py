"""An amount of money in a draft."""

from __future__ import annotations

from actions.context import Turn
from actions.entities import number_of, paise_of
from actions.forms import Draft, denied_entities
from erp_core.kernel.errors import Invalid
from erp_core.kernel.hindi_numbers import parse_amount
from erp_core.kernel.money import from_decimal


def take_amount(turn: Turn, draft: Draft) -> bool:
    """Take the amount that a message names into the draft's `amount`.

    The last one counts: "500 nahi 600". A bare number counts as rupees, also when the language
    components took it for a quantity.
    """
    kept = denied_entities(turn)
    amounts = [paise for one in kept if one.name == "amount" and (paise := paise_of(one))]
    if not amounts:
        numbers = [number_of(one) for one in kept if one.name == "quantity"]
        rupees = numbers[-1] if numbers else parse_amount(turn.text.strip())
        try:
            amounts = [from_decimal(rupees)] if rupees is not None and rupees > 0 else []
        except Invalid:
            amounts = []
    if amounts:
        draft["amount"] = amounts[-1]
    return bool(amounts)
