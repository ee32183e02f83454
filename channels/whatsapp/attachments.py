"""Files that leave with a reply. A reply holds a reference only; the bytes are made when it
is sent.

A reference is {"kind": …, …}; each kind has one maker. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from channels.whatsapp.outbound import PayRequest
from erp_core.journal.context import Reader
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import BahiError, Invalid, Unavailable
from erp_core.kernel.settings import Settings
from erp_core.runtime import Bahi

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class File:
    """A file ready to be uploaded."""

    kind: Literal["image", "document", "audio"]
    data: bytes
    mime: str
    filename: str


TEXT = "text/plain"
"""WhatsApp carries no application/json; a portal goes by the name of the file."""

PAY_REQUEST = "order_details"

SPOKEN = "spoken"
OPUS = "audio/ogg; codecs=opus"


def pay_request(
    bahi: Bahi, business_id: int, reference: Mapping[str, Any], item: str
) -> PayRequest:
    """{"kind": "order_details", "id": …}: a message of its own kind, no file. Blocking.

    Raises NotFound("payment_link") when there is nothing to pay any more.
    """
    from erp_core.payments import gateway

    with bahi.read(business_id, SYSTEM) as reader:
        asked = gateway.request(reader, UUID(str(reference["id"])))
    return PayRequest(asked.reference, asked.amount, asked.configuration, item)


Maker = Callable[[Reader, Mapping[str, Any], str], File]
"""(reader, reference, language) → the file. Raises BahiError."""


def resolve(bahi: Bahi, business_id: int, reference: Mapping[str, Any], language: str) -> File:
    """The file of a reference. Blocking. Raises Invalid("unknown_attachment")."""
    if reference.get("kind") == SPOKEN:
        return spoken_words(reference)
    maker = MAKERS.get(str(reference.get("kind")))
    if maker is None:
        raise Invalid("unknown_attachment")
    with bahi.read(business_id, SYSTEM) as reader:
        return maker(reader, reference, language)


def spoken_words(reference: Mapping[str, Any]) -> File:
    """{"kind": "spoken", "text": …, "language": …}: the words aloud. Needs no business.

    Raises Invalid("nothing_to_say"), and LookupError where no voice is set up.
    """
    from erp_core.adapters.speakers import speaker
    from erp_core.speech.aloud import aloud

    voice = speaker()
    if voice is None:
        raise LookupError("no voice")
    language = str(reference["language"])
    words = aloud(str(reference["text"]), language)
    if not words:
        raise Invalid("nothing_to_say")
    try:
        data = voice.speak(words, language)
    except Unavailable:
        # The words have been written as well: nothing waits for a voice.
        raise LookupError("no voice") from None
    return File("audio", data, OPUS, "voice.ogg")


def invoice_pdf(reader: Reader, reference: Mapping[str, Any], language: str) -> File:
    """{"kind": "invoice", "id": …}; with "paper": "roll", for a printer of 80 mm."""
    from erp_core.invoicing import pdf, queries, receipt

    invoice_id = UUID(str(reference["id"]))
    invoice = queries.invoice(reader, invoice_id)
    render = receipt.render if reference.get("paper") == "roll" else pdf.draw_for
    data = render(reader, invoice, language)
    return File("document", data, "application/pdf", f"{invoice.number}.pdf")


def chart_png(reader: Reader, reference: Mapping[str, Any], language: str) -> File:
    """{"kind": "chart", "chart": …, "start": "2026-11-20", "end": "2026-11-20"}."""
    from erp_core.reports import charts, queries

    start = date.fromisoformat(str(reference["start"]))
    end = date.fromisoformat(str(reference["end"]))
    summary = queries.summary(reader, start, end)
    kind: charts.Kind = reference.get("chart") or "sales"
    data = charts.render(summary, kind, language)
    return File("image", data, "image/png", f"{start.isoformat()}.png")


def report_file(reader: Reader, reference: Mapping[str, Any], language: str) -> File:
    """{"kind": "report", "report": "statement", "start": …, "end": …, "format": "pdf" or "xlsx",
    "account": …, "party": …}; the last two where the report is of one account or one party."""
    from erp_core.reports import paper, paper_pdf, paper_sheet

    party = reference.get("party")
    wanted = paper.Wanted(
        kind=str(reference["report"]),
        start=date.fromisoformat(str(reference["start"])),
        end=date.fromisoformat(str(reference["end"])),
        account=reference.get("account"),
        party_id=UUID(str(party)) if party else None,
    )
    drawn = paper.paper(reader, wanted, language)
    if reference.get("format") == "xlsx":
        return File("document", paper_sheet.draw(drawn), XLSX, f"{drawn.name}.xlsx")
    return File("document", paper_pdf.draw(drawn), "application/pdf", f"{drawn.name}.pdf")


def books_file(reader: Reader, reference: Mapping[str, Any], _language: str) -> File:
    """{"kind": "books", "format": "tally", "start": …, "end": …}."""
    from erp_core.reports import exports

    to = str(reference["format"])
    start = date.fromisoformat(str(reference["start"]))
    end = date.fromisoformat(str(reference["end"]))
    data = "".join(exports.export(reader, to, start=start, end=end)).encode()
    return File("document", data, TEXT, f"books-{end.isoformat()}.{exports.ENDINGS[to]}")


def note_pdf(reader: Reader, reference: Mapping[str, Any], language: str) -> File:
    """{"kind": "note", "id": …}: a credit or debit note."""
    from erp_core.invoicing import notes, pdf

    drawn = notes.as_paper(reader, notes.note(reader, UUID(str(reference["id"]))))
    data = pdf.draw_for(reader, drawn, language)
    return File("document", data, "application/pdf", f"{drawn.number}.pdf")


def receipt_pdf(reader: Reader, reference: Mapping[str, Any], language: str) -> File:
    """{"kind": "receipt", "id": …}: the receipt of a payment."""
    from erp_core.invoicing import receipt_pdf

    number, data = receipt_pdf.render(reader, UUID(str(reference["id"])), language)
    return File("document", data, "application/pdf", f"{number}.pdf")


def voucher_pdf(reader: Reader, reference: Mapping[str, Any], language: str) -> File:
    """{"kind": "voucher", "id": …}: a receipt or refund voucher."""
    from erp_core.invoicing import receipt_pdf

    voucher_id = UUID(str(reference["id"]))
    number, data = receipt_pdf.render_voucher(reader, voucher_id, language)
    return File("document", data, "application/pdf", f"{number}.pdf")


def paper_pdf(reader: Reader, reference: Mapping[str, Any], language: str) -> File:
    """{"kind": "paper", "id": …}: a proforma or a delivery challan."""
    from erp_core.invoicing import papers, pdf

    drawn = papers.paper(reader, UUID(str(reference["id"])))
    data = pdf.draw_for(reader, drawn, language)
    return File("document", data, "application/pdf", f"{drawn.number}.pdf")


def gst_return_file(reader: Reader, reference: Mapping[str, Any], language: str) -> File:  # noqa: ARG001
    """{"kind": "gst_return", "month": "2026-10", "form": "json" | "excel" | "gstr3b" |
    "gstr3b_excel" | "cmp08" | "cmp08_excel" | "gstr4" | "gstr4_excel"}."""
    from erp_core.parties.queries import business
    from erp_core.reports.gst import behind, portal_files, workbooks
    from erp_core.reports.gst.composition import cmp08, gstr4
    from erp_core.reports.gst.gstr1 import gstr1
    from erp_core.reports.gst.gstr3b import gstr3b

    month = date.fromisoformat(f"{reference['month']}-01")
    name, form = f"{month:%m%Y}", reference["form"]
    if form in ("gstr3b", "gstr3b_excel"):
        found, name = gstr3b(reader, month), f"GSTR3B_{name}"
        if form == "gstr3b_excel":
            cells = behind.behind_gstr3b(reader, found)
            return File("document", workbooks.gstr3b_excel(found, cells), XLSX, f"{name}.xlsx")
        data = portal_files.gstr3b_json(business(reader).gstin or "", found)
        return File("document", data, TEXT, f"{name}.json")
    if form in ("cmp08", "cmp08_excel"):
        quarter = cmp08(reader, month)
        name = f"CMP08_{quarter.end:%m%Y}"
        if form == "cmp08_excel":
            data = workbooks.cmp08_excel(quarter, behind.behind_cmp08(reader, quarter))
            return File("document", data, XLSX, f"{name}.xlsx")
        return File("document", portal_files.cmp08_json(quarter), TEXT, f"{name}.json")
    if form in ("gstr4", "gstr4_excel"):
        year = gstr4(reader, month)
        name = f"GSTR4_{year.year}"
        if form == "gstr4_excel":
            return File("document", workbooks.gstr4_excel(year), XLSX, f"{name}.xlsx")
        return File("document", portal_files.gstr4_json(year), TEXT, f"{name}.json")
    made = gstr1(reader, month)
    if form == "excel":
        return File("document", workbooks.gstr1_excel(made), XLSX, f"GSTR1_{name}.xlsx")
    return File("document", portal_files.gstr1_json(made), TEXT, f"GSTR1_{name}.json")


def purchase_order_pdf(reader: Reader, reference: Mapping[str, Any], language: str) -> File:
    """{"kind": "purchase_order", "id": …}: what a vendor is asked to bring."""
    from erp_core.reports import paper_pdf, purchase_paper

    drawn = purchase_paper.order_paper(reader, UUID(str(reference["id"])), language)
    return File("document", paper_pdf.draw(drawn), "application/pdf", f"{drawn.name}.pdf")


def reverse_charge_pdf(reader: Reader, reference: Mapping[str, Any], language: str) -> File:
    """{"kind": "reverse_charge", "id": …}: the voucher of a service whose tax the shop owes."""
    from erp_core.reports import paper_pdf, purchase_paper

    drawn = purchase_paper.charge_paper(reader, UUID(str(reference["id"])), language)
    return File("document", paper_pdf.draw(drawn), "application/pdf", f"{drawn.name}.pdf")


MAKERS: dict[str, Maker] = {
    "purchase_order": purchase_order_pdf,
    "reverse_charge": reverse_charge_pdf,
    "receipt": receipt_pdf,
    "voucher": voucher_pdf,
    "invoice": invoice_pdf,
    "note": note_pdf,
    "gst_return": gst_return_file,
    "paper": paper_pdf,
    "chart": chart_png,
    "report": report_file,
    "books": books_file,
}


def invoice_of_link(bahi: Bahi, settings: Settings, token: str) -> tuple[str, bytes] | None:
    """(invoice number, PDF) of a signed link; None when it is not ours or the invoice is gone."""
    from erp_core.invoicing import links, pdf, queries
    from erp_core.parties.queries import language_of

    named = links.resolve(settings.secret_key, token)
    if named is None:
        return None
    business_id, invoice_id = named
    try:
        with bahi.read(business_id, SYSTEM) as reader:
            number = queries.invoice(reader, invoice_id).number
            return number, pdf.render(reader, invoice_id, language_of(reader))
    except BahiError:
        return None
