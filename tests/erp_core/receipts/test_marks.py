"""What stands beside the facts of a bill, and what of it a shop remembers of its vendors."""

from __future__ import annotations

from datetime import date

import pytest

from erp_core.receipts import memory, queries
from erp_core.receipts.bill import Mark
from erp_core.receipts.marks import Remembered, labels_of, marks_of, recalled
from erp_core.receipts.service import log_receipt

TODAY = date(2026, 11, 20)
BILL = """
GUPTA TRADERS
GSTIN: 27AAACG1234F1Z4
Phone 9876500001
Docket GT/118
Issued 18/11/2026
Item Qty Rate Amount
Ghee tin 2 450.00 900.00
Worth of goods 900.00
To be given Rs 945.00
Cash 1,000.00
"""


def test_the_words_beside_what_may_be_the_facts_are_told(typed):
    told = [(one.field, one.value, one.label) for one in marks_of([typed(BILL)], today=TODAY)]
    assert told == [
        ("total", 94500, "to be given"),
        ("total", 90000, "worth of goods"),
        ("on", "2026-11-18", "issued"),
        ("number", "GT/118", "docket"),
    ]


def test_no_word_of_the_items_is_told(typed):
    assert not any("ghee" in one.label for one in marks_of([typed(BILL)], today=TODAY))


def test_a_figure_alone_is_called_by_the_row_above(typed):
    marks = marks_of([typed("Please pay\n 1,450.00\n2 x\n99.00")], today=TODAY)
    assert [(one.value, one.label) for one in marks] == [(145000, "please pay")]


def test_readings_that_saw_the_same_are_counted(typed):
    marks = marks_of([typed(BILL), typed(BILL.replace("945", "946"))], today=TODAY)
    assert {one.value: one.readings for one in marks if one.field == "total"} == {
        94600: 1,
        94500: 1,
        90000: 2,
    }


GIVEN = Remembered("total", "to be given", 800, 2)


def mark(value: int, label: str, readings: int = 2) -> Mark:
    return Mark("total", value, label, 800, readings)


@pytest.mark.parametrize(
    ("read", "marks", "stood", "found"),
    [
        ((90000, True), [mark(94500, "to be glven")], [GIVEN], (94500, True)),
        ((94500, True), [mark(94500, "to be given")], [GIVEN], (94500, False)),
        ((94500, True), [mark(94500, "to be given", 1)], [GIVEN], (94500, True)),
        (
            (94500, True),
            [mark(94500, "to be given")],
            [Remembered("total", "to be given", 800, 1)],
            (94500, True),
        ),
        ((90000, False), [mark(94500, "to be given")], [GIVEN], (90000, False)),
        ((None, True), [mark(94500, "to be given")], [GIVEN], (94500, True)),
        ((90000, True), [mark(94500, "savings")], [GIVEN], (90000, True)),
        ((90000, True), [mark(94500, "to be given")], [], (90000, True)),
    ],
)
def test_what_is_unsure_is_taken_from_where_it_stood(read, marks, stood, found):
    assert recalled("total", read, marks, stood, today=TODAY) == found


def test_an_old_day_is_asked_wherever_it_stood():
    marks = [Mark("on", "2024-11-18", "issued", 300, 3)]
    stood = [Remembered("on", "issued", 300, 9)]
    assert recalled("on", ("2024-11-18", True), marks, stood, today=TODAY) == ("2024-11-18", True)


def test_only_labels_of_confirmed_facts_are_kept():
    marks = [mark(94500, "to be given"), mark(90000, "worth of goods")]
    assert labels_of(marks, {"total": 94500}) == [["total", "to be given", 800]]
    assert labels_of(marks, {"total": 4130_00}) == []


def confirm(run, source, label="to be given", vendor="Gupta Traders", spelling="GUPTA TRADCRS"):
    return run(
        log_receipt,
        source=source,
        amount_paise=945_00,
        on=TODAY,
        category="packing",
        vendor=vendor,
        spelling=spelling,
        labels=[["total", label, 800]],
        known_wanted=True,
    )


def test_a_vendor_is_known_by_the_spelling_that_was_confirmed(run, reader_of):
    confirm(run, "wamid.1:0")
    with reader_of() as reader:
        known = queries.habit(reader, vendor=None, gstin=None, spelling="Gupta Tradcrs.")
        assert (known.vendor, known.category, known.known_by) == (
            "Gupta Traders",
            "packing",
            "spelling",
        )
        assert queries.habit(reader, vendor=None, gstin=None, spelling="GUPTA TRADCR5") is None
        assert memory.guess(reader, "GUPTA TRADCR5") == "Gupta Traders"
        assert memory.guess(reader, "Mehta Fuels") is None


def test_a_label_is_counted_however_it_was_read(run, reader_of):
    for at, label in enumerate(["to be given", "to be glven", "balance"]):
        confirm(run, f"wamid.{at}:0", label)
    with reader_of() as reader:
        known = queries.habit(reader, vendor="Gupta Traders", gstin=None)
        stood = memory.remembered(reader, known.vendor_id)
    assert sorted((one.field, one.label, one.times) for one in stood) == [
        ("total", "balance", 1),
        ("total", "to be given", 2),
        ("vendor", "guptatradcrs", 3),
    ]


def test_what_was_seldom_is_forgotten_first(run, reader_of):
    labels = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf"]
    for at, label in enumerate(["alpha", *labels]):
        confirm(run, f"wamid.{at}:0", label)
    with reader_of() as reader:
        known = queries.habit(reader, vendor="Gupta Traders", gstin=None)
        stood = memory.remembered(reader, known.vendor_id)
    assert sorted(one.label for one in stood if one.field == "total") == [
        one for one in labels if one != "bravo"
    ]
