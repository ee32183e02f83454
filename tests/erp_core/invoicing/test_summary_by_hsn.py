"""The tax summary below the lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from papers import paper

from erp_core.invoicing.queries import Band, bands

goods = st.tuples(
    st.just("Something"),
    st.sampled_from(["8517", "3401", None]),
    st.just("piece"),
    st.integers(1, 50).map(str),
    st.integers(0, 10**7),
    st.sampled_from([0, 500, 1800]),
)


def test_lines_of_one_code_and_rate_are_one_band():
    found = paper(
        ("Phone", "8517", "piece", "1", 100_00, 1800),
        ("Soap", "3401", "piece", "1", 10_00, 500),
        ("Charger", "8517", "piece", "1", 50_00, 1800),
    )
    assert bands(found) == [
        Band("8517", 1800, 150_00, 13_50, 13_50, 0),
        Band("3401", 500, 10_00, 25, 25, 0),
    ]


@given(st.lists(goods, min_size=1, max_size=12), st.sampled_from(["27", "29"]))
def test_the_bands_add_up_to_the_invoice(some_goods, place):
    found = paper(*some_goods, place=place)
    assert sum(band.taxable_paise for band in bands(found)) == found.subtotal_paise
    for head in ("cgst_paise", "sgst_paise", "igst_paise"):
        assert sum(getattr(band, head) for band in bands(found)) == getattr(found, head)
