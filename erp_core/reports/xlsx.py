"""Workbooks of many rows, written as they come: a month holds more cells than a person waits for.

Text is always text, never a formula. A `Lead` is a cell that leads to rows of another sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

NARROWEST = 12
FAST = 1
"""How hard a file is packed: more takes longer than it is worth on a phone."""
FIRST_DAY = date(1899, 12, 30)
"""The day nought of a sheet."""
_PLAIN, HEAD, DAY, LEAD = range(4)
"""The styles of cells, as they stand in STYLES."""

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    f'{XML}<styleSheet xmlns="{NAMESPACE}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="dd\\-mm\\-yyyy"/></numFmts>'
    '<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font>'
    '<font><u/><sz val="11"/><color rgb="FF0563C1"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML has no way to say."""


class Lead(NamedTuple):
    """A value that leads to the rows `first` to `last` of another sheet, its head being row 1."""

    value: str | int | float
    sheet: str
    first: int
    last: int


Value = str | int | float | date | Lead | None


@dataclass(frozen=True)
class Sheet:
    """Its title, its head, its rows."""

    title: str
    head: Sequence[str]
    rows: Iterable[Sequence[Value]]


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """The file: the head of each sheet bold and fixed, its rows to be filtered."""
    titles: list[str] = []
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=FAST) as file:
        for number, sheet in enumerate(sheets, start=1):
            titles.append(sheet.title)
            file.writestr(f"xl/worksheets/sheet{number}.xml", "".join(_sheet(sheet)))
        file.writestr("xl/styles.xml", STYLES)
        file.writestr("xl/workbook.xml", _book(titles))
        file.writestr("xl/_rels/workbook.xml.rels", _book_parts(len(titles)))
        file.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        file.writestr("[Content_Types].xml", _types(len(titles)))
    return stream.getvalue()


def _sheet(sheet: Sheet) -> Iterator[str]:
    columns = [_column(at) for at in range(len(sheet.head))]
    yield f'{XML}<worksheet xmlns="{NAMESPACE}"><sheetViews><sheetView workbookViewId="0">'
    yield '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    yield "</sheetView></sheetViews><cols>"
    for at, name in enumerate(sheet.head, start=1):
        wide = max(NARROWEST, len(name) + 3)
        yield f'<col min="{at}" max="{at}" width="{wide}" customWidth="1"/>'
    yield '</cols><sheetData><row r="1">'
    for column, name in zip(columns, sheet.head, strict=True):
        yield f'<c r="{column}1" s="{HEAD}"{_content(name)}'
    yield "</row>"
    leads: list[str] = []
    contents = _Contents()
    number = 1
    for number, row in enumerate(sheet.rows, start=2):
        yield _row(columns, number, row, leads, contents)
    yield f'</sheetData><autoFilter ref="A1:{columns[-1]}{number}"/>'
    if leads:
        yield f"<hyperlinks>{''.join(leads)}</hyperlinks>"
    yield "</worksheet>"


def _row(
    columns: Sequence[str],
    number: int,
    row: Sequence[Value],
    leads: list[str],
    contents: _Contents,
) -> str:
    if Lead in map(type, row):
        leads += _leads(columns, number, row)
    cells = zip(columns, row, strict=True)
    inside = "".join([f'<c r="{column}{number}"{contents[value]}' for column, value in cells])
    return f'<row r="{number}">{inside}</row>'


def _leads(columns: Sequence[str], number: int, row: Sequence[Value]) -> Iterator[str]:
    for column, value in zip(columns, row, strict=True):
        if isinstance(value, Lead):
            where = f"'{value.sheet}'!A{value.first}:A{value.last}"
            yield f'<hyperlink ref="{column}{number}" location={quoteattr(where)}/>'


class _Contents(dict[Value, str]):
    """What stands in a cell, from behind its style on; a month says the same things very often."""

    def __missing__(self, value: Value) -> str:
        self[value] = found = _content(value)
        return found


def _content(value: Value) -> str:
    if value is None:
        return "/>"
    if isinstance(value, Lead):
        return f' s="{LEAD}"{_content(value.value)}'
    if isinstance(value, date):
        return f' s="{DAY}"><v>{(value - FIRST_DAY).days}</v></c>'
    if not isinstance(value, str):
        return f"><v>{value}</v></c>"
    text = escape(_UNWRITABLE.sub("", value))
    space = "" if text == text.strip() else ' xml:space="preserve"'
    return f' t="inlineStr"><is><t{space}>{text}</t></is></c>'


@cache
def _column(at: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    before, last = divmod(at, 26)
    return (_column(before - 1) if before else "") + chr(ord("A") + last)


def _book(titles: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{number}" r:id="rId{number}"/>'
        for number, title in enumerate(titles, start=1)
    )
    spaces = f'xmlns="{NAMESPACE}" xmlns:r="{OFFICE}"'
    return f"{XML}<workbook {spaces}><sheets>{sheets}</sheets></workbook>"


def _book_parts(count: int) -> str:
    sheets = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, count + 1)]
    return _relations([*sheets, ("styles", "styles.xml")])


def _relations(parts: Iterable[tuple[str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts, start=1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{found}</Relationships>'


def _types(count: int) -> str:
    parts = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    parts += [(f"/xl/worksheets/sheet{number}.xml", "worksheet") for number in range(1, count + 1)]
    found = "".join(
        f'<Override PartName="{name}" ContentType="{TYPE}.{kind}+xml"/>' for name, kind in parts
    )
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{found}</Types>'
    )
