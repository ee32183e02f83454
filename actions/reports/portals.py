"""E-invoices, e-way bills and GSTR-2B by chat.

An e-way bill is asked for in one line: "eway bill 350 km MH12AB1234"; what is missing is asked for.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import period_of
from actions.invoicing import reverse_charge, shipping, taxes
from actions.lexicon import says
from actions.match import payload_of, recent, remember
from actions.phrasebook import Button
from actions.reports import return_cells, tax_paid
from erp_core.invoicing import queries as invoices
from erp_core.invoicing import registration
from erp_core.invoicing.queries import Invoice
from erp_core.journal.context import Reader
from erp_core.kernel.clock import INDIA
from erp_core.kernel.errors import Conflict
from erp_core.kernel.money import inr
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.portals import amending, einvoicing, eway, gstr2b, profile
from erp_core.tax import gstin as gstins
from erp_core.tax import states

MOST_ROWS = 8
MOST_MONTHS = 12
MAKES_BILLS = frozenset({"invoice_generate", "order_create"})

_EINVOICE = re.compile(r"\be[\s-]?(?:invoice|inv)\b|\birn\b|ई[\s-]?इनवॉ?इस", re.IGNORECASE)
_EWAY = re.compile(r"\be[\s-]?way\b|ई[\s-]?वे(?:\s|$)", re.IGNORECASE)
_KILOMETRES = re.compile(
    r"(\d{1,5})\s*(?:kms?|kilo\s?met(?:er|re)s?|kilomitar|किमी|कि\.?मी\.?|किलोमीटर)(?![a-z])",
    re.IGNORECASE,
)
_VEHICLE = re.compile(
    r"\b([A-Z]{2})[\s-]?(\d{1,2})[\s-]?([A-Z]{0,3})[\s-]?(\d{4})\b", re.IGNORECASE
)
_TRANSPORTER = re.compile(r"\b\d{2}[0-9A-Z]{13}\b", re.IGNORECASE)


_WRONG = re.compile(
    r"\b(?:galat|galti|galt|sahi|correct\w*|wrong|amend\w*|sudh[aā]r\w*|badal\w*|badlo|change)\b"
    r"|ग़?लत|सही|सुधार|बदल",
    re.IGNORECASE,
)


def speaks_of_eway(turn: Turn) -> bool:
    """Whether a message is about an e-way bill."""
    return bool(_EWAY.search(turn.text))


def tells_of_carriage(turn: Turn) -> bool:
    """Whether a message tells how goods are carried, and names none: "vehicle GJ05CD4321", "e-way
    bill chahiye". In the middle of a bill there is no number yet to ask one for."""
    if not turn.is_user or turn.is_not_words or turn.first("quantity") or not turn.text:
        return False
    plate = _VEHICLE.search(turn.text)
    return speaks_of_eway(turn) or (plate is not None and bool(plate[3]))


def serve(turn: Turn) -> list[EventType] | None:
    """Do what a message asks of the portals; None when it asks nothing of them."""
    if _is_statement(turn):
        return _read_statement(turn)
    if turn.metadata.get("kind") == "button" or not turn.text:
        return None
    for take in (taxes.take_mrp, taxes.take_packing, tax_paid.answered):
        if (done := take(turn)) is not None:
            return done
    if shipping.speaks_of_it(turn):
        return shipping.write(turn)
    if speaks_of_eway(turn):
        return _eway(turn)
    if (cell := return_cells.named(turn)) is not None:
        return return_cells.tell(turn, cell, month_meant(turn))
    if (done := _correct(turn)) is not None:
        return done
    if _EINVOICE.search(turn.text) and turn.intent not in MAKES_BILLS:
        if says(turn.words, "cancel") or says(turn.words, "undo"):
            return None
        return _einvoice(turn)
    return None


def tapped(turn: Turn) -> list[EventType] | None:
    """Do what a button asks of the portals; None for another button."""
    for tap in (tax_paid.tapped, return_cells.tapped):
        if (done := tap(turn)) is not None:
            return done
    act, choice = turn.value("act"), turn.value("choice")
    if act == "einvoice" and choice:
        return _register(turn, UUID(choice))
    if act == "eway_cancel" and choice:
        return _cancel_eway(turn, UUID(choice))
    if act and act.startswith("amend:") and choice:
        return _amend(turn, UUID(choice), act.removeprefix("amend:"))
    if act and act.startswith("anew:") and choice:
        return _bill_anew(turn, UUID(choice), act.removeprefix("anew:"))
    if act and act.startswith(reverse_charge.ACT) and choice:
        reverse_charge.write(turn, UUID(choice), act.removeprefix(reverse_charge.ACT))
        return []
    if act == "gstr2b" and choice:
        tell_2b(turn, date.fromisoformat(f"{choice}-01"))
        return []
    if act == "due_off":
        turn.run(profile.set_profile, reminds=False)
        turn.say("utter_due_off")
        return []
    return None


