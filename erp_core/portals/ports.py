"""What Bahi asks of the portals; the adapters answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from erp_core.kernel.errors import BahiError


class PortalRefused(BahiError):
    """The portal has said no, with a code of its own. Asking again changes nothing."""


@dataclass(frozen=True)
class Acknowledged:
    """What the Invoice Registration Portal gives for a document."""

    irn: str
    ack_no: str
    ack_at: datetime
    signed_qr: str
    signed_invoice: str


@dataclass(frozen=True)
class EwayBill:
    """What the e-way bill portal gives: the number, and until when the goods may be on the road.

    `valid_until` is None while no vehicle is named.
    """

    number: str
    generated_at: datetime
    valid_until: datetime | None


class InvoicePort(Protocol):
    """The Invoice Registration Portal. Raises Unavailable, or PortalRefused with its code."""

    def register(self, document: Mapping[str, Any]) -> Acknowledged:
        """Register a document (INV-01)."""

    def registered(self, irn: str) -> Acknowledged:
        """What was given for a document that is registered already."""

    def cancel(self, irn: str, *, reason: int, remark: str) -> datetime:
        """Cancel a registration; when that was."""

    def verify(self, token: str) -> dict[str, Any]:
        """The data of a signed QR code or invoice. Raises Invalid("bad_signature")."""


class EwayPort(Protocol):
    """The e-way bill portal. Raises as InvoicePort does."""

    def generate(self, bill: Mapping[str, Any]) -> EwayBill:
        """Generate an e-way bill."""

    def cancel(self, number: str, *, reason: int, remark: str) -> datetime:
        """Cancel one; when that was."""
