"""An invoice on paper: A4, in the language of whoever reads it, with what rule 46 asks for.

Everything is drawn from the frozen invoice; only the payment state, the shop's UPI address and the
batches of the goods are of today. The same invoice gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import yaml

from erp_core.catalogue.codes import is_service
from erp_core.invoicing import upi, words
from erp_core.invoicing.batches import Portions, batches_below, portions_of
from erp_core.invoicing.descriptions import DESCRIPTIONS
from erp_core.invoicing.dress import PLAIN_DRESS, Dress, dress_of
from erp_core.invoicing.queries import Band, Invoice, InvoiceLine, bands, credited, invoice
from erp_core.invoicing.registration import Registration, registration_of
from erp_core.invoicing.sheet import (
    GREY,
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    WASH,
    WHITE,
    WIDTH,
    Align,
    Colour,
    Sheet,
    line_height,
)
from erp_core.journal.context import Reader
from erp_core.kernel.clock import INDIA
from erp_core.kernel.quantity import UNITS, plain
from erp_core.parties.queries import business
from erp_core.tax import states
from erp_core.tax.gst import percent

LABELS = Path(__file__).with_name("labels.yml")

RIGHT = PAGE_WIDTH - MARGIN
BOTTOM = PAGE_HEIGHT - 16
"""Nothing but the page number stands below."""

TEXT = 9.0
SMALL = 7.5
PAD = 1.6
QR_SIZE = 30.0
SIGNED_QR_SIZE = 44.0
"""A signed code has four times the modules of a payment's."""
TOTALS_WIDTH = 78.0
CLOSING = 22.0
BAND_WIDTHS = {
    4: (30.0, 60.0, 36.0, 56.0),
    5: (30.0, 48.0, 30.0, 42.0, 32.0),
    6: (30.0, 38.0, 22.0, 36.0, 22.0, 34.0),
    7: (28.0, 34.0, 19.0, 28.0, 19.0, 28.0, 26.0),
}
"""By how many columns the tax summary has: one head across states, two within, cess behind."""


TAX_INVOICES = frozenset({"tax_invoice", "invoice_cum_bill", "credit_note", "debit_note"})
REGISTERED = frozenset({"tax_invoice", "credit_note", "debit_note"})
BILLS = frozenset({"tax_invoice", "invoice_cum_bill", "bill_of_supply", "bill"})
NO_BILLS = ("proforma", "delivery_challan")
LOGO_HEIGHT = 16.0


@dataclass(frozen=True)
class Column:
    """A column of the table of lines: main text, and a smaller one below it."""

    label: str
    width: float
    align: Align
    main: Callable[[int, InvoiceLine], str]
    below: Callable[[InvoiceLine], str]


@dataclass(frozen=True)
class _Page:
    """What all parts of the document need to know."""

    sheet: Sheet
    invoice: Invoice
    labels: dict[str, str]
    language: str
    vpa: str | None
    vpa_verified: bool
    dress: Dress = PLAIN_DRESS
    credited: int = 0
    registered: Registration | None = None
    portions: Portions = field(default_factory=dict)

    @property
    def paid(self) -> int:
        """What was paid on the bill; nothing on what is no bill."""
        document = self.invoice
        if document.kind not in BILLS or document.status == "cancelled":
            return 0
        return document.total_paise - document.due_paise - self.credited

    @property
    def accent(self) -> Colour:
        return self.dress.colour

    @property
    def taxed(self) -> bool:
        """Whether the tax of each line stands on it."""
        kind = self.invoice.kind
        return kind in TAX_INVOICES or (kind in NO_BILLS and self.invoice.tax_paise > 0)

    def label(self, name: str) -> str:
        return self.labels[name]


def render(reader: Reader, invoice_id: UUID, language: str) -> bytes:
    """The PDF of an invoice in "hindi", "english" or "hinglish" (which prints in English).

    Raises NotFound("invoice").
    """
    return draw_for(reader, invoice(reader, invoice_id), language)


