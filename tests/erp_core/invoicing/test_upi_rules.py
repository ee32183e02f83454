"""A personal UPI address is used only as the rules allow; a merchant's freely."""

from __future__ import annotations

import pytest
from papers import PHONE, paper

from erp_core.invoicing import upi
from erp_core.invoicing.pdf import draw

WARNING = "another phone's camera"


@pytest.mark.parametrize(
    ("paise", "verified", "freely"),
    [(2_000_00, False, True), (2_000_01, False, False), (1_00_000_00, True, True)],
)
def test_a_code_from_the_gallery(paise, verified, freely):
    assert upi.scans_from_gallery(paise, verified=verified) is freely


def test_a_link_names_no_mode_that_is_kept_from_persons():
    uri = upi.pay_uri(vpa="sharma@okaxis", name="S", amount_paise=100, reference="INV-1")
    assert "mode=" not in uri


def test_a_large_bill_says_how_to_scan_a_persons_code():
    large = paper(PHONE)
    personal = draw(large, language="english", vpa="sharma@okaxis", vpa_verified=False)
    verified = draw(large, language="english", vpa="sharma@okaxis", vpa_verified=True)
    assert WARNING in _words(personal)
    assert WARNING not in _words(verified)


def _words(pdf):
    import pypdfium2

    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    return " ".join(text.split()).replace("’", "'")
