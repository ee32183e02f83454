"""Which tax on a bill may be set off, and why not (CGST Act, sections 16 and 17; rule 36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erp_core.expenses.categories import category as category_of
from erp_core.kernel.money import half_up
from erp_core.parties.queries import Business
from erp_core.tax import gstin as gstins
from erp_core.tax import rules


@dataclass(frozen=True)
class BillTax:
    """What a bill says of its tax, in paise, and the facts that its credit hangs on."""

    cgst: int = 0
    sgst: int = 0
    igst: int = 0
    cess: int = 0
    vendor_gstin: str | None = None
    buyer_gstin: str | None = None
    number: str | None = None

    @property
    def gst(self) -> int:
        """Without the cess, which is set off against cess alone and so is part of the cost here."""
        return self.cgst + self.sgst + self.igst


def within(total: int, percent: Decimal) -> int:
    """The tax at a rate within a sum that holds it, in paise."""
    return half_up(total * percent / (100 + percent))


def by_head(tax: int, *, between_states: bool) -> dict[str, int]:
    """A tax that was told as one sum, by head: integrated, or half to each government."""
    if between_states:
        return {"igst": tax}
    return {"cgst": tax // 2, "sgst": tax - tax // 2}


@dataclass(frozen=True)
class Credit:
    """So many paise, or the code of the reason why none."""

    paise: int
    reason: str = ""


def input_credit(shop: Business, bill: BillTax, *, category: str, on: date, today: date) -> Credit:
    """The tax of a bill that the shop may set off.

    "no_tax", "unregistered", "composition" (section 10(4)), "blocked" (section 17(5)),
    "no_vendor_gstin", "no_number" (rule 36(2)), "not_ours": the bill does not name the shop's GSTIN
    (rule 36(2)), "other_state": CGST and SGST of another state are no tax of ours, "too_old"
    (section 16(4)).
    """
    return (
        Credit(0, reason)
        if (reason := _hindrance(shop, bill, category, on, today))
        else Credit(bill.gst)
    )


def _hindrance(shop: Business, bill: BillTax, category: str, on: date, today: date) -> str:
    if not bill.gst:
        return "no_tax"
    if shop.gstin is None:
        return "unregistered"
    if rules.is_composition(shop):
        return "composition"
    if not category_of(category).input_credit:
        return "blocked"
    if bill.vendor_gstin is None or not gstins.is_valid(bill.vendor_gstin):
        return "no_vendor_gstin"
    if bill.buyer_gstin != shop.gstin:
        return "not_ours"
    if not bill.number:
        return "no_number"
    if bill.cgst + bill.sgst and gstins.state_of(bill.vendor_gstin) != gstins.state_of(shop.gstin):
        return "other_state"
    if today > rules.last_day_for(on):
        return "too_old"
    return ""
