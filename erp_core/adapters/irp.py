"""The Invoice Registration Portal, by its API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from erp_core.adapters.nic import Session, configuration, moment, open_session
from erp_core.journal.context import Reader
from erp_core.portals import signed
from erp_core.portals.ports import Acknowledged


def opener(secret_key: str, url: str | None = None) -> Callable[[Reader], Irp]:
    """Opens the portal for a business. It raises Conflict("portal_not_connected")."""
    return lambda reader: Irp(open_session(reader, secret_key, "irp", url=url))


class Irp:
    """An InvoicePort."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def register(self, document: Mapping[str, Any]) -> Acknowledged:
        """Register a document."""
        return _acknowledged(self._session.post(_path("register"), document))

    def registered(self, irn: str) -> Acknowledged:
        """What was given for a document before."""
        return _acknowledged(self._session.get(_path("by_irn").format(irn=irn)))

    def cancel(self, irn: str, *, reason: int, remark: str) -> datetime:
        """Cancel a registration."""
        wanted = {"Irn": irn, "CnlRsn": str(reason), "CnlRem": remark[:100]}
        return moment(str(self._session.post(_path("cancel"), wanted)["CancelDate"]))

    def verify(self, token: str) -> dict[str, Any]:
        """The data of what the portal has signed."""
        return signed.verified(token, self._session.signing_keys())


def _path(name: str) -> str:
    return str(configuration()["paths"][name])


def _acknowledged(given: Mapping[str, Any]) -> Acknowledged:
    return Acknowledged(
        irn=str(given["Irn"]),
        ack_no=str(given["AckNo"]),
        ack_at=moment(str(given["AckDt"])),
        signed_qr=str(given["SignedQRCode"]),
        signed_invoice=str(given["SignedInvoice"]),
    )
