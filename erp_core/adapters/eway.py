"""The e-way bill portal, by its API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from erp_core.adapters.nic import Session, moment, open_session
from erp_core.journal.context import Reader
from erp_core.portals.ports import EwayBill

STAMP = "%d/%m/%Y %I:%M:%S %p"


def opener(secret_key: str, url: str | None = None) -> Callable[[Reader], Eway]:
    """Opens the portal for a business. It raises Conflict("portal_not_connected")."""
    return lambda reader: Eway(open_session(reader, secret_key, "eway", url=url))


class Eway:
    """An EwayPort."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def generate(self, bill: Mapping[str, Any]) -> EwayBill:
        """Generate an e-way bill."""
        given = self._session.act("GENEWAYBILL", bill)
        until = given.get("validUpto")
        return EwayBill(
            number=str(given["ewayBillNo"]),
            generated_at=moment(str(given["ewayBillDate"]), STAMP),
            valid_until=moment(str(until), STAMP) if until else None,
        )

    def cancel(self, number: str, *, reason: int, remark: str) -> datetime:
        """Cancel one."""
        wanted = {"ewbNo": int(number), "cancelRsnCode": reason, "cancelRmrk": remark[:50]}
        return moment(str(self._session.act("CANEWB", wanted)["cancelDate"]), STAMP)
