"""What was learnt of rows is a witness beside the rules, and only that."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench._typed_bills import typed_bill
from bench.receipts import name_alike
from erp_core.receipts import roles
from erp_core.receipts.layout import Page, page_of
from erp_core.receipts.reading import Reading, read_pages, with_roles
from tests.conftest import TODAY
from tests.erp_core.receipts.conftest import typed_page

if TYPE_CHECKING:
    from tests.erp_core.receipts.conftest import Typed

SEEDS = range(7_700_000, 7_700_080)
"""No bill of these was learnt from: scripts/train_receipts.py takes those from 1,000,000."""

SLIP = """
ramesh kumar
Zhaukarim Provision Store
12 Station Road, Pune 411001
Bill No: 5512
Date: 02/11/2026
Tata Salt 1kg 28.00
Toor Dal 160.00
Total 188.00
Thank you visit again
"""


def read(seed: int, learnt: tuple[str, ...]) -> tuple[Reading, tuple[str, int]]:
    bills = [typed_bill(seed, today=TODAY, reading=at) for at in (0, 1)]
    pages = [with_roles(page_of(one.words), learnt) for one in bills]
    return read_pages(pages, today=TODAY), (bills[0].vendor, bills[0].total)


def shares(learnt: tuple[str, ...]) -> Counter[str]:
    """Of SEEDS, how many vendors and totals are right, and how many totals wrong but not asked."""
    count: Counter[str] = Counter()
    for seed in SEEDS:
        reading, (vendor, total) = read(seed, learnt)
        count["vendor"] += name_alike(vendor, reading.vendor.value or "")
        count["total"] += reading.total_paise.value == total
        count["unasked"] += not reading.total_paise.ask
        count["wrong"] += not reading.total_paise.ask and reading.total_paise.value != total
    return count


def test_bills_that_it_never_saw_are_read_better_with_it() -> None:
    rules, both = shares(()), shares(("vendor", "total", "item"))
    assert both["vendor"] >= rules["vendor"] + 8
    assert both["total"] >= rules["total"]
    assert both["vendor"] >= 0.85 * len(SEEDS)
    assert both["total"] >= 0.85 * len(SEEDS)
    assert both["unasked"] >= 0.3 * len(SEEDS)
    assert both["wrong"] == rules["wrong"] == 0


def test_a_name_that_somebody_wrote_above_is_not_the_vendor(typed: Typed) -> None:
    page = typed(SLIP)
    assert read_pages([with_roles(page)], today=TODAY).vendor.value == "Zhaukarim Provision Store"


def test_items_are_found_where_no_heading_names_their_columns(typed: Typed) -> None:
    page = typed(SLIP)
    assert read_pages([page], today=TODAY).lines == ()
    lines = read_pages([with_roles(page)], today=TODAY).lines
    assert [(line.text, line.amount_paise) for line in lines] == [
        ("Tata Salt 1kg", 2800),
        ("Toor Dal", 16000),
    ]


def test_without_a_model_the_rules_stand_alone(
    typed: Typed,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name, data in (("none", None), ("broken", b"no model")):
        path = tmp_path / name
        if data:
            path.write_bytes(data)
        monkeypatch.setattr(roles, "MODEL", path)
        roles.model.cache_clear()
        with caplog.at_level(logging.WARNING):
            assert roles.roles_of(typed(SLIP)) == ()
        assert read_pages([with_roles(typed(SLIP))], today=TODAY).total_paise.value == 18800
    assert "receipt roles are not read" in caplog.text
    monkeypatch.undo()
    roles.model.cache_clear()


def test_the_model_is_small() -> None:
    assert roles.MODEL.stat().st_size < 2_000_000


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"]), max_size=30), max_size=12))
def test_no_text_breaks_it(lines: list[str]) -> None:
    page = typed_page("\n".join(lines) or "x")
    said = roles.roles_of(page)
    assert len(said) == len(page.rows)
    assert all(abs(sum(row.values()) - 1) < 1e-3 for row in said)


def test_an_empty_page() -> None:
    assert roles.roles_of(Page(())) == ()


def test_of_a_figure_only_its_shape_is_told() -> None:
    assert [roles.shaped(word) for word in ("TOTAL", "1,234.50", "27AAPFU0939F1ZV")] == [
        "total",
        "8,888.88",
        "88xxxxx8888x8xx",
    ]
