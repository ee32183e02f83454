"""Workbooks of our own writing, read by a program that knows nothing of Bahi."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from openpyxl import load_workbook

from erp_core.reports.xlsx import Lead, Sheet, workbook


def read(*sheets):
    return load_workbook(BytesIO(workbook(sheets)))


def test_numbers_texts_and_days_come_back_as_they_were():
    book = read(
        Sheet("A & B", ["Text", "Number", "Day"], [["<Ravi> & co", 12.5, date(2026, 11, 3)]])
    )
    assert book.sheetnames == ["A & B"]
    head, row = (tuple(cell.value for cell in line) for line in book["A & B"].rows)
    assert head == ("Text", "Number", "Day")
    assert (*row[:2], row[2].date()) == ("<Ravi> & co", 12.5, date(2026, 11, 3))
    assert book["A & B"]["A1"].font.bold
    assert book["A & B"]["C2"].is_date


def test_a_name_that_begins_as_a_formula_is_text():
    cell = read(Sheet("x", ["Name"], [["=1+1"]]))["x"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_what_xml_cannot_say_is_left_out_and_spaces_stay():
    book = read(Sheet("x", ["a", "b", "c"], [["\x00a\x0b", " b ", None]]))
    assert [cell.value for cell in book["x"][2]] == ["a", " b ", None]


def test_a_lead_goes_to_rows_of_another_sheet():
    book = read(
        Sheet("sums", ["Place"], [[Lead("29", "bills", 2, 3)]]),
        Sheet("bills", ["Place"], [["29"], ["29"]]),
    )
    assert book["sums"]["A2"].value == "29"
    assert book["sums"]["A2"].hyperlink.location == "'bills'!A2:A3"


def test_the_head_stays_in_sight_and_rows_can_be_filtered():
    sheet = read(Sheet("x", [str(at) for at in range(28)], [list(range(28)), list(range(28))]))["x"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:AB3")
    assert sheet["AB3"].value == 27