def month_meant(turn: Turn) -> date:
    """The month tapped or named; else the one told of before; else the one that
    runs, where it is asked what there will be, or the last that is over."""
    tapped = turn.value("choice")
    if tapped:
        return date.fromisoformat(f"{tapped}-01")
    period = period_of(turn.first("date"), today=turn.today)
    if period:
        return period.start.replace(day=1)
    before = (turn.slots.get("recent") or {}).get("return_month")
    if before:
        return date.fromisoformat(f"{before}-01")
    if says(turn.words, "gst_running"):
        return turn.today.replace(day=1)
    return (turn.today.replace(day=1) - timedelta(days=1)).replace(day=1)


def months_meant(turn: Turn) -> list[date]:
    """The months of the period that is named, oldest first, without those that are still to come;
    the one month that is meant where none is named."""
    period = None if turn.value("choice") else period_of(turn.first("date"), today=turn.today)
    if period is None:
        return [month_meant(turn)]
    months, month = [], period.start.replace(day=1)
    while month <= min(period.end, turn.today) and len(months) < MOST_MONTHS:
        months.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return months or [period.start.replace(day=1)]


def tell_of_new_bill(turn: Turn, reader: Reader, invoice_id: UUID) -> None:
    """After a bill: that its e-invoice is under way, and that its goods need an e-way bill."""
    document = invoices.invoice(reader, invoice_id)
    known = registration.registration_of(reader, invoice_id)
    if known is not None and known.status == registration.WAITING:
        turn.say("utter_einvoice_waiting", number=document.number)
    if eway.is_needed(document):
        turn.say("utter_eway_needed", **_worth(document))


def holds_back(turn: Turn, reader: Reader, document: Invoice) -> bool:
    """Whether a bill must not leave yet, since the portal has not registered it; says so."""
    known = registration.registration_of(reader, document.id)
    if known is None or not registration.is_awaited(reader, document.id):
        return False
    _say_state(turn, document, known)
    return True


def tell_2b(turn: Turn, month: date) -> None:
    """How the statement of a month and the books agree, each difference in a row."""
    period = f"{month:%m-%Y}"
    with turn.read() as reader:
        if not gstr2b.has_statement(reader, month):
            turn.say("utter_gstr2b_none", period=period)
            return
        found = gstr2b.reconcile(reader, month)
    wrong = _differences(turn, found)
    told = [*wrong, *_untaken(turn, found)]
    clean = "line_2b_matched" if told else "line_2b_clean"
    head = turn.line(clean, count=str(len(found.matched)), tax=inr(found.credit_paise))
    rows = [head, *told[:MOST_ROWS]]
    if len(told) > MOST_ROWS:
        rows.append(turn.line("line_return_more", count=str(len(told) - MOST_ROWS)))
    turn.say(
        "utter_gstr2b",
        period=period,
        rows="\n".join(rows),
        advice=turn.line("line_2b_advice" if wrong else "line_2b_all_well"),
    )


def _differences(turn: Turn, found: gstr2b.Reconciled) -> list[str]:
    rows = [
        turn.line(
            "line_2b_differs",
            supplier=book.supplier,
            number=line.number,
            theirs=inr(line.tax_paise),
            ours=inr(book.tax_paise),
        )
        for line, book in found.differs
    ]
    rows += [
        turn.line(
            "line_2b_refused",
            supplier=book.supplier,
            number=line.number,
            theirs=inr(line.tax_paise),
        )
        for line, book in found.refused
    ]
    rows += [
        turn.line(
            "line_2b_missing_2b",
            supplier=book.supplier,
            number=book.number or "",
            ours=inr(book.tax_paise),
        )
        for book in found.missing_2b
    ]
    rows += [
        turn.line(
            "line_2b_missing_books",
            supplier=line.supplier_name or line.supplier_gstin,
            number=line.number,
            theirs=inr(line.tax_paise),
        )
        for line in found.missing_books
    ]
    return rows


def _untaken(turn: Turn, found: gstr2b.Reconciled) -> list[str]:
    """What the statement and the books both have, and the books without credit."""
    return [
        turn.line(
            "line_2b_late" if book.late else "line_2b_untaken",
            supplier=book.supplier,
            number=line.number,
            ours=inr(book.tax_paise),
        )
        for line, book in found.untaken
    ]


