"""What a person does with the phone, turned into webhooks to the business; and the other way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from simulator.errors import WINDOW_DETAILS, GraphError
from simulator.ids import new_wamid
from simulator.shops import Person, Shop
from simulator.webhooks import Update, Webhooks
from simulator.world import Chat, Message, World

TYPING_SECONDS = 25.0
SENT_AFTER = 0.02
DELIVERED_AFTER = 0.15
READ_AFTER = 0.35
SENT_BY_PEOPLE = ("text", "image", "document", "audio", "video", "sticker", "location", "contacts")
MEDIA_TYPES = ("image", "document", "audio", "video", "sticker")

Json = dict[str, Any]


class BadRequest(Exception):
    """A control call that makes no sense; the text says why."""


class Phone:
    """Every person's phone."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self.world = world
        self._webhooks = webhooks

    # what a person sends

    def send(self, chat: Chat, kind: str, content: Any, *, reply_to: str | None = None) -> Message:
        """A person sends text, media, a location or contacts."""
        if kind not in SENT_BY_PEOPLE:
            raise BadRequest(f"a person cannot send the type {kind!r}")
        if kind in MEDIA_TYPES:
            content = self._with_media(kind, content)
        return self._write(chat, {"type": kind, kind: content}, reply_to)

    def react(self, chat: Chat, wamid: str, emoji: str) -> str:
        """A person reacts to a message; an empty emoji takes the reaction back."""
        found = self.world.message(wamid)
        if not found:
            raise BadRequest("there is no such message")
        self.world.react(found[1], "person", emoji)
        reaction: Json = {"message_id": wamid}
        if emoji:
            reaction["emoji"] = emoji
        reaction_id = new_wamid(chat.phone, from_business=False)
        self._post(chat, reaction_id, {"type": "reaction", "reaction": reaction})
        return reaction_id

    def tap(self, chat: Chat, wamid: str | None, option: str | int) -> Message:
        """A person taps a button or chooses a row, by title, id or place."""
        message = self._tappable(chat, wamid)
        options = list(options_of(message))
        chosen = _choose(options, option)
        message["tapped"] = chosen["id"]
        title = chosen["title"]
        if chosen["kind"] == "template":
            content: Json = {"type": "button", "button": {"payload": chosen["id"], "text": title}}
        else:
            reply = {"id": chosen["id"], "title": title}
            if chosen.get("description"):
                reply["description"] = chosen["description"]
            kind = chosen["kind"]
            content = {"type": "interactive", "interactive": {"type": kind, kind: reply}}
        return self._write(chat, content, message["id"])

    def see(self, chat: Chat) -> None:
        """The person looks at the chat: everything in it is read."""
        chat.unread = 0
        for message in chat.messages:
            if message["by"] == "business" and message.get("status") == "delivered":
                self._advance(chat, message, "read")

    # what the business sends

    async def deliver(self, chat: Chat, message: Message) -> None:
        """Carry an accepted message to the phone, telling the business of each step."""
        person = self.world.person(chat.phone, home=chat.phone_number_id)
        await asyncio.sleep(SENT_AFTER)
        if not person.reachable:
            self._fail(chat, message, GraphError(131026, "Message undeliverable."))
            return
        self._advance(chat, message, "sent")
        await asyncio.sleep(DELIVERED_AFTER)
        self._advance(chat, message, "delivered")
        if not self.world.events.listeners:
            await asyncio.sleep(READ_AFTER)
            self._advance(chat, message, "read")
            chat.unread = 0

    def refuse_late(self, chat: Chat, message: Message) -> None:
        """Report the closed window in a status, after the send was accepted."""
        self._fail(chat, message, GraphError(131047, WINDOW_DETAILS))

    def mark_read(self, chat: Chat, message: Message, *, typing: bool) -> None:
        """The business has read this message and all before it, and may be typing."""
        for earlier in chat.messages:
            if earlier["by"] == "person" and earlier["seq"] <= message["seq"]:
                self.world.set_status(earlier, "read")
        if typing:
            self.world.set_typing(chat, TYPING_SECONDS)

    # underneath

    def _write(self, chat: Chat, content: Json, reply_to: str | None) -> Message:
        wamid = new_wamid(chat.phone, from_business=False)
        message = {"id": wamid, "by": "person", "status": "sent", **content}
        if reply_to:
            message["context_id"] = reply_to
        self.world.add_message(chat, message)
        self._post(chat, wamid, content, message)
        return message

    def _post(self, chat: Chat, wamid: str, content: Json, message: Message | None = None) -> None:
        shop = self.world.shop(chat.phone_number_id)
        person = self.world.person(chat.phone, home=chat.phone_number_id)
        inbound = {
            **_sender(person),
            "id": wamid,
            "timestamp": str(int(self.world.clock.seconds())),
            **content,
        }
        if message and message.get("context_id"):
            inbound["context"] = self._context(chat, shop, message["context_id"])
        value = {**_metadata(shop), "contacts": [_contact(person)], "messages": [inbound]}
        self._count(shop)

        def accepted() -> None:
            if message:
                self.world.set_status(message, "delivered")

        self._webhooks.submit(
            Update(_waba(shop), value, f"{shop.phone_number_id}:{person.phone}", accepted)
        )

    def _count(self, shop: Shop) -> None:
        """Incoming messages use up the number's throughput too, though none is refused."""
        limits = self.world.limits
        if limits.number:
            rate, now = limits.number_per_second, self.world.clock.seconds()
            self.world.buckets.take(shop.phone_number_id, now=now, size=rate, per_second=rate)

    def _context(self, chat: Chat, shop: Shop, wamid: str) -> Json:
        found = self.world.message(wamid)
        by_person = found is not None and found[1]["by"] == "person"
        return {"from": chat.phone if by_person else shop.display_phone, "id": wamid}

    def _advance(self, chat: Chat, message: Message, status: str) -> None:
        if not self.world.message(message["id"]):
            return  # forgotten meanwhile, by a reset
        if self.world.set_status(message, status):
            self._post_status(chat, message, status)

    def _fail(self, chat: Chat, message: Message, error: GraphError) -> None:
        if self.world.set_status(message, "failed", error.in_status()):
            self._post_status(chat, message, "failed", error)

    def _post_status(
        self, chat: Chat, message: Message, status: str, error: GraphError | None = None
    ) -> None:
        shop = self.world.shop(chat.phone_number_id)
        person = self.world.person(chat.phone)
        report: Json = {
            "id": message["id"],
            "status": status,
            "timestamp": str(int(self.world.clock.seconds())),
            "recipient_user_id": person.user_id,
        }
        if not person.hides_phone:
            report["recipient_id"] = person.phone
        if message.get("biz_opaque_callback_data"):
            report["biz_opaque_callback_data"] = message["biz_opaque_callback_data"]
        if status in ("sent", "delivered"):
            report["pricing"] = {
                "billable": True,
                "pricing_model": "PMP",
                "type": "regular",
                "category": "utility" if message["type"] == "template" else "service",
            }
        value: Json = {**_metadata(shop), "statuses": [report]}
        if error:
            report["errors"] = [error.in_status()]
        else:
            value["contacts"] = [_contact(person)]
        self._webhooks.submit(
            Update(_waba(shop), value, f"{shop.phone_number_id}:{person.phone}:statuses")
        )

    def _with_media(self, kind: str, content: Json) -> Json:
        media = self.world.media.get(str(content.get("id")))
        if media is None:
            raise BadRequest("send the file to /control/media first, then name its id")
        shown: Json = {
            "id": media.id,
            "mime_type": media.mime_type,
            "sha256": media.sha256_base64,
        }
        if content.get("caption"):
            shown["caption"] = content["caption"]
        if kind == "document":
            shown["filename"] = content.get("filename") or media.filename
        if kind == "audio":
            shown["voice"] = bool(content.get("voice", True))
        return shown

    def _tappable(self, chat: Chat, wamid: str | None) -> Message:
        if wamid:
            found = self.world.message(wamid)
            if not found or found[0] is not chat:
                raise BadRequest("there is no such message in this chat")
            return found[1]
        for message in reversed(chat.messages):
            if any(options_of(message)):
                return message
        raise BadRequest("no message in this chat has anything to tap")