def draw_for(reader: Reader, document: Invoice, language: str) -> bytes:
    """The PDF of a document that has been read, in the dress of its shop."""
    shop = business(reader)
    return draw(
        document,
        language=language,
        vpa=shop.upi_vpa,
        vpa_verified=shop.upi_verified,
        dress=dress_of(reader, shop),
        credited=credited(reader, document.id) if document.kind in BILLS else 0,
        registered=registration_of(reader, document.id) if document.kind in REGISTERED else None,
        portions=portions_of(reader, document),
    )


def draw(
    document: Invoice,
    *,
    language: str,
    vpa: str | None,
    vpa_verified: bool = True,
    dress: Dress = PLAIN_DRESS,
    credited: int = 0,
    registered: Registration | None = None,
    portions: Portions | None = None,
) -> bytes:
    """The PDF of an invoice that has been read, in the dress of its shop.

    `credited` is what notes have taken off it since, in paise; `registered` how it stands with the
    e-invoice portal, where it must be registered there; `portions` the batches of its goods.
    """
    page = _Page(
        sheet=Sheet(title=document.number, on=document.on_date, language=language),
        invoice=document,
        labels=labels_in("hindi" if language == "hindi" else "english"),
        language=language,
        vpa=vpa,
        vpa_verified=vpa_verified,
        dress=dress,
        credited=credited,
        registered=registered,
        portions=portions or {},
    )
    y = _first_page(page)
    y = _lines(page, y)
    y = _totals_and_words(page, _room(page, y, _totals_height(page)))
    y = _tax_bands(page, y)
    y = _signed(page, y)
    _closing(page, _room(page, y, CLOSING))
    _page_numbers(page)
    return page.sheet.output()


@lru_cache(maxsize=2)
def labels_in(language: str) -> dict[str, str]:
    labels: dict[str, dict[str, str]] = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    return labels[language]


def _first_page(page: _Page) -> float:
    _begin(page)
    if page.invoice.composition:
        page.sheet.text(MARGIN, 7, page.label("composition"), style="B", width=WIDTH, align="C")
    y = max(_supplier(page, 15), _title(page, 15)) + 4
    return _parties(page, y) + 5


def _begin(page: _Page) -> None:
    """A new page, with its red edge and, if need be, its stamp."""
    page.sheet.new_page()
    page.sheet.fill(0, 0, PAGE_WIDTH, 3.2, page.accent)
    if page.invoice.status == "cancelled":
        page.sheet.stamp(page.label("cancelled"), colour=page.accent)


def _supplier(page: _Page, y: float) -> float:
    sheet, document = page.sheet, page.invoice
    if page.dress.logo:
        y += sheet.picture(MARGIN, y, page.dress.logo, height=LOGO_HEIGHT, most_width=60) + 1.5
    y = sheet.paragraph(MARGIN, y, document.supplier_name, width=104, size=17, style="B")
    y += 0.8
    if document.supplier_address:
        y = sheet.paragraph(MARGIN, y, document.supplier_address, width=100, colour=GREY)
    state = f"{states.state_name(document.supplier_state)} ({document.supplier_state})"
    y = sheet.paragraph(MARGIN, y, state, width=100, colour=GREY)
    if document.supplier_gstin:
        gstin = f"{page.label('gstin')} {document.supplier_gstin}"
        y = sheet.paragraph(MARGIN, y + 0.6, gstin, width=100, style="B")
    for licence in licences(document, page.labels):
        y = sheet.paragraph(MARGIN, y + 0.4, licence, width=100)
    return y


def _title(page: _Page, y: float) -> float:
    sheet, x, width = page.sheet, 118.0, RIGHT - 118.0
    title = page.label(page.invoice.kind)
    sheet.text(x, y, title, size=15, style="B", colour=page.accent, width=width, align="R")
    y += line_height(15) + 0.6
    if page.invoice.kind != "bill":
        copy = "copies" if page.invoice.kind == "delivery_challan" else "copy"
        sheet.text(x, y, page.label(copy), size=SMALL, colour=GREY, width=width, align="R")
        y += line_height(SMALL)
    if page.paid > 0 and page.invoice.payment_status == "paid":
        paid = page.label("full")
        sheet.text(
            x, y + 1.5, paid, size=11, style="B", colour=(22, 120, 68), width=width, align="R"
        )
        y += line_height(11) + 1.5
    return y


