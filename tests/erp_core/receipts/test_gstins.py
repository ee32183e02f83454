"""GSTINs on bills: slips of an engine are mended where form and check character leave one way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from stdnum.in_ import gstin as peer

from erp_core.receipts.names import gstins, gstins_in
from tests.erp_core.receipts.conftest import typed_page

GSTIN = "27AAPFU0939F1ZV"


def test_as_it_stands() -> None:
    assert list(gstins_in(f"GSTIN: {GSTIN}")) == [(GSTIN, True)]


def test_letters_that_can_only_be_figures_are_figures() -> None:
    assert list(gstins_in("GSTIN 27AAPFUO939F12V")) == [(GSTIN, True)]


def test_a_slip_that_only_the_check_character_shows_is_asked() -> None:
    page = typed_page("Store\nGSTIN: 27AAPFV0939F1ZV\nTotal 5.00")
    seller, _ = gstins([page])
    assert seller.ask or seller.value is None


def test_a_pan_whose_last_letters_are_lost_is_asked() -> None:
    page = typed_page("Store\nGSTIN: 27AAPFUO939F12Z)\nTotal 5.00")
    seller, _ = gstins([page, page, page])
    assert (seller.value, seller.ask) == (GSTIN, True)


def test_the_buyers_is_told_apart() -> None:
    page = typed_page(
        f"Sharma Electricals\nGSTIN: {GSTIN}\nPune\nInvoice 12\nBill to: Mehta\n"
        "GSTIN: 29AAGCB7383J1Z4"
    )
    seller, buyer = gstins([page])
    assert (seller.value, buyer.value) == (GSTIN, "29AAGCB7383J1Z4")


@given(st.text(alphabet="0123456789ABCDEFGZ ", max_size=40))
def test_only_numbers_that_could_have_been_issued(text: str) -> None:
    assert all(peer.is_valid(number) for number, _ in gstins_in(text) if number[:2] < "38")