def _is_statement(turn: Turn) -> bool:
    """Whether a GSTR-2B was sent: a JSON file, or a text that its caption calls one."""
    media = turn.metadata.get("media") or {}
    mime = str(media.get("mime") or "")
    if media.get("kind") != "document" or not media.get("id"):
        return False
    named = says(turn.words, "gstr2b") and ("text/" in mime or "octet-stream" in mime)
    return ("json" in mime or named) and turn.may(Permission.WRITE_VOUCHERS)


def _read_statement(turn: Turn) -> list[EventType]:
    turn.run(gstr2b.read_later, media=str(turn.metadata["media"]["id"]))
    turn.say("utter_gstr2b_reading")
    return []


def _correct(turn: Turn) -> list[EventType] | None:
    """ "Bill 12 me GSTIN galat hai, sahi 27AAACR5055K1Z7": what that changes, and a tap for it."""
    gstin = gstins.IN_TEXT.search(turn.text)
    of_bill = turn.value("invoice_number") or says(turn.words, "bill_words")
    if gstin is None or not of_bill or not _WRONG.search(turn.text):
        return None
    if not turn.may(Permission.CANCEL_INVOICE):
        turn.say("error_not_allowed")
        return []
    with turn.read() as reader:
        document = _meant(turn, reader)
        if document is None:
            turn.say("utter_no_invoices")
            return []
        try:
            after, filed = amending.preview(reader, invoice_id=document.id, gstin=gstin[0])
        except Conflict as conflict:
            possible = amending.can_be_billed_anew(reader, document)
            if conflict.code not in amending.BILLED_ANEW or not possible:
                raise
            return _offer_new_bill(turn, document, gstin[0].upper())
    turn.say(
        "utter_correct_bill",
        number=document.number,
        name=document.customer_name,
        before=document.customer_gstin or turn.line("word_none"),
        gstin=after.customer_gstin,
        place=states.state_name(after.place_of_supply),
        how=turn.line("line_correct_amendment" if filed else "line_correct_open"),
        choices=[
            Button(
                title=turn.line("button_correct_bill"),
                payload=payload_of(
                    "gst_export", act=f"amend:{after.customer_gstin}", choice=str(document.id)
                ),
            )
        ],
    )
    return [remember(turn, invoice=document.id)]


def _offer_new_bill(turn: Turn, document: Invoice, gstin: str) -> list[EventType]:
    """A bill that is not amended: credit it and make another, by a tap."""
    with turn.read() as reader:
        known = registration.registration_of(reader, document.id)
        cancellable = known is not None and registration.can_be_cancelled(reader, document.id)
    anew = Button(
        title=turn.line("button_bill_anew"),
        payload=payload_of("gst_export", act=f"anew:{gstin}", choice=str(document.id)),
    )
    turn.say(
        "utter_correct_by_new_bill",
        number=document.number,
        gstin=gstin,
        why=turn.line("line_not_amended_einvoice" if known else "line_not_amended"),
        hint=turn.line("line_still_cancellable") if cancellable else "",
        choices=[anew],
    )
    return [remember(turn, invoice=document.id)]


def _bill_anew(turn: Turn, invoice_id: UUID, gstin: str) -> list[EventType]:
    done = turn.run(amending.bill_anew, invoice_id=invoice_id, gstin=gstin)
    turn.say(
        "utter_billed_anew",
        number=done["number"],
        gstin=gstin,
        before=done["instead_of"],
        note=done["note"],
        attachment={"kind": "invoice", "id": done["invoice_id"]},
    )
    return [remember(turn, invoice=done["invoice_id"])]


def _amend(turn: Turn, invoice_id: UUID, gstin: str) -> list[EventType]:
    done = turn.run(amending.correct_buyer, invoice_id=invoice_id, gstin=gstin)
    on = date.fromisoformat(done["on"])
    turn.say(
        "utter_bill_corrected",
        number=done["number"],
        gstin=done["gstin"],
        period=f"{on:%m-%Y}",
        attachment={"kind": "invoice", "id": done["invoice_id"]},
    )
    return [remember(turn, invoice=invoice_id)]


def _einvoice(turn: Turn) -> list[EventType] | None:
    if not turn.may(Permission.CREATE_INVOICE):
        turn.say("error_not_allowed")
        return []
    with turn.read() as reader:
        document = _meant(turn, reader)
        if document is None:
            return None
        known = registration.registration_of(reader, document.id)
    if known is None:
        return _register(turn, document.id)
    _say_state(turn, document, known)
    return [remember(turn, invoice=document.id)]


