"""An invoice on the 80 mm roll of a counter printer: one strip, as long as it needs to be.

The strip is laid out twice by the same code: once to find its length, once to draw it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from erp_core.invoicing import upi, words
from erp_core.invoicing.batches import Portions, batches_below, portions_of
from erp_core.invoicing.dress import PLAIN_DRESS, Dress, dress_of
from erp_core.invoicing.pdf import (
    NO_BILLS,
    TAX_INVOICES,
    code_and_price,
    code_label,
    labels_in,
    legends,
    licences,
    percent_of_half,
    rate_of_cess,
)
from erp_core.invoicing.queries import Invoice, bands
from erp_core.invoicing.sheet import Align, Sheet, Style, line_height
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain
from erp_core.parties.queries import business
from erp_core.tax import states
from erp_core.tax.gst import percent

ROLL = 80.0
EDGE = 4.0
"""What a printer of 80 mm leaves white on each side."""
WIDTH = ROLL - 2 * EDGE
LONGEST = 3000.0
QR_SIZE = 34.0
TEXT = 8.0
SMALL = 7.0


class _Ruler(Sheet):
    """A sheet that is only measured: nothing is drawn on it."""

    def text(self, *_: Any, **__: Any) -> None:
        """Nothing."""

    def rule(self, *_: Any, **__: Any) -> None:
        """Nothing."""

    def modules(self, *_: Any) -> None:
        """Nothing."""


@dataclass
class _Strip:
    """The strip as it grows downwards."""

    sheet: Sheet
    invoice: Invoice
    labels: dict[str, str]
    vpa: str | None
    vpa_verified: bool
    dress: Dress
    portions: Portions
    wrapped: dict[tuple[str, float, str], list[str]]
    """What the first laying out found of where lines break."""
    y: float = EDGE

    def line(self, text: str, *, size: float = TEXT, style: Style = "", align: Align = "L") -> None:
        """A text over as many lines as it needs."""
        key = (text, size, style)
        if key not in self.wrapped:
            self.wrapped[key] = self.sheet.wrap(text, width=WIDTH, size=size, style=style)
        for piece in self.wrapped[key]:
            self.sheet.text(EDGE, self.y, piece, size=size, style=style, width=WIDTH, align=align)
            self.y += line_height(size)

    def pair(self, left: str, right: str, *, size: float = TEXT, style: Style = "") -> None:
        """Two texts at the two edges of one line."""
        self.sheet.text(EDGE, self.y, left, size=size, style=style, width=WIDTH * 0.6)
        self.sheet.text(
            EDGE + WIDTH * 0.45, self.y, right, size=size, style=style, width=WIDTH * 0.55,
            align="R",
        )  # fmt: skip
        self.y += line_height(size)

    def rule(self) -> None:
        """A line across."""
        self.y += 1
        self.sheet.rule(self.y, x=EDGE, width=WIDTH, bold=True)
        self.y += 1


def render(reader: Reader, document: Invoice, language: str) -> bytes:
    """The strip of a document that has been read, as a PDF 80 mm wide."""
    shop = business(reader)
    return draw(
        document,
        language=language,
        vpa=shop.upi_vpa,
        vpa_verified=shop.upi_verified,
        dress=dress_of(reader, shop),
        portions=portions_of(reader, document),
    )


def draw(
    document: Invoice,
    *,
    language: str,
    vpa: str | None,
    vpa_verified: bool = True,
    dress: Dress = PLAIN_DRESS,
    portions: Portions | None = None,
) -> bytes:
    """The strip in "hindi", "english" or "hinglish" (which prints in English)."""
    labels = labels_in("hindi" if language == "hindi" else "english")

    wrapped: dict[tuple[str, float, str], list[str]] = {}

    def lay_out(height: float, kind: type[Sheet]) -> _Strip:
        sheet = kind(
            title=document.number, on=document.on_date, language=language, size=(ROLL, height)
        )
        sheet.new_page()
        strip = _Strip(sheet, document, labels, vpa, vpa_verified, dress, portions or {}, wrapped)
        for part in PARTS:
            part(strip)
        return strip

    return lay_out(lay_out(LONGEST, _Ruler).y + EDGE, Sheet).sheet.output()


def _head(strip: _Strip) -> None:
    document = strip.invoice
    if document.composition:
        strip.line(strip.labels["composition"], size=SMALL, align="C")
    if strip.dress.logo:
        strip.y += strip.sheet.picture(
            EDGE + WIDTH / 4, strip.y, strip.dress.logo, height=14, most_width=WIDTH / 2
        )
        strip.y += 1
    strip.line(document.supplier_name, size=12, style="B", align="C")
    if document.supplier_address:
        strip.line(document.supplier_address, size=SMALL, align="C")
    state = f"{states.state_name(document.supplier_state)} ({document.supplier_state})"
    strip.line(state, size=SMALL, align="C")
    if document.supplier_gstin:
        strip.line(f"{strip.labels['gstin']} {document.supplier_gstin}", style="B", align="C")
    for licence in licences(document, strip.labels):
        strip.line(licence, size=SMALL, align="C")
    strip.rule()
    strip.line(strip.labels[document.kind], size=9.5, style="B", align="C")
    if document.status == "cancelled":
        strip.line(strip.labels["cancelled"], size=11, style="B", align="C")
    strip.pair(document.number, f"{document.on_date:%d-%m-%Y}", style="B")
    if document.against:
        number, on = document.against
        strip.pair(strip.labels["against"], f"{number}, {on:%d-%m-%Y}", size=SMALL)


def _buyer(strip: _Strip) -> None:
    document = strip.invoice
    strip.line(f"{strip.labels['bill_to']}: {document.customer_name}")
    if document.customer_address:
        strip.line(document.customer_address, size=SMALL)
    if document.customer_gstin:
        strip.line(f"{strip.labels['gstin']} {document.customer_gstin}", size=SMALL)
    if document.kind != "bill":
        place = f"{states.state_name(document.place_of_supply)} ({document.place_of_supply})"
        strip.line(f"{strip.labels['place_of_supply']}: {place}", size=SMALL)
    if document.kind in TAX_INVOICES:
        answer = strip.labels["yes" if document.reverse_charge else "no"]
        strip.line(f"{strip.labels['reverse_charge']}: {answer}", size=SMALL)


def _lines(strip: _Strip) -> None:
    strip.rule()
    for line in strip.invoice.lines:
        strip.line(line.name, style="B")
        rate = f"{plain(line.quantity)} × {words.figure(line.unit_price_paise)}"
        strip.pair(rate, words.figure(line.total_paise))
        facts = code_and_price(line, strip.labels)
        if _taxed(strip):
            facts.append(f"{strip.labels['tax']} {percent(line.rate)}%{rate_of_cess(line)}")
        if facts:
            strip.line(" · ".join(facts), size=SMALL)
        for batch in batches_below(line, strip.portions, strip.labels):
            strip.line(batch, size=SMALL)


def _totals(strip: _Strip) -> None:
    document, labels = strip.invoice, strip.labels
    strip.rule()
    if _taxed(strip):
        strip.pair(labels["taxable"], words.figure(document.subtotal_paise))
        if document.inter_state:
            strip.pair(labels["igst"], words.figure(document.igst_paise))
        else:
            second = states.second_head(document.place_of_supply).lower()
            strip.pair(labels["cgst"], words.figure(document.cgst_paise))
            strip.pair(labels[second], words.figure(document.sgst_paise))
        if document.cess_paise:
            strip.pair(labels["cess"], words.figure(document.cess_paise))
    if document.round_off_paise:
        strip.pair(labels["round_off"], words.figure(document.round_off_paise))
    strip.pair(labels["total"], f"₹{words.figure(document.total_paise)}", size=11.5, style="B")
    strip.line(words.in_english(document.total_paise), size=SMALL)
    strip.line(words.in_hindi(document.total_paise), size=SMALL)
    paid = document.total_paise - document.due_paise
    if document.status == "issued" and document.due_paise and paid:
        strip.pair(labels["paid"], words.figure(paid))
        strip.pair(labels["due"], words.figure(document.due_paise), style="B")


def _tax_bands(strip: _Strip) -> None:
    if not _taxed(strip):
        return
    strip.rule()
    strip.line(strip.labels["summary"], size=SMALL, style="B")
    for band in bands(strip.invoice):
        label = code_label(band.hsn, strip.labels)
        where = f"{label} {band.hsn or '–'}: {words.figure(band.taxable_paise)}"
        if strip.invoice.inter_state:
            tax = f"IGST {percent(band.rate)}% {words.figure(band.igst_paise)}"
        else:
            half = percent_of_half(band.rate)
            tax = f"{half}% + {half}% = {words.figure(band.cgst_paise + band.sgst_paise)}"
        strip.pair(where, tax, size=SMALL)


def _foot(strip: _Strip) -> None:
    document = strip.invoice
    if strip.vpa and document.due_paise > 0:
        strip.rule()
        uri = upi.pay_uri(
            vpa=strip.vpa,
            name=document.supplier_name,
            amount_paise=document.due_paise,
            reference=document.number,
        )
        strip.sheet.modules((ROLL - QR_SIZE) / 2, strip.y + 1, QR_SIZE, upi.qr_matrix(uri))
        strip.y += QR_SIZE + 2.5
        easy = upi.scans_from_gallery(document.due_paise, verified=strip.vpa_verified)
        how = strip.labels["scan" if easy else "scan_by_camera"]
        strip.line(how, size=SMALL, align="C")
        strip.line(f"₹{words.figure(document.due_paise)}", size=10, style="B", align="C")
        strip.line(strip.vpa, size=SMALL, align="C")
    strip.rule()
    for note in legends(document, strip.labels):
        strip.line(note, size=SMALL)
    strip.line(strip.labels["for"].format(name=document.supplier_name), size=SMALL, align="R")
    strip.y += 7
    strip.line(strip.labels["signatory"], size=SMALL, align="R")


def _taxed(strip: _Strip) -> bool:
    kind = strip.invoice.kind
    return kind in TAX_INVOICES or (kind in NO_BILLS and strip.invoice.tax_paise > 0)


PARTS: tuple[Callable[[_Strip], None], ...] = (
    _head, _buyer, _lines, _totals, _tax_bands, _foot,
)  # fmt: skip