def _parties(page: _Page, y: float) -> float:
    """Who is billed, on the left; the facts of the document, on the right."""
    facts = _facts(page)
    buyer = _buyer_lines(page)
    height = max(_buyer_height(page, buyer), 10.2 * ((len(facts) + 1) // 2)) + 5
    page.sheet.fill(MARGIN, y, WIDTH, height, WASH)
    page.sheet.fill(MARGIN, y, 1.2, height, page.accent)
    _buyer(page, y + 3, buyer)
    for index, (label, value) in enumerate(facts):
        x = 118 + 40 * (index % 2)
        top = y + 3 + 10.2 * (index // 2)
        page.sheet.text(x, top, label, size=SMALL, colour=GREY, width=38)
        page.sheet.text(x, top + line_height(SMALL), value, style="B", width=38)
    return y + height


def _facts(page: _Page) -> list[tuple[str, str]]:
    document = page.invoice
    facts = [
        (page.label("number"), document.number),
        (page.label("date"), f"{document.on_date:%d-%m-%Y}"),
    ]
    if document.kind != "bill":
        place = f"{states.state_name(document.place_of_supply)} ({document.place_of_supply})"
        facts.append((page.label("place_of_supply"), place))
    if document.kind in TAX_INVOICES:
        answer = page.label("yes" if document.reverse_charge else "no")
        facts.append((page.label("reverse_charge"), answer))
    if document.against:
        number, on = document.against
        facts.append((page.label("against"), f"{number}, {on:%d-%m-%Y}"))
    return facts


def _buyer_lines(page: _Page) -> list[str]:
    document = page.invoice
    lines = [document.customer_address or ""]
    if document.customer_state:
        name = states.state_name(document.customer_state)
        lines.append(f"{page.label('state')}: {name} ({document.customer_state})")
    if document.customer_gstin:
        lines.append(f"{page.label('gstin')} {document.customer_gstin}")
    if document.delivery_address:
        lines.append(f"{page.label('delivery')}: {document.delivery_address}")
    return [line for line in lines if line]


def _buyer_height(page: _Page, lines: Sequence[str]) -> float:
    name = page.sheet.wrap(page.invoice.customer_name, width=94, size=11.5, style="B")
    rest = sum(len(page.sheet.wrap(line, width=94)) for line in lines)
    return line_height(SMALL) + len(name) * line_height(11.5) + rest * line_height(TEXT) + 1


def _buyer(page: _Page, y: float, lines: Sequence[str]) -> None:
    sheet, x = page.sheet, MARGIN + 5
    sheet.text(x, y, page.label("bill_to"), size=SMALL, colour=GREY)
    y += line_height(SMALL) + 0.3
    y = sheet.paragraph(x, y, page.invoice.customer_name, width=94, size=11.5, style="B")
    for line in lines:
        y = sheet.paragraph(x, y, line, width=94)


def _lines(page: _Page, y: float) -> float:
    """The table of what was sold, over as many pages as it needs."""
    columns = _columns(page)
    y = _table_head(page, columns, y)
    for position, line in enumerate(page.invoice.lines, start=1):
        room = columns[1].width - 2 * PAD
        names = page.sheet.wrap(_name_of(page, line), width=room)
        batches = [
            piece
            for text in batches_below(line, page.portions, page.labels)
            for piece in page.sheet.wrap(text, width=room, size=SMALL)
        ]
        height = _row_height(len(names), below=any(column.below(line) for column in columns))
        height += len(batches) * line_height(SMALL)
        if y + height > BOTTOM:
            _continue(page)
            y = _table_head(page, columns, 18)
        _row(page, columns, y, position, line, names)
        top = y + height - PAD - len(batches) * line_height(SMALL)
        for batch in batches:
            page.sheet.text(MARGIN + columns[0].width + PAD, top, batch, size=SMALL, width=room)
            top += line_height(SMALL)
        y += height
        page.sheet.rule(y)
    return y


def _columns(page: _Page) -> list[Column]:
    taxed = page.taxed
    widths = (8.0, 53.0, 21.0, 25.0, 26.0, 22.0, 27.0) if taxed else (8.0, 94.0, 24.0, 28.0, 28.0)
    columns = [
        Column("#", 0, "L", lambda position, _: str(position), _nothing),
        Column(page.label("item"), 0, "L", lambda _, line: _name_of(page, line), _hsn_of(page)),
        Column(page.label("quantity"), 0, "R", lambda _, line: _quantity_of(line), _nothing),
        Column(
            page.label("rate"),
            0,
            "R",
            lambda _, line: words.figure(line.unit_price_paise),
            _nothing,
        ),
    ]
    if taxed:
        columns += [
            Column(
                page.label("taxable"),
                0,
                "R",
                lambda _, line: words.figure(line.taxable_paise),
                _nothing,
            ),
            Column(
                page.label("tax"), 0, "R", lambda _, line: words.figure(_tax_of(line)), _rate_of
            ),
        ]
    columns.append(
        Column(
            page.label("amount"), 0, "R", lambda _, line: words.figure(line.total_paise), _nothing
        )
    )
    return [
        Column(one.label, width, one.align, one.main, one.below)
        for one, width in zip(columns, widths, strict=True)
    ]


def _table_head(page: _Page, columns: Sequence[Column], y: float) -> float:
    height = line_height(8) + 2 * PAD
    page.sheet.fill(MARGIN, y, WIDTH, height, page.accent)
    for x, column in _placed(columns):
        page.sheet.text(
            x + PAD,
            y + PAD,
            column.label,
            size=8,
            style="B",
            colour=WHITE,
            width=column.width - 2 * PAD,
            align=column.align,
        )
    return y + height


def _row(
    page: _Page,
    columns: Sequence[Column],
    y: float,
    position: int,
    line: InvoiceLine,
    names: Sequence[str],
) -> None:
    for index, (x, column) in enumerate(_placed(columns)):
        top, room = y + PAD, column.width - 2 * PAD
        for text in names if index == 1 else [column.main(position, line)]:
            page.sheet.text(x + PAD, top, text, width=room, align=column.align)
            top += line_height(TEXT)
        below = column.below(line)
        if below:
            page.sheet.text(
                x + PAD, top, below, size=SMALL, colour=GREY, width=room, align=column.align
            )


def _row_height(name_lines: int, *, below: bool) -> float:
    return name_lines * line_height(TEXT) + (line_height(SMALL) if below else 0) + 2 * PAD


def _placed(columns: Sequence[Column]) -> list[tuple[float, Column]]:
    x, placed = MARGIN, []
    for column in columns:
        placed.append((x, column))
        x += column.width
    return placed


def _continue(page: _Page) -> None:
    _begin(page)
    heading = f"{page.invoice.number} · {page.label('continued')}"
    page.sheet.text(MARGIN, 9, heading, size=SMALL, colour=GREY)


def _room(page: _Page, y: float, height: float) -> float:
    """Where a block of this height can stand: here, or on a new page."""
    if y + height <= BOTTOM:
        return y
    _continue(page)
    return 18.0


def _totals_height(page: _Page) -> float:
    right = len(_totals(page)) * 6.2 + 24
    left = 30 + (QR_SIZE if _pay_uri(page) else 0)
    return max(left, right) + 5


def _totals_and_words(page: _Page, y: float) -> float:
    top = y + 5
    return max(_qr(page, _words(page, top)), _total_rows(page, top)) + 4


def _words(page: _Page, y: float) -> float:
    sheet, width = page.sheet, WIDTH - TOTALS_WIDTH - 8
    total = page.invoice.total_paise
    sheet.text(MARGIN, y, page.label("in_words"), size=SMALL, colour=GREY)
    y += line_height(SMALL) + 0.4
    y = sheet.paragraph(MARGIN, y, words.in_english(total), width=width, style="B")
    return sheet.paragraph(MARGIN, y + 0.4, words.in_hindi(total), width=width) + 3


def _qr(page: _Page, y: float) -> float:
    uri = _pay_uri(page)
    if uri is None:
        return y
    sheet, x = page.sheet, MARGIN + QR_SIZE + 5
    sheet.modules(MARGIN, y, QR_SIZE, upi.qr_matrix(uri))
    room = WIDTH - TOTALS_WIDTH - QR_SIZE - 13
    due_paise = page.invoice.due_paise
    easy = upi.scans_from_gallery(due_paise, verified=page.vpa_verified)
    how = page.label("scan" if easy else "scan_by_camera")
    top = sheet.paragraph(x, y + (4 if easy else 1), how, width=room, size=8, colour=GREY) + 1
    due = f"₹{words.figure(page.invoice.due_paise)}"
    sheet.text(x, top, due, size=13, style="B", width=room)
    sheet.text(x, top + line_height(13) + 0.5, page.vpa or "", size=8, width=room)
    return y + QR_SIZE


def _pay_uri(page: _Page) -> str | None:
    """Nothing is asked for when nothing is due or the shop has no UPI address."""
    if not page.vpa or page.invoice.due_paise <= 0:
        return None
    return upi.pay_uri(
        vpa=page.vpa,
        name=page.invoice.supplier_name,
        amount_paise=page.invoice.due_paise,
        reference=page.invoice.number,
    )


def _total_rows(page: _Page, y: float) -> float:
    x = RIGHT - TOTALS_WIDTH
    for label, paise in _totals(page):
        page.sheet.text(x + 3, y, label, colour=GREY, width=38)
        page.sheet.text(x + 38, y, words.figure(paise), width=TOTALS_WIDTH - 41, align="R")
        y += 6.2
    y = _grand_total(page, x, y)
    return _paid_rows(page, x, y)


def _totals(page: _Page) -> list[tuple[str, int]]:
    document = page.invoice
    if not page.taxed:
        return (
            [(page.label("round_off"), document.round_off_paise)]
            if document.round_off_paise
            else []
        )
    rows = [(page.label("taxable"), document.subtotal_paise)]
    if document.inter_state:
        rows.append((page.label("igst"), document.igst_paise))
    else:
        rows.append((page.label("cgst"), document.cgst_paise))
        rows.append((_second_head(page), document.sgst_paise))
    if document.cess_paise:
        rows.append((page.label("cess"), document.cess_paise))
    if document.round_off_paise:
        rows.append((page.label("round_off"), document.round_off_paise))
    return rows


def _grand_total(page: _Page, x: float, y: float) -> float:
    height = 10.5
    page.sheet.fill(x, y, TOTALS_WIDTH, height, page.accent)
    total = f"₹{words.figure(page.invoice.total_paise)}"
    page.sheet.text(x + 3, y + 2.6, page.label("total"), size=11, style="B", colour=WHITE, width=30)
    page.sheet.text(
        x + 24,
        y + 2.1,
        total,
        size=13,
        style="B",
        colour=WHITE,
        width=TOTALS_WIDTH - 27,
        align="R",
    )
    return y + height + 2


def _paid_rows(page: _Page, x: float, y: float) -> float:
    document = page.invoice
    rows = [(page.label("credited"), page.credited)] if page.credited else []
    rows += [(page.label("paid"), page.paid)] if page.paid else []
    if rows:
        rows.append((page.label("due"), document.due_paise))
    for label, paise in rows:
        page.sheet.text(x + 3, y, label, style="B", width=34)
        page.sheet.text(
            x + 36, y, words.figure(paise), style="B", width=TOTALS_WIDTH - 39, align="R"
        )
        y += 5.4
    return y


def _tax_bands(page: _Page, y: float) -> float:
    """Rate and amount of each head, by HSN code."""
    if not page.taxed:
        return y
    y = _room(page, y, 3 * line_height(SMALL) + 2)
    page.sheet.text(MARGIN, y, page.label("summary"), size=SMALL, colour=GREY)
    y += line_height(SMALL) + 0.8
    y = _band_row(page, y, _band_labels(page), bold=True)
    page.sheet.rule(y)
    for band in bands(page.invoice):
        y = _room(page, y + 0.4, line_height(SMALL))
        y = _band_row(page, y, _band_cells(page, band))
    return y + 4


def _band_labels(page: _Page) -> list[str]:
    start = [page.label("hsn"), page.label("taxable")]
    last = [page.label("cess")] if page.invoice.cess_paise else []
    if page.invoice.inter_state:
        return [*start, f"{page.label('igst')} %", page.label("igst"), *last]
    second = _second_head(page)
    cgst = page.label("cgst")
    return [*start, f"{cgst} %", cgst, f"{second} %", second, *last]


def _band_cells(page: _Page, band: Band) -> list[str]:
    start = [band.hsn or "–", words.figure(band.taxable_paise)]
    last = [words.figure(band.cess_paise)] if page.invoice.cess_paise else []
    if page.invoice.inter_state:
        return [*start, percent(band.rate), words.figure(band.igst_paise), *last]
    half = percent_of_half(band.rate)
    cgst, sgst = words.figure(band.cgst_paise), words.figure(band.sgst_paise)
    return [*start, half, cgst, half, sgst, *last]


def _signed(page: _Page, y: float) -> float:
    """The number and the signed QR code of an e-invoice (rule 46(r)); or that it waits for them."""
    known, sheet = page.registered, page.sheet
    if known is None or (page.invoice.status == "cancelled" and not known.printed):
        return y
    if not known.printed or known.signed_qr is None or known.ack_at is None:
        y = _room(page, y, line_height(TEXT) + 4)
        waits = page.label("einvoice_waits")
        sheet.text(MARGIN, y, waits, style="B", colour=page.accent, width=WIDTH)
        return y + line_height(TEXT) + 3
    y = _room(page, y, SIGNED_QR_SIZE + 3)
    sheet.modules(MARGIN, y, SIGNED_QR_SIZE, upi.signed_matrix(known.signed_qr))
    x, width = MARGIN + SIGNED_QR_SIZE + 5, WIDTH - SIGNED_QR_SIZE - 5
    top = sheet.paragraph(x, y + 2, page.label("einvoice"), width=width, size=11, style="B") + 1
    at = known.ack_at.astimezone(ZoneInfo(INDIA))
    for label, value in (
        ("irn", known.irn or ""),
        ("ack_no", known.ack_no or ""),
        ("ack_at", f"{at:%d-%m-%Y %H:%M}"),
    ):
        sheet.text(x, top, page.label(label), size=SMALL, colour=GREY, width=width)
        top += line_height(SMALL)
        sheet.text(x, top, value, size=8, width=width)
        top += line_height(8) + 0.8
    return y + SIGNED_QR_SIZE + 3


def percent_of_half(rate: int) -> str:
    """Half a rate in per cent: 1800 → "9", 25 → "0.125"."""
    thousandths = rate * 5
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def _band_row(page: _Page, y: float, cells: Sequence[str], *, bold: bool = False) -> float:
    x = MARGIN
    for index, (cell, width) in enumerate(zip(cells, BAND_WIDTHS[len(cells)], strict=True)):
        page.sheet.text(
            x,
            y,
            cell,
            size=SMALL,
            style="B" if bold else "",
            width=width,
            align="R" if index else "L",
        )
        x += width
    return y + line_height(SMALL) + 0.5


def _closing(page: _Page, y: float) -> None:
    """Notes on the left, the place for a signature on the right."""
    page.sheet.rule(y)
    top = y + 3
    for note in _notes(page):
        top = page.sheet.paragraph(MARGIN, top, note, width=100, size=SMALL, colour=GREY)
    x, width = RIGHT - TOTALS_WIDTH, TOTALS_WIDTH
    signed = page.label("for").format(name=page.invoice.supplier_name)
    page.sheet.text(x, y + 3, signed, style="B", width=width, align="R")
    page.sheet.text(
        x, y + 17, page.label("signatory"), size=SMALL, colour=GREY, width=width, align="R"
    )


def _notes(page: _Page) -> list[str]:
    return legends(page.invoice, page.labels)


def legends(document: Invoice, labels: Mapping[str, str]) -> list[str]:
    """The sentences that the law wants on a document of its kind; that of composition stands at its
    top (rule 5(1)(f))."""
    found = []
    inclusive = any(line.inclusive for line in document.lines) and not document.composition
    if document.treatment:
        found.append(labels[f"legend_{document.treatment}"])
    if document.kind == "bill_of_supply" and not document.composition:
        found.append(labels["exempt"])
    elif document.kind in ("bill", *NO_BILLS) and not document.supplier_gstin:
        found.append(labels["untaxed"])
    elif inclusive and document.kind != "bill":
        found.append(labels["inclusive"])
    if document.kind == "invoice_cum_bill":
        found.append(labels["cum_bill"])
    if document.corrected_on:
        found.append(labels["corrected"].format(on=f"{document.corrected_on:%d-%m-%Y}"))
    if any(line.by_rsp for line in document.lines):
        found.append(labels["by_rsp"])
    if document.kind in NO_BILLS:
        found.append(labels[f"legend_{document.kind}"])
    return found


def _page_numbers(page: _Page) -> None:
    pages = page.sheet.pages
    for number in page.sheet.on_each_page():
        text = page.label("page").format(page=number, pages=pages)
        page.sheet.text(
            MARGIN, PAGE_HEIGHT - 11, page.invoice.number, size=SMALL, colour=GREY, width=80
        )
        page.sheet.text(
            MARGIN, PAGE_HEIGHT - 11, text, size=SMALL, colour=GREY, width=WIDTH, align="R"
        )


def _name_of(page: _Page, line: InvoiceLine) -> str:
    code = page.invoice.description_code
    language = "hindi" if page.language == "hindi" else "english"
    return DESCRIPTIONS[code][language] if code else line.name


def _hsn_of(page: _Page) -> Callable[[InvoiceLine], str]:
    return lambda line: " · ".join(code_and_price(line, page.labels))


def licences(document: Invoice, labels: Mapping[str, str]) -> list[str]:
    """What a shop may sell medicine and food by, as it stands below its GSTIN."""
    numbers = (
        ("drug_licence", document.supplier_drug_licence),
        ("fssai", document.supplier_fssai),
    )
    return [f"{labels[name]} {number}" for name, number in numbers if number]


def code_label(code: str | None, labels: Mapping[str, str]) -> str:
    """What the code of goods is called, and that of a service."""
    return labels["sac" if is_service(code) else "hsn"]


def code_and_price(line: InvoiceLine, labels: Mapping[str, str]) -> list[str]:
    """The code of a line, and the retail price where its tax or cess is worked out of it."""
    found = [f"{code_label(line.hsn, labels)} {line.hsn}"] if line.hsn else []
    if line.rsp_paise is not None:
        found.append(f"{labels['mrp']} {words.figure(line.rsp_paise)}")
    return found


def _quantity_of(line: InvoiceLine) -> str:
    uqc = UNITS[line.unit].uqc if line.unit in UNITS else ""
    return f"{plain(line.quantity)} {uqc}".strip()


def _rate_of(line: InvoiceLine) -> str:
    return f"{percent(line.rate)}%{rate_of_cess(line)}"


def rate_of_cess(line: InvoiceLine) -> str:
    """What stands behind the rate of a line that bears a cess."""
    if not line.cess_paise:
        return ""
    return f" + {percent(line.cess_rate)}%" if line.cess_rate else " + cess"


def _nothing(_: InvoiceLine) -> str:
    return ""


def _tax_of(line: InvoiceLine) -> int:
    return line.tax_paise


def _second_head(page: _Page) -> str:
    return page.label(states.second_head(page.invoice.place_of_supply).lower())
