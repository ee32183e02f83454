"""A report on A4: the shop's name above, a table over as many pages as it needs, page numbers."""

from __future__ import annotations

from collections.abc import Iterator

from erp_core.invoicing.sheet import (
    ACCENT,
    GREY,
    INK,
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    WASH,
    WHITE,
    WIDTH,
    Align,
    Sheet,
    Style,
    line_height,
)
from erp_core.invoicing.words import figure
from erp_core.reports.paper import Cell, Column, Paper, Row

TEXT = 8.5
SMALL = 7.5
PAD = 1.3
BOTTOM = PAGE_HEIGHT - 15


def draw(paper: Paper) -> bytes:
    """The PDF. The same report gives the same bytes."""
    sheet = Sheet(title=paper.title, on=paper.on, language=paper.language)
    columns = _placed(paper)
    y = _first_page(sheet, paper)
    y = _head(sheet, columns, y)
    for row in paper.rows:
        lines = _wrapped(sheet, columns, row)
        height = max(len(cell) for cell in lines) * line_height(TEXT) + 2 * PAD
        if y + height > BOTTOM:
            _begin(sheet)
            y = _head(sheet, columns, 12)
        _row(sheet, columns, row, lines, y, height)
        y += height
    _page_numbers(sheet, paper)
    return sheet.output()


def _begin(sheet: Sheet) -> None:
    sheet.new_page()
    sheet.fill(0, 0, PAGE_WIDTH, 3.2, ACCENT)


def _first_page(sheet: Sheet, paper: Paper) -> float:
    _begin(sheet)
    shop = paper.shop
    y = sheet.paragraph(MARGIN, 12, shop.name, width=WIDTH, size=15, style="B")
    for line in (shop.address, f"{paper.labels['gstin']} {shop.gstin}" if shop.gstin else None):
        if line:
            y = sheet.paragraph(MARGIN, y, line, width=WIDTH, size=SMALL, colour=GREY)
    y = sheet.paragraph(
        MARGIN, y + 4, paper.title, width=WIDTH, size=12.5, style="B", colour=ACCENT
    )
    y = sheet.paragraph(MARGIN, y, paper.subtitle, width=WIDTH, colour=GREY)
    return y + 3


def _placed(paper: Paper) -> list[tuple[float, float, Column]]:
    """(left, width, column), the shares stretched over the page."""
    whole = sum(column.width for column in paper.columns)
    placed, x = [], MARGIN
    for column in paper.columns:
        width = column.width * WIDTH / whole
        placed.append((x, width, column))
        x += width
    return placed


def _head(sheet: Sheet, columns: list[tuple[float, float, Column]], y: float) -> float:
    height = line_height(8) + 2 * PAD
    sheet.fill(MARGIN, y, WIDTH, height, ACCENT)
    for x, width, column in columns:
        sheet.text(
            x + PAD,
            y + PAD,
            column.label,
            size=8,
            style="B",
            colour=WHITE,
            width=width - 2 * PAD,
            align="R" if column.kind == "money" else "L",
        )
    return y + height


def _wrapped(sheet: Sheet, columns: list[tuple[float, float, Column]], row: Row) -> list[list[str]]:
    style: Style = "" if row.style in ("plain", "note") else "B"
    return [
        sheet.wrap(_shown(cell, column), width=width - 2 * PAD, size=TEXT, style=style)
        if column.kind == "text"
        else [_shown(cell, column)]
        for cell, (_, width, column) in zip(row.cells, columns, strict=True)
    ]


def _row(
    sheet: Sheet,
    columns: list[tuple[float, float, Column]],
    row: Row,
    lines: list[list[str]],
    y: float,
    height: float,
) -> None:
    if row.style in ("head", "total"):
        sheet.fill(MARGIN, y + 0.2, WIDTH, height - 0.2, WASH)
    for cell, (x, width, column) in zip(lines, columns, strict=True):
        top = y + PAD
        for text in cell:
            sheet.text(
                x + PAD,
                top,
                text,
                size=TEXT,
                style="" if row.style in ("plain", "note") else "B",
                colour=ACCENT if row.style == "head" else GREY if row.style == "note" else INK,
                width=width - 2 * PAD,
                align="R" if column.kind == "money" else "L",
            )
            top += line_height(TEXT)
    sheet.rule(y + height, bold=row.style == "total")


def _shown(cell: Cell, column: Column) -> str:
    if cell is None:
        return ""
    return figure(cell) if column.kind == "money" and isinstance(cell, int) else str(cell)


def _page_numbers(sheet: Sheet, paper: Paper) -> None:
    count = sheet.pages
    for number in sheet.on_each_page():
        text = f"{paper.labels['page']} {number} {paper.labels['of']} {count}"
        for x, line, align in _footer(paper, text):
            sheet.text(
                x, PAGE_HEIGHT - 10, line, size=SMALL, colour=GREY, width=WIDTH / 2, align=align
            )


def _footer(paper: Paper, pages: str) -> Iterator[tuple[float, str, Align]]:
    yield MARGIN, paper.title, "L"
    yield MARGIN + WIDTH / 2, pages, "R"
