"""`make train-receipts` learns from made-up bills and from an operator's own."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench._bills import as_jpeg, bill, draw
from bench._receipt_labels import label_from
from bench._receipt_rows import roles_by_label
from bench._typed_bills import typed_bill
from erp_core.adapters.tesseract import is_installed
from erp_core.receipts import roles
from erp_core.receipts.layout import page_of
from scripts import train_receipts
from tests.conftest import TODAY
from tests.erp_core.receipts.conftest import typed_page


def test_a_made_up_bill_is_the_same_for_the_same_seed_and_read_differently_again() -> None:
    one, again, other = (
        typed_bill(5, today=TODAY),
        typed_bill(5, today=TODAY),
        typed_bill(5, today=TODAY, reading=1),
    )
    assert one == again
    assert (one.vendor, one.on, one.total) == (other.vendor, other.on, other.total)
    assert one.words != other.words


def test_every_row_has_a_role_and_most_bills_name_vendor_date_and_total() -> None:
    told = train_receipts.made_up(range(40))
    count = Counter(role for _, role in told)
    assert set(count) <= set(roles.ROLES)
    assert min(count["vendor"], count["day"], count["total"]) >= 36
    assert all(words for words, _ in told)


def test_it_learns_in_a_moment_and_the_same_seed_learns_the_same() -> None:
    told = train_receipts.made_up(range(40))
    first, second = (train_receipts.taught(told, passes=2, seed=3) for _ in range(2))
    right = train_receipts.judge(first, told)
    assert right == train_receipts.judge(second, told)
    assert right["item"] > 0.9
    assert right["place"] > 0.7


def test_the_rows_of_a_labelled_picture() -> None:
    page = typed_page(
        "Om Sai Store\n12 MG Road\nDate 02/11/2026\nSub Total 90.00\nTotal 94.50\nCash 100.00"
    )
    label = label_from({"company": "OM SAI STORE", "date": "02/11/2026", "total": "94.50"})
    told = [role for _, role in roles_by_label(page, label)]
    assert told == ["vendor", "day", "sub_total", "total", "tender"]


@pytest.mark.skipif(not is_installed(), reason="no Tesseract: `apt-get install tesseract-ocr`")
def test_a_folder_of_an_operator_is_read(tmp_path: Path) -> None:
    truth = bill(3, kind="kirana", today=TODAY)
    drawn = Image.fromarray(np.array(draw(truth, 3)))
    (tmp_path / "one.jpg").write_bytes(as_jpeg(drawn))
    (tmp_path / "one.json").write_text(json.dumps(truth.label()))
    told = Counter(role for _, role in train_receipts.labelled(tmp_path))
    assert (told["vendor"], told["day"], told["total"]) == (1, 1, 1)


def test_what_it_learnt_knows_no_bill_by_heart() -> None:
    assert not set(train_receipts.JUDGED) & set(
        range(train_receipts.APART, train_receipts.APART + 10_000)
    )
    assert page_of(typed_bill(train_receipts.JUDGED[0], today=TODAY).words).rows
