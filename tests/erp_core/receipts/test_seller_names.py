"""How a seller's name is mended, and when it is asked although two readings agree."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from erp_core.receipts.reading import read_pages
from erp_core.receipts.spellings import mended

if TYPE_CHECKING:
    from tests.erp_core.receipts.conftest import Typed

TODAY = date(2026, 11, 20)
REST = "\n12 Market Road, Pune 411001\nBill No 12\nDate 02/11/2026\nTotal 850.00\nThank you"


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Gupta Tradcrs", "Gupta Traders"),
        ("MEHTA STAILLONERY", "MEHTA STATIONERY"),
        ("KAVER! TEXTILES", "KAVERI TEXTILES"),
        ("RAJ FOODS PVI LTD", "RAJ FOODS PVT LTD"),
        ("HERO OISTRIBUTION SON. BHD", "HERO DISTRIBUTION SDN BHD"),
        ("Highway Service Station", "Highway Service Station"),
        ("7-ELEVEN", "7-ELEVEN"),
        ("24x7 Stores", "24x7 Stores"),
        ("श्री गणेश किराना", "श्री गणेश किराना"),
    ],
)
def test_words_of_trade_are_spelt_as_they_are(read: str, meant: str) -> None:
    assert mended(read) == meant


@pytest.mark.parametrize(
    ("heads", "asked"),
    [
        (["Gupta Traders"] * 2, False),
        # Either row may be the name.
        (["Three Sisters\nBistro & Cafe"] * 2, True),
        (["INDIAN OIL\nHighway Service Station"] * 2, False),
        (["Official Receipt\nAnand Auto Parts"] * 2, False),
        # One reading has a word that the other has lost.
        (["Western Eastern Stationery Pvt Ltd", *["Western Eastern Pvt Ltd"] * 2], True),
        # Nothing of its own is left of it.
        (["Mr. (4) Pvt Ltd"] * 2, True),
    ],
)
def test_a_name_is_asked_when_it_may_be_another_or_more(
    typed: Typed, heads: list[str], *, asked: bool
) -> None:
    reading = read_pages([typed(head + REST) for head in heads], today=TODAY)
    assert (reading.vendor.ask, reading.kind) == (asked, "receipt")
