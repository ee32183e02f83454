"""Who charges tax, and where a supply takes place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from erp_core.kernel.errors import Conflict, Invalid
from erp_core.tax import rules, states


@dataclass(frozen=True)
class SomeParty:
    state: str | None = None
    gstin: str | None = None
    gst_scheme: str = "regular"
    treatment: str | None = None


SHOP = SomeParty("27", "27AAPFU0939F1ZV")


@pytest.mark.parametrize(
    ("customer", "place"),
    [
        (None, "27"),
        (SomeParty(), "27"),
        (SomeParty("27"), "27"),
        (SomeParty("29"), "29"),
        (SomeParty("27", "29AAGCB7383J1Z4"), "29"),
        (SomeParty("25"), "26"),
    ],
)
def test_place_of_supply(customer, place):
    assert rules.place_of_supply(SHOP, customer) == place


def test_only_a_registered_business_charges_tax():
    assert rules.charges_tax(SHOP)
    assert not rules.charges_tax(SomeParty("27"))


@pytest.mark.parametrize(
    ("code", "name", "head"),
    [
        ("27", "Maharashtra", "SGST"),
        ("04", "Chandigarh", "UTGST"),
        ("07", "Delhi", "SGST"),
        ("38", "Ladakh", "UTGST"),
    ],
)
def test_states(code, name, head):
    assert states.state_name(code) == name
    assert states.second_head(code) == head


@pytest.mark.parametrize("code", ["00", "39", "", "MH", "7"])
def test_what_is_no_state_is_refused(code):
    with pytest.raises(Invalid, match="bad_state"):
        states.state_name(code)


ABROAD = SomeParty(treatment="export")
ZONE = SomeParty("27", "27AAGCB7383J1Z8", treatment="sez_lut")
COMPOSITION = SomeParty("27", "27AAPFU0939F1ZV", gst_scheme="composition")


def test_an_export_is_supplied_in_another_country():
    terms = rules.supply(SHOP, ABROAD)
    assert (terms.place_of_supply, terms.always_inter_state, terms.charge_tax) == ("96", True, True)


def test_a_zone_under_lut_pays_no_tax_and_is_across_states():
    terms = rules.supply(SHOP, ZONE)
    assert (terms.place_of_supply, terms.always_inter_state, terms.charge_tax) == (
        "27", True, False,
    )  # fmt: skip


def test_composition_collects_no_tax_and_stays_within_its_state():
    assert not rules.charges_tax(COMPOSITION)
    assert not rules.supply(COMPOSITION, SomeParty()).charge_tax
    with pytest.raises(Conflict, match="composition_within_state"):
        rules.supply(COMPOSITION, SomeParty("29"))


@pytest.mark.parametrize(
    ("seller", "buyer", "taxed", "exempt", "kind"),
    [
        (SHOP, SomeParty(), True, False, "tax_invoice"),
        (SHOP, SomeParty(), True, True, "invoice_cum_bill"),
        (SHOP, SomeParty("29", "29AAGCB7383J1Z4"), True, True, "tax_invoice"),
        (SHOP, SomeParty(), False, True, "bill_of_supply"),
        (COMPOSITION, SomeParty(), False, True, "bill_of_supply"),
        (SomeParty("27"), SomeParty(), False, True, "bill"),
    ],
)
def test_what_a_sale_is_billed_with(seller, buyer, taxed, exempt, kind):
    assert rules.document_kind(seller, buyer, taxed=taxed, exempt=exempt) == kind


def test_what_is_zero_rated_goes_on_a_tax_invoice():
    assert (
        rules.document_kind(SHOP, ZONE, taxed=False, exempt=False, zero_rated=True) == "tax_invoice"
    )


def test_credit_and_notes_end_with_the_november_after_the_year():
    assert rules.last_day_for(date(2026, 3, 31)) == date(2026, 11, 30)
    assert rules.last_day_for(date(2026, 4, 1)) == date(2027, 11, 30)
