"""Who charges tax, and where a supply takes place. Orders and invoices ask the same here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from erp_core.kernel.errors import Conflict
from erp_core.tax import gstin as gstins
from erp_core.tax import states


class Party(Protocol):
    """What the rules need to know of a business or a customer."""

    @property
    def gstin(self) -> str | None: ...

    @property
    def state(self) -> str | None: ...


class Own(Party, Protocol):
    """A business, whose address always names its state."""

    @property
    def state(self) -> str: ...


class Seller(Party, Protocol):
    """What they need to know of a business besides."""

    @property
    def gst_scheme(self) -> str: ...


class Buyer(Party, Protocol):
    """What they need to know of a customer besides."""

    @property
    def treatment(self) -> str | None: ...


COMPOSITION = "composition"

LARGE_B2C = ((date(2024, 8, 1), 1_00_000_00), (date.min, 2_50_000_00))
"""From which day an invoice across states to somebody unregistered, above so much, stands alone in
GSTR-1."""

LAST_DAY = (11, 30)
"""Until this day after a financial year its tax can be corrected by notes (section 34(2)) and its
credit taken (section 16(4))."""

ABROAD = "96"
EXPORTS = frozenset({"export", "export_lut"})
ZONES = frozenset({"sez", "sez_lut"})
UNDER_LUT = frozenset({"export_lut", "sez_lut"})


def last_day_for(on: date) -> date:
    """Until when the tax of a document of this day can be corrected, and its credit taken."""
    return date(on.year + (on.month > 3), *LAST_DAY)


@dataclass(frozen=True)
class Supply:
    """Where a supply takes place and how it is taxed."""

    supplier_state: str
    place_of_supply: str
    charge_tax: bool
    treatment: str | None = None

    @property
    def always_inter_state(self) -> bool:
        """Whether its tax is integrated even within the state (IGST Act, section 7(5))."""
        return self.treatment in EXPORTS | ZONES


def supply(business: Seller, customer: Buyer | None) -> Supply:
    """The terms of a supply. Raises Conflict("composition_within_state") where the scheme of
    composition forbids to sell at all (section 10(2))."""
    home = state_of(business) or business.state or ""
    treatment = customer.treatment if customer else None
    place = ABROAD if treatment in EXPORTS else place_of_supply(business, customer)
    if is_composition(business) and (place != home or treatment):
        raise Conflict("composition_within_state")
    return Supply(
        supplier_state=home,
        place_of_supply=place,
        charge_tax=charges_tax(business) and treatment not in UNDER_LUT,
        treatment=treatment,
    )


def stands_alone(*, inter_state: bool, total_paise: int, on: date) -> bool:
    """Whether an invoice to somebody unregistered is filed by itself (table 5)."""
    limit = next(paise for since, paise in LARGE_B2C if on >= since)
    return inter_state and total_paise > limit


def is_composition(business: Seller) -> bool:
    """Whether the business pays a share of its turnover and may collect no tax (section 10)."""
    return business.gstin is not None and business.gst_scheme == COMPOSITION


def charges_tax(business: Seller) -> bool:
    """Whether the business may charge GST: only one that is registered may (section 32), and not
    under the composition scheme (section 10(4))."""
    return business.gstin is not None and not is_composition(business)


def state_of(party: Party) -> str | None:
    """A party's state: where it is registered, else where its address is, if known."""
    if party.gstin:
        return gstins.state_of(party.gstin)
    return states.checked(party.state) if party.state else None


def home_of(business: Own) -> str:
    """The state in whose series a business writes its own numbers, and where it is supplied."""
    return state_of(business) or business.state


def place_of_supply(business: Party, customer: Party | None) -> str:
    """The state where goods are supplied (IGST Act, section 10).

    A registered buyer's own state; an unregistered one's state on the document (section 10(1)(ca));
    the supplier's when the buyer's is not known.
    """
    supplier = state_of(business)
    if supplier is None:
        raise ValueError("a business has a state")
    return (state_of(customer) if customer else None) or supplier


def document_kind(
    business: Seller, customer: Buyer, *, taxed: bool, exempt: bool, zero_rated: bool = False
) -> str:
    """What a sale is billed with.

    "tax_invoice" (also for what is zero-rated); "bill_of_supply" for nil-rated or exempt goods of a
    registered business, and for all goods under composition (rule 49); "invoice_cum_bill" for both
    together to somebody who is not registered (rule 46A); a plain "bill" of a business that is not
    registered.
    """
    if business.gstin is None:
        return "bill"
    if zero_rated:
        return "tax_invoice"
    if not taxed:
        return "bill_of_supply"
    return "invoice_cum_bill" if exempt and not customer.gstin else "tax_invoice"