def options_of(message: Message) -> Iterator[Json]:
    """What can be tapped in a message: {kind, id, title, description?}, from the top."""
    if message["by"] != "business":
        return
    action = (message.get("interactive") or {}).get("action") or {}
    for button in action.get("buttons") or ():
        yield {"kind": "button_reply", **button["reply"]}
    for section in action.get("sections") or ():
        for row in section.get("rows") or ():
            yield {"kind": "list_reply", **row}
    for button in (message.get("template_view") or {}).get("buttons") or ():
        yield {"kind": "template", "id": button["payload"], "title": button["text"]}


def _choose(options: list[Json], wanted: str | int) -> Json:
    if isinstance(wanted, int):
        if 0 <= wanted < len(options):
            return options[wanted]
    else:
        for name in ("id", "title"):
            for option in options:
                if option[name] == wanted:
                    return option
        folded = wanted.strip().casefold()
        for option in options:
            if option["title"].strip().casefold() == folded:
                return option
    titles = ", ".join(option["title"] for option in options) or "nothing"
    raise BadRequest(f"there is no such option; the message offers: {titles}")


def _waba(shop: Shop) -> str:
    return "10" + shop.phone_number_id.zfill(13)


def _metadata(shop: Shop) -> Json:
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": shop.display_phone,
            "phone_number_id": shop.phone_number_id,
        },
    }


def _sender(person: Person) -> Json:
    if person.hides_phone:
        return {"from_user_id": person.user_id}
    return {"from": person.phone, "from_user_id": person.user_id}


def _contact(person: Person) -> Json:
    profile = {"name": person.name or person.username or person.phone[-4:]}
    if person.username:
        profile["username"] = "@" + person.username.lstrip("@")
    contact: Json = {"profile": profile, "user_id": person.user_id}
    if not person.hides_phone:
        contact["wa_id"] = person.phone
    return contact
