"""E-way bills: when goods need one, the document as the portal takes it, and how long it holds.

Asked for by somebody who knows the distance and what carries the goods; a job speaks with the
portal and waits while it is away. One is cancelled within 24 hours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from erp_core.catalogue.codes import is_service
from erp_core.invoicing.queries import Invoice, InvoiceLine, invoice
from erp_core.journal.context import Context, Reader, Recipient
from erp_core.journal.jobs import Handler, Work
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import INDIA, local_date
from erp_core.kernel.errors import BahiError, Conflict, Invalid, NotFound, Unavailable
from erp_core.kernel.ids import new_id
from erp_core.kernel.quantity import UNITS
from erp_core.kernel.states import Transitions
from erp_core.parties.permissions import Permission, require
from erp_core.portals import inv01, limits, places
from erp_core.portals.inv01 import Json, rupees
from erp_core.portals.models import eway_bills
from erp_core.portals.ports import EwayBill, EwayPort, PortalRefused
from erp_core.tax.gst import percent
from erp_core.tax.rules import EXPORTS

JOB = "portals.eway"
CANCEL_JOB = "portals.cancel_eway"
DONE = "utter_notify_eway_done"
DELAYED = "utter_notify_eway_delayed"
REFUSED = "utter_notify_eway_refused"
CANCELLED = "utter_notify_eway_cancelled"

STATES = Transitions(
    {
        "waiting": frozenset({"generated", "refused"}),
        "generated": frozenset({"cancelling"}),
        "cancelling": frozenset({"cancelled", "generated"}),
        "refused": frozenset(),
        "cancelled": frozenset(),
    }
)
OPEN = ("waiting", "generated", "cancelling")
CANCELLABLE_FOR = timedelta(hours=24)
LONGEST_WAY = 4000
MOST_ITEMS = 250
ORDER_CANCELLED = 2
"""A reason of the e-way bill portal; the e-invoice portal numbers its own otherwise."""

VEHICLE = re.compile(r"[A-Z]{2}\d{1,2}[A-Z]{0,3}\d{4}")
TRANSPORTER = re.compile(r"\d{2}[0-9A-Z]{13}")

OpenPort = Callable[[Reader], EwayPort]


@dataclass(frozen=True)
class Carriage:
    """How goods travel: kilometres, and a vehicle or a transporter's id."""

    distance_km: int
    vehicle: str | None = None
    transporter: str | None = None


class Asked(TypedDict):
    eway_id: str
    invoice_id: str
    status: str


def consignment_paise(document: Invoice) -> int:
    """The value of the goods with their tax; what bears no tax does not count (rule 138)."""
    return sum(
        line.taxable_paise + line.tax_paise
        for line in document.lines
        if line.rate and not is_service(line.hsn)
    )


def threshold(document: Invoice) -> int | None:
    """Above which value in paise the goods of this document need an e-way bill; None: never."""
    if document.supplier_state != document.place_of_supply:
        return limits.paise("eway_between_states", document.on_date)
    return limits.paise("eway_within_state", document.on_date, of=document.supplier_state)


def is_needed(document: Invoice) -> bool:
    """Whether the goods of a bill may not travel without one."""
    limit = threshold(document)
    if limit is None or document.supplier_gstin is None or document.status != "issued":
        return False
    return consignment_paise(document) > limit


