"""Who charges tax, and where a supply takes place. Orders and invoices ask the same here."""

from __future__ import annotations

from typing import Protocol

from erp_core.tax import gstin as gstins
from erp_core.tax import states


class Party(Protocol):
    """What the rules need to know of a business or a customer."""

    @property
    def gstin(self) -> str | None: ...

    @property
    def state(self) -> str | None: ...


def charges_tax(business: Party) -> bool:
    """Whether the business may charge GST: only one that is registered may (section 32)."""
    return business.gstin is not None


def state_of(party: Party) -> str | None:
    """A party's state: where it is registered, else where its address is, if known."""
    if party.gstin:
        return gstins.state_of(party.gstin)
    return states.checked(party.state) if party.state else None


def place_of_supply(business: Party, customer: Party | None) -> str:
    """The state where goods are supplied (IGST Act, section 10).

    A registered buyer's own state; an unregistered one's state on the document (section 10(1)(ca));
    the supplier's when the buyer's is not known.
    """
    supplier = state_of(business)
    if supplier is None:
        raise ValueError("a business has a state")
    return (state_of(customer) if customer else None) or supplier


def document_kind(business: Party, *, taxed: bool) -> str:
    """What a sale is billed with: "tax_invoice", "bill_of_supply" (nil-rated or exempt goods of a
    registered business, rule 49), or a plain "bill" of one that is not registered."""
    if not charges_tax(business):
        return "bill"
    return "tax_invoice" if taxed else "bill_of_supply"