def _register(turn: Turn, invoice_id: UUID) -> list[EventType]:
    with turn.read() as reader:
        document = invoices.invoice(reader, invoice_id)
    try:
        turn.run(einvoicing.ask_again, invoice_id=invoice_id)
        turn.say("utter_einvoice_asked", number=document.number)
    except Conflict as conflict:
        with turn.read() as reader:
            known = registration.registration_of(reader, invoice_id)
        if conflict.code != "einvoice_registered" or known is None:
            raise
        _say_state(turn, document, known)
    return [remember(turn, invoice=invoice_id)]


def _say_state(turn: Turn, document: Invoice, known: registration.Registration) -> None:
    number = document.number
    if known.status == registration.WAITING:
        turn.say("utter_einvoice_not_yet", number=number)
    elif known.status == registration.REFUSED:
        turn.say(
            "utter_einvoice_refused",
            number=number,
            why=_why(turn, known.error_code or ""),
            invoice_id=document.id,
        )
    elif known.status == registration.REGISTERED and known.ack_at is not None:
        at = known.ack_at.astimezone(ZoneInfo(INDIA))
        turn.say(
            "utter_einvoice_registered",
            number=number,
            irn=known.irn,
            ack=known.ack_no,
            at=f"{at:%d-%m-%Y %H:%M}",
            invoice_id=document.id,
        )
    elif known.status == registration.CANCELLING:
        turn.say("utter_bill_cancelling", number=number, total=inr(document.total_paise))
    else:
        turn.say("utter_einvoice_cancelled", number=number)


def _why(turn: Turn, code: str) -> str:
    name = f"line_portal_{code}"
    if turn.phrasebook.has(name):
        return turn.line(name)
    return turn.line("line_portal_other", code=code)


def _eway(turn: Turn) -> list[EventType] | None:
    if not turn.may(Permission.CREATE_INVOICE):
        turn.say("error_not_allowed")
        return []
    with turn.read() as reader:
        document = _meant(turn, reader)
        if document is None:
            turn.say("utter_no_invoices")
            return []
        row = eway.open_bill(reader, document.id)
    if says(turn.words, "cancel") or says(turn.words, "undo"):
        return _cancel_eway(turn, document.id)
    if row is not None and row.status == "generated":
        until = row.valid_until.astimezone(ZoneInfo(INDIA)) if row.valid_until else None
        turn.say(
            "utter_eway_state",
            number=document.number,
            eway=row.number,
            until=f"{until:%d-%m-%Y %H:%M}" if until else "-",
            invoice_id=document.id,
        )
        return [remember(turn, invoice=document.id)]
    return _ask_eway(turn, document)


def _ask_eway(turn: Turn, document: Invoice) -> list[EventType]:
    kilometres = _KILOMETRES.search(turn.text)
    vehicle, transporter = _VEHICLE.search(turn.text), _TRANSPORTER.search(turn.text)
    if kilometres is None or (vehicle is None and transporter is None):
        facts = {
            "number": document.number,
            "name": document.customer_name,
            "total": inr(document.total_paise),
        }
        needed = eway.is_needed(document) or eway.threshold(document) is None
        if needed or kilometres or vehicle:
            turn.say("utter_eway_how", **facts)
        else:
            turn.say("utter_eway_not_needed", number=document.number, **_worth(document))
        return [remember(turn, invoice=document.id)]
    plate = "".join(vehicle.groups()).upper() if vehicle else None
    carrier = transporter[0].upper() if transporter else None
    distance = int(kilometres[1])
    turn.run(
        eway.ask,
        invoice_id=document.id,
        distance_km=distance,
        vehicle=plate,
        transporter=carrier,
    )
    turn.say(
        "utter_eway_asked",
        number=document.number,
        distance=str(distance),
        carrier=plate or carrier or "",
    )
    return [remember(turn, invoice=document.id)]


def _cancel_eway(turn: Turn, invoice_id: UUID) -> list[EventType]:
    turn.run(eway.cancel, invoice_id=invoice_id)
    with turn.read() as reader:
        number = invoices.invoice(reader, invoice_id).number
    turn.say("utter_eway_cancelling", number=number)
    return [remember(turn, invoice=invoice_id)]


def _worth(document: Invoice) -> dict[str, str]:
    limit = eway.threshold(document)
    return {
        "value": inr(eway.consignment_paise(document)),
        "limit": inr(limit) if limit is not None else "-",
    }


def _meant(turn: Turn, reader: Reader) -> Invoice | None:
    """The bill that is named, that was spoken of, or the newest."""
    number = turn.value("invoice_number")
    if number:
        return invoices.invoice_by_number(reader, number)
    name = turn.value("customer_name")
    if name:
        found = parties.find_customers(reader, name, limit=1)
        if found:
            return invoices.latest_invoice(reader, found[0].item.id)
    before = recent(turn, "invoice")
    return invoices.invoice(reader, before) if before else invoices.latest_invoice(reader)