def valid_until(
    generated_at: datetime, distance_km: int, *, over_dimensional: bool = False
) -> datetime:
    """Until when a bill holds: a day for each 200 km begun, to the last minute of the last day."""
    row = limits.in_force("eway_km_a_day", local_date(generated_at))
    a_day = int((row or {})["over_dimensional" if over_dimensional else "ordinary"])
    days = max(1, -(-distance_km // a_day))
    local = generated_at.astimezone(ZoneInfo(INDIA)) + timedelta(days=days)
    return local.replace(hour=23, minute=59, second=0, microsecond=0)


def payload(document: Invoice, carriage: Carriage) -> Json:
    """The document as the portal takes it."""
    items = [one for one in document.lines if not is_service(one.hsn)]
    content: Json = {
        "supplyType": "O",
        "subSupplyType": "3" if document.treatment in EXPORTS else "1",
        "docType": "INV" if document.kind == "tax_invoice" else "BIL",
        "docNo": document.number,
        "docDate": f"{document.on_date:%d/%m/%Y}",
        **_consignor(document),
        **_consignee(document),
        "transactionType": 1,
        "itemList": [_item(document, line, at) for at, line in enumerate(items, start=1)],
        "totalValue": rupees(document.subtotal_paise),
        "cgstValue": rupees(document.cgst_paise),
        "sgstValue": rupees(document.sgst_paise),
        "igstValue": rupees(document.igst_paise),
        "cessValue": rupees(document.cess_paise),
        "otherValue": rupees(document.round_off_paise),
        "totInvValue": rupees(document.total_paise),
        "transDistance": str(carriage.distance_km),
        "mainHsnCode": _main_hsn(document),
    }
    if carriage.vehicle:
        content |= {"transMode": "1", "vehicleNo": carriage.vehicle, "vehicleType": "R"}
    if carriage.transporter:
        content["transporterId"] = carriage.transporter
    return content


def _consignor(document: Invoice) -> Json:
    here = places.read(document.supplier_address, document.supplier_state)
    return {
        "fromGstin": document.supplier_gstin,
        "fromTrdName": places.plain(document.supplier_name)[:100],
        "fromAddr1": here.text,
        "fromPlace": here.place,
        "fromPincode": here.pin,
        "fromStateCode": int(document.supplier_state),
        "actFromStateCode": int(document.supplier_state),
    }


def _consignee(document: Invoice) -> Json:
    state = document.customer_state or document.place_of_supply
    there = places.read(document.delivery_address or document.customer_address, state)
    return {
        "toGstin": document.customer_gstin or inv01.UNREGISTERED,
        "toTrdName": places.plain(document.customer_name)[:100],
        "toAddr1": there.text,
        "toPlace": there.place,
        "toPincode": there.pin,
        "toStateCode": int(state),
        "actToStateCode": int(state),
    }


def _item(document: Invoice, line: InvoiceLine, at: int) -> Json:
    return {
        "itemNo": at,
        "productDesc": places.plain(line.name)[:100],
        "hsnCode": int(line.hsn) if line.hsn else None,
        "quantity": float(line.quantity),
        "qtyUnit": UNITS[line.unit].uqc if line.unit in UNITS else "OTH",
        "taxableAmount": rupees(line.taxable_paise),
        **_rates(document, line),
    }


def faults(content: Mapping[str, Any]) -> list[str]:
    """Codes of what the portal would reject."""
    found = []
    for side, who in (("from", "seller"), ("to", "buyer")):
        pin, state = content[f"{side}Pincode"], f"{content[f'{side}StateCode']:02d}"
        if not content[f"{side}Addr1"]:
            found.append(f"no_address_{who}")
        elif pin is None:
            found.append(f"no_pin_{who}")
        elif not places.fits(pin, state):
            found.append(f"other_pin_{who}")
    if any(item["hsnCode"] is None for item in content["itemList"]):
        found.append("no_hsn")
    return found


def ask(
    ctx: Context,
    *,
    invoice_id: UUID,
    distance_km: int,
    vehicle: str | None = None,
    transporter: str | None = None,
) -> Asked:
    """Ask for the e-way bill of an invoice.

    Raises Invalid("bad_distance", "bad_vehicle", "bad_transporter", "no_carrier"),
    Conflict("eway_exists", "invoice_cancelled", "eway_too_old", "eway_no_gstin").
    """
    require(ctx, Permission.CREATE_INVOICE)
    document = invoice(ctx, invoice_id)
    _check(document, distance_km, vehicle, transporter, ctx.today)
    if open_bill(ctx, invoice_id) is not None:
        raise Conflict("eway_exists")
    eway_id = new_id()
    ctx.connection.execute(
        insert(eway_bills).values(
            business_id=ctx.business_id,
            id=eway_id,
            invoice_id=invoice_id,
            status="waiting",
            distance_km=distance_km,
            vehicle=vehicle,
            transporter=transporter,
            user_id=ctx.actor.id if ctx.actor.kind == "user" else None,
            created_at=ctx.now,
        )
    )
    ctx.later(JOB, due_at=ctx.now, eway_id=str(eway_id))
    ctx.record("eway.asked", entity=eway_id, invoice_id=str(invoice_id), distance_km=distance_km)
    return {"eway_id": str(eway_id), "invoice_id": str(invoice_id), "status": "waiting"}


def cancel(ctx: Context, *, invoice_id: UUID) -> Asked:
    """Cancel the e-way bill of an invoice, within 24 hours.

    Raises NotFound("eway"), Conflict("eway_too_late", "eway_waiting").
    """
    require(ctx, Permission.CANCEL_INVOICE)
    row = open_bill(ctx, invoice_id, lock=True)
    if row is None:
        raise NotFound("eway")
    if row.status != "generated":
        raise Conflict("eway_waiting")
    if ctx.now > row.generated_at + CANCELLABLE_FOR:
        raise Conflict("eway_too_late")
    _move(ctx, row, "cancelling")
    ctx.later(CANCEL_JOB, due_at=ctx.now, eway_id=str(row.id))
    ctx.record("eway.cancelling", entity=row.id)
    return {"eway_id": str(row.id), "invoice_id": str(invoice_id), "status": "cancelling"}


def keep(ctx: Context, *, eway_id: UUID, number: str, at: str, until: str | None) -> Asked:
    """What the portal has given."""
    row = _row(ctx, eway_id, lock=True)
    valid = datetime.fromisoformat(until) if until else None
    _move(
        ctx, row, "generated",
        number=number, generated_at=datetime.fromisoformat(at), valid_until=valid,
    )  # fmt: skip
    shown = f"{valid.astimezone(ZoneInfo(INDIA)):%d-%m-%Y %H:%M}" if valid else "-"
    _tell(ctx, row, DONE, eway=number, until=shown)
    ctx.record("eway.generated", entity=eway_id, number=number)
    return {"eway_id": str(eway_id), "invoice_id": str(row.invoice_id), "status": "generated"}


def refuse(ctx: Context, *, eway_id: UUID, code: str) -> Asked:
    """The portal does not give one."""
    row = _row(ctx, eway_id, lock=True)
    _move(ctx, row, "refused", error_code=code)
    _tell(ctx, row, REFUSED, why=code)
    ctx.record("eway.refused", entity=eway_id, code=code)
    return {"eway_id": str(eway_id), "invoice_id": str(row.invoice_id), "status": "refused"}


def end(ctx: Context, *, eway_id: UUID, code: str | None = None) -> Asked:
    """The portal has cancelled it; or says no, with a code, and it stays."""
    row = _row(ctx, eway_id, lock=True)
    if code is None:
        _move(ctx, row, "cancelled", cancelled_at=ctx.now)
        _tell(ctx, row, CANCELLED, eway=row.number)
    else:
        _move(ctx, row, "generated", error_code=code)
        _tell(ctx, row, REFUSED, why=code)
    ctx.record("eway.ended", entity=eway_id, code=code)
    return {"eway_id": str(eway_id), "invoice_id": str(row.invoice_id), "status": "cancelled"}


def delay(ctx: Context, *, eway_id: UUID) -> Asked:
    """The portal is away: who asked is told once."""
    row = _row(ctx, eway_id)
    _tell(ctx, row, DELAYED)
    return {"eway_id": str(eway_id), "invoice_id": str(row.invoice_id), "status": row.status}


def open_bill(reader: Reader, invoice_id: UUID, *, lock: bool = False) -> Row | None:
    """The e-way bill of an invoice that holds or is under way."""
    require(reader, Permission.VIEW_INVOICES)
    query = select(eway_bills).where(
        eway_bills.c.business_id == reader.business_id,
        eway_bills.c.invoice_id == invoice_id,
        eway_bills.c.status.in_(OPEN),
    )
    return reader.connection.execute(query.with_for_update() if lock else query).one_or_none()


def handlers(open_port: OpenPort) -> Mapping[str, Handler]:
    """Who does the jobs."""
    return {
        JOB: lambda work: _generate(work, open_port),
        CANCEL_JOB: lambda work: _cancel(work, open_port),
    }


def _generate(work: Work, open_port: OpenPort) -> None:
    eway_id = UUID(str(work.arguments["eway_id"]))
    with work.read() as reader:
        row = _row(reader, eway_id)
        if row.status != "waiting":
            return
        document = invoice(reader, row.invoice_id)
        content = payload(document, Carriage(row.distance_km, row.vehicle, row.transporter))
        try:
            port: EwayPort | None = open_port(reader)
        except Conflict as conflict:
            port, wrong = None, [conflict.code]
        else:
            wrong = faults(content)
    if wrong or port is None:
        work.run(refuse, eway_id=eway_id, code=wrong[0])
        return
    try:
        given: EwayBill = port.generate(content)
    except Unavailable:
        _tell_of_delay(work, eway_id)
        raise
    except PortalRefused as refused:
        work.run(refuse, eway_id=eway_id, code=refused.code)
        return
    until = given.valid_until.isoformat() if given.valid_until else None
    work.run(
        keep, eway_id=eway_id, number=given.number, at=given.generated_at.isoformat(), until=until
    )


def _cancel(work: Work, open_port: OpenPort) -> None:
    eway_id = UUID(str(work.arguments["eway_id"]))
    with work.read() as reader:
        row = _row(reader, eway_id)
        if row.status != "cancelling":
            return
        port = open_port(reader)
    try:
        port.cancel(row.number, reason=ORDER_CANCELLED, remark="cancelled")
    except PortalRefused as refused:
        work.run(end, eway_id=eway_id, code=refused.code)
        return
    work.run(end, eway_id=eway_id)


def _tell_of_delay(work: Work, eway_id: UUID) -> None:
    try:
        key = f"eway-delay:{eway_id}"
        work.bahi.run(work.business_id, SYSTEM, key, delay, eway_id=eway_id)
    except BahiError:
        return


def _check(
    document: Invoice, distance_km: int, vehicle: str | None, transporter: str | None, today: date
) -> None:
    if document.status == "cancelled":
        raise Conflict("invoice_cancelled")
    if document.supplier_gstin is None:
        raise Conflict("eway_no_gstin")
    days = limits.in_force("eway_document_days", today)
    if days is not None and today > document.on_date + timedelta(days=int(days["days"])):
        raise Conflict("eway_too_old")
    if not 0 < distance_km <= LONGEST_WAY:
        raise Invalid("bad_distance")
    if vehicle is not None and not VEHICLE.fullmatch(vehicle):
        raise Invalid("bad_vehicle")
    if transporter is not None and not TRANSPORTER.fullmatch(transporter):
        raise Invalid("bad_transporter")
    if vehicle is None and transporter is None:
        raise Invalid("no_carrier")
    if len(document.lines) > MOST_ITEMS:
        raise Invalid("eway_too_many_lines")


def _rates(document: Invoice, line: InvoiceLine) -> Json:
    whole = float(percent(line.rate))
    half = whole / 2
    inter = document.inter_state
    return {
        "cgstRate": 0 if inter else half,
        "sgstRate": 0 if inter else half,
        "igstRate": whole if inter else 0,
        "cessRate": float(percent(line.cess_rate)),
        "cessNonAdvol": rupees(line.cess_units_paise),
    }


def _main_hsn(document: Invoice) -> int | None:
    goods = [one for one in document.lines if one.hsn and not is_service(one.hsn)]
    most = max(goods, key=lambda line: line.taxable_paise, default=None)
    return int(most.hsn) if most and most.hsn else None


def _row(reader: Reader, eway_id: UUID, *, lock: bool = False) -> Row:
    require(reader, Permission.CREATE_INVOICE)
    query = select(eway_bills).where(
        eway_bills.c.business_id == reader.business_id, eway_bills.c.id == eway_id
    )
    row = reader.connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("eway")
    return row


def _move(ctx: Context, row: Row, status: str, **values: object) -> None:
    STATES.check(row.status, status)
    ctx.connection.execute(
        update(eway_bills)
        .where(eway_bills.c.business_id == ctx.business_id, eway_bills.c.id == row.id)
        .values(status=status, **values)
    )


def _tell(ctx: Context, row: Row, response: str, **facts: str) -> None:
    if row.user_id is not None:
        ctx.tell(
            response,
            to=Recipient("user", row.user_id),
            facts={"invoice_id": str(row.invoice_id), **facts},
        )
