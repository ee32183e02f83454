"""Whose number was written to, and who writes."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from channels.whatsapp.messages import InboundMessage, Sender
from channels.whatsapp.shop_names import ShopNames
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import BahiError
from erp_core.kernel.known_names import KnownNames
from erp_core.parties.recognition import recognise
from erp_core.parties.service import learn_identity
from erp_core.runtime import Bahi

logger = logging.getLogger(__name__)

REMEMBERED = 50_000
CHANGES = ("user_changed_number", "user_changed_user_id")


@dataclass(frozen=True)
class Person:
    """Somebody who writes to a business."""

    business_id: int
    actor: Actor
    language: str
    names: KnownNames | None = None
    """What the business calls its goods and people."""
    speaks: bool = False
    """Whether to be answered aloud as well."""


class People:
    """Looks people up in the database; blocking, so call it in a thread."""

    def __init__(self, bahi: Bahi) -> None:
        self._bahi = bahi
        self._names = ShopNames()
        self._linked: OrderedDict[tuple[int, str, str], None] = OrderedDict()

    def find(self, message: InboundMessage) -> Person | None:
        """Who wrote this message; None when the number is no business's."""
        business_id = self._bahi.business_for_number(message.phone_number_id)
        if business_id is None:
            return None
        with self._bahi.read(business_id) as reader:
            found = recognise(reader, _names(message.sender))
            names = self._names.of(reader)
        if found.known is not None:
            self._link(business_id, message, found.known)
        return Person(business_id, found.actor, found.language, names, found.speaks)

    def changed(self, business_id: int, message: InboundMessage) -> None:
        """Somebody has a new number or id: the person stays the same."""
        if message.facts.get("event") not in CHANGES:
            return
        before = _names(message.sender)
        phone, bsuid = message.facts.get("phone"), message.facts.get("bsuid")
        after = _names(Sender(phone=phone, bsuid=bsuid))
        for new in after:
            for known in before:
                if new not in before and self._learn(business_id, known, new, message.id):
                    break

    def _link(self, business_id: int, message: InboundMessage, known: tuple[str, str]) -> None:
        """Note phone number and business-scoped id while they still come together."""
        phone, bsuid = message.sender.phone, message.sender.bsuid
        if not (phone and bsuid) or (business_id, phone, bsuid) in self._linked:
            return
        for name in _names(message.sender):
            if name != known:
                self._learn(business_id, known, name, message.id)
        self._linked[(business_id, phone, bsuid)] = None
        if len(self._linked) > REMEMBERED:
            self._linked.popitem(last=False)

    def _learn(
        self, business_id: int, known: tuple[str, str], new: tuple[str, str], wamid: str
    ) -> bool:
        key = f"{wamid}:identity:{new[0]}"
        try:
            self._bahi.run(business_id, SYSTEM, key, learn_identity, known=known, new=new)
        except BahiError as error:
            logger.info("an identity was not learned: %s", error.code)
            return False
        return True


def _names(sender: Sender) -> list[tuple[str, str]]:
    named = (
        ("phone", sender.phone),
        ("bsuid", sender.bsuid),
        ("parent_bsuid", sender.parent_bsuid),
    )
    return [(kind, value) for kind, value in named if value]


def metadata_of(person: Person, message: InboundMessage) -> dict[str, Any]:
    """What the actions are told about a message: ids only, except of a guest, who has none yet."""
    actor = person.actor
    metadata: dict[str, Any] = {
        "business_id": person.business_id,
        "actor": {
            "kind": actor.kind,
            "id": str(actor.id) if actor.id else None,
            "role": actor.role,
        },
        "language": person.language,
        "wamid": message.id,
    }
    if person.speaks:
        metadata["speaks"] = True
    if actor.kind == "guest":
        metadata["contact"] = {
            "phone": message.sender.phone,
            "bsuid": message.sender.bsuid,
            "name": message.name,
        }
    return metadata
