"""The returns for people, in Excel: every table on a sheet of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from erp_core.reports.gst.composition import Cmp08, Gstr4
from erp_core.reports.gst.figures import (
    CMP08_ROWS,
    percent_of,
    rows_of,
    rupees,
    taxed_parts,
    type_of,
)
from erp_core.reports.gst.filing import Filed, SmallKey, parts_of
from erp_core.reports.gst.gstr1 import Gstr1
from erp_core.reports.gst.gstr3b import Gstr3b
from erp_core.reports.gst.parts import Part

Sheet = tuple[str, Sequence[str], Iterable[Sequence[Any]]]
"""Its title, its head, its rows."""

HEADS = ("Rate %", "Taxable value", "IGST", "CGST", "SGST/UTGST", "Cess")
BILL = ("GSTIN", "Name", "Number", "Date", "Value", "Place of supply")
NOTE = ("GSTIN", "Name", "Note", "Kind", "Date", "Value", "Invoice")
SUM = ("Type", "Place of supply")

NO_OPERATOR = "None: no sale through an e-commerce operator is written in these books."
"""Tables 14 and 15 (SUPECO) are of sales on marketplaces that collect tax or pay it under section
9(5). Bahi sells through none; whoever does beside it adds them on the portal."""


def gstr1_excel(found: Gstr1) -> bytes:
    """Every table on a sheet of its own, amounts as numbers that can be added up."""
    tables = (_bills, _notes, _amended, _advances, _codes, _documents)
    return _workbook(sheet for table in tables for sheet in table(found))


def gstr3b_excel(found: Gstr3b) -> bytes:
    """The tables of the form, amounts as numbers."""
    nil = Part(0, found.nil)
    supplies = [
        (
            "3.1(a)",
            "Outward taxable supplies (other than zero rated, nil rated, exempt)",
            found.taxable,
        ),
        ("3.1(b)", "Outward taxable supplies (zero rated)", found.zero_rated),
        ("3.1(c)", "Other outward supplies (nil rated, exempt)", nil),
        ("3.1(d)", "Inward supplies (liable to reverse charge)", found.reverse_charge),
        ("3.1(e)", "Non-GST outward supplies", Part(0)),
        *(
            ("3.2", f"To unregistered persons in {place}", part)
            for place, part in sorted(found.inter_unregistered.items())
        ),
    ]
    credit = [
        ("4(A)(3)", "Inward supplies liable to reverse charge", found.input_reverse),
        ("4(A)(5)", "All other ITC", found.available.plus(found.input_reverse, -1)),
        ("4(B)(1)", "Reversed by rules 38, 42, 43 and section 17(5)", found.given_back),
        ("4(B)(2)", "Reversed otherwise (rule 37)", found.reversed),
        ("4(C)", "Net ITC available", found.input_tax),
        ("4(D)(1)", "Reclaimed of what was reversed in 4(B)(2)", found.reclaimed),
    ]
    inward = [
        [
            "5",
            "Composition, exempt and nil rated: inter-State",
            rupees(found.exempt_inward.get(True, 0)),
        ],
        [
            "5",
            "Composition, exempt and nil rated: intra-State",
            rupees(found.exempt_inward.get(False, 0)),
        ],
    ]
    paid_late = [("5.1", "Interest", found.interest), ("5.1", "Late fee", found.late_fee)]
    heads = ["IGST", "CGST", "SGST/UTGST", "Cess"]
    return _workbook(
        [
            (
                "3 Supplies",
                ["Table", "Nature of supplies", "Taxable value", *heads],
                [[table, name, *_cells(part)[1:]] for table, name, part in supplies],
            ),
            (
                "4 ITC",
                ["Table", "Details", *heads],
                [[table, name, *_cells(part)[2:]] for table, name, part in credit],
            ),
            ("5 Inward", ["Table", "Nature of supplies", "Value"], inward),
            (
                "5.1 Interest",
                ["Table", "Details", *heads],
                [[table, name, *_cells(part)[2:]] for table, name, part in paid_late],
            ),
        ]
    )


def cmp08_excel(found: Cmp08) -> bytes:
    """Table 3 of the form, amounts as numbers."""
    rows = [
        [str(number), CMP08_ROWS[name], rupees(part.taxable), *_cells(part)[2:]]
        for number, (name, part) in enumerate(rows_of(found), start=1)
    ]
    head = ["Sr", "Description", "Value", "IGST", "CGST", "SGST/UTGST", "Cess"]
    return _workbook([("CMP-08", head, rows)])


def gstr4_excel(found: Gstr4) -> bytes:
    """Tables 4, 5 and 6 of the form, amounts as numbers."""
    heads = ["Rate %", "Value", "IGST", "CGST", "SGST/UTGST", "Cess"]
    inward = [
        [one.part, one.gstin, "Inter" if one.inter_state else "Intra", *_cells(one.bought)]
        for one in found.inward
    ]
    quarters = [
        [f"{one.start:%b}-{one.end:%b %Y}", rupees(one.turnover), *_cells(one.payable)[2:]]
        for one in found.quarters
    ]
    outward = [["Outward", *_cells(part)] for part in found.outward]
    outward += [["Reverse charge", *_cells(part)] for part in found.reverse_charge]
    return _workbook(
        [
            ("4 Inward", ["Table", "GSTIN", "Supply", *heads], inward),
            ("5 CMP-08", ["Quarter", "Turnover", *heads[2:]], quarters),
            ("6 By rate", ["Type", *heads], outward),
        ]
    )


def _bills(found: Gstr1) -> Iterator[Sheet]:
    of_buyers = [
        [*_bill_cells(one), type_of(one.document), *_cells(part)]
        for one in found.b2b
        for part in taxed_parts(one)
    ]
    yield "b2b", (*BILL, "Type", *HEADS), of_buyers
    large = [[*_bill_cells(one), *_cells(part)] for one in found.b2cl for part in taxed_parts(one)]
    yield "b2cl", (*BILL, *HEADS), large
    yield "b2cs", (*SUM, *HEADS), _sums(found.b2cs)
    exported = [[*_bill_cells(one), *_cells(part)] for one in found.exports for part in one.parts]
    yield "exp", (*BILL, *HEADS), exported


def _notes(found: Gstr1) -> Iterator[Sheet]:
    for title, table in (("cdnr", found.notes_registered), ("cdnur", found.notes_unregistered)):
        rows = [[*_note_cells(one), *_cells(part)] for one in table for part in taxed_parts(one)]
        yield title, (*NOTE, *HEADS), rows


def _amended(found: Gstr1) -> Iterator[Sheet]:
    head = ("Table", "Number", "Date", "GSTIN before", "Place before", BILL[0], BILL[-1], *HEADS)
    rows = [
        [
            one.table, one.before.number, one.before.on_date,
            one.before.customer_gstin or "", one.before.place_of_supply,
            one.after.customer_gstin or "", one.after.place_of_supply, *_cells(part),
        ]
        for one in found.amended
        for part in parts_of(one.after)
        if part.rate
    ]  # fmt: skip
    yield "amended", head, rows


def _advances(found: Gstr1) -> Iterator[Sheet]:
    yield "at", (*SUM, *HEADS), _sums(found.advances)
    yield "txpd", (*SUM, *HEADS), _sums(found.adjusted)


def _codes(found: Gstr1) -> Iterator[Sheet]:
    yield "nil", ("Supply", "Nil, exempt"), [[kind, rupees(p)] for kind, p in found.nil.items()]
    for title, codes in (("hsn_b2b", found.hsn_b2b), ("hsn_b2c", found.hsn_b2c)):
        rows = [
            [one.hsn, one.description, one.uqc, float(one.quantity), *_cells(one.part)]
            for one in codes
        ]
        yield title, ("HSN", "Description", "UQC", "Quantity", *HEADS), rows


def _documents(found: Gstr1) -> Iterator[Sheet]:
    yield "eco", ("Tables 14 and 15",), [[NO_OPERATOR]]
    issued = [
        [one.kind, one.first, one.last, one.count, one.cancelled, one.count - one.cancelled]
        for one in found.ranges
    ]
    yield "docs", ("Kind", "From", "To", "Total", "Cancelled", "Net"), issued
    problems = [[one.number, one.code, one.what] for one in found.problems]
    yield "check", ("Number", "Problem", "Line"), problems


def _sums(table: Mapping[SmallKey, Part]) -> list[list[Any]]:
    return [[kind, place, *_cells(part)] for (kind, place, _), part in table.items()]


def _workbook(sheets: Iterable[Sheet]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, head, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.append(list(head))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in rows:
            sheet.append(list(row))
        sheet.freeze_panes = "A2"
        for index, name in enumerate(head):
            sheet.column_dimensions[chr(ord("A") + index)].width = max(12, len(name) + 3)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _bill_cells(one: Filed) -> list[Any]:
    document = one.document
    return [
        document.customer_gstin or "",
        document.customer_name,
        document.number,
        document.on_date,
        rupees(document.total_paise),
        document.place_of_supply,
    ]


def _note_cells(one: Filed) -> list[Any]:
    document, noted = one.document, one.note
    if noted is None:
        raise ValueError("a note is filed with itself")
    return [
        document.customer_gstin or "",
        document.customer_name,
        noted.number,
        "Credit" if noted.kind == "credit_note" else "Debit",
        noted.on_date,
        rupees(noted.total_paise),
        document.number,
    ]


def _cells(part: Part) -> list[Any]:
    amounts = (part.taxable, part.igst, part.cgst, part.sgst, part.cess)
    return [percent_of(part.rate), *(rupees(paise) for paise in amounts)]
