"""A report as an Excel workbook: amounts are numbers, to be filtered, summed and copied."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from erp_core.kernel.money import PAISE_PER_RUPEE
from erp_core.reports.paper import Cell, Paper

RUPEES = "[>=10000000]##\\,##\\,##\\,##0.00;[>=100000]##\\,##\\,##0.00;##,##0.00"
"""Lakhs and crores are grouped as in India; Excel has room for two such conditions."""

HEAD = PatternFill("solid", fgColor="921C24")
WASH = PatternFill("solid", fgColor="F9F6F3")
BOLD = ("head", "sum", "total")


def draw(paper: Paper) -> bytes:
    """The workbook, one sheet."""
    book = Workbook()
    book.properties.creator = "Bahi"
    sheet = book.active
    sheet.title = paper.name[:31]
    above = ((paper.shop.name, 14), (paper.title, 12), (paper.subtitle, 10))
    for number, (text, size) in enumerate(above, start=1):
        cell = sheet.cell(number, 1)
        _put(cell, text)
        cell.font = Font(bold=size > 10, size=size)
    top = len(above) + 2
    for at, column in enumerate(paper.columns, start=1):
        cell = sheet.cell(top, at)
        _put(cell, column.label)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD
        cell.alignment = Alignment(horizontal="right" if column.kind == "money" else "left")
        sheet.column_dimensions[get_column_letter(at)].width = max(12, column.width / 1.9)
    for number, row in enumerate(paper.rows, start=top + 1):
        for at, (value, column) in enumerate(zip(row.cells, paper.columns, strict=True), start=1):
            cell = sheet.cell(number, at)
            _put(cell, value, money=column.kind == "money")
            cell.font = Font(bold=row.style in BOLD)
            if row.style in ("head", "total"):
                cell.fill = WASH
    sheet.freeze_panes = sheet.cell(top + 1, 1)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _put(cell: SheetCell, value: Cell, *, money: bool = False) -> None:
    """Text stays text: a customer called "=1+1" is no formula in the owner's accounts."""
    if value is None:
        return
    if money and isinstance(value, int):
        cell.value = Decimal(value) / PAISE_PER_RUPEE
        cell.number_format = RUPEES
        return
    cell.value = str(value)
    cell.data_type = "s"
