"""The Graph API, as far as a WhatsApp business number uses it."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

from sanic import Blueprint
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse, json, raw

from simulator.errors import WINDOW_DETAILS, GraphError
from simulator.faults import GraphFault
from simulator.ids import new_wamid
from simulator.media import LARGEST, base_type, new_url_token, too_large
from simulator.phone import Phone
from simulator.rules import check_message
from simulator.world import Chat, Message, World

Json = dict[str, Any]


class Graph:
    """The Cloud API for every number, over one world."""

    def __init__(self, world: World, phone: Phone, access_token: str | None) -> None:
        self.world = world
        self._phone = phone
        self._token = access_token
        self._carrying: set[asyncio.Task[None]] = set()

    def check_token(self, request: Request) -> None:
        """Refuse a call without the access token."""
        given = request.headers.get("authorization", "")
        if self._token and not hmac.compare_digest(
            given.encode(), f"Bearer {self._token}".encode()
        ):
            raise GraphError(190)

    async def post(self, phone_number_id: str, message: Json) -> Json:
        """Send a message, or mark one as read."""
        if message.get("status") == "read":
            return self._read(phone_number_id, message)
        fault = self.world.faults.next_graph_fault()
        if fault and fault.answer != "lost":
            await _suffer(fault)
        check_message(
            message, has_media=lambda media_id: self.world.media.get(media_id) is not None
        )
        answer = self._accept(phone_number_id, message)
        if fault:
            await asyncio.sleep(fault.seconds)
            raise GraphError(131000, status=504)
        return answer

    def _read(self, phone_number_id: str, wish: Json) -> Json:
        found = self.world.message(str(wish.get("message_id")))
        if not found or found[0].phone_number_id != phone_number_id or found[1]["by"] != "person":
            raise GraphError(131009, "Message ID is not valid.")
        self._phone.mark_read(found[0], found[1], typing=bool(wish.get("typing_indicator")))
        return {"success": True}

    def _accept(self, phone_number_id: str, message: Json) -> Json:
        phone, contact = self._recipient(message)
        if phone == self.world.shop(phone_number_id).display_phone:
            raise GraphError(131021, "Sender and recipient phone number is the same.")
        chat = self.world.chat(phone_number_id, phone)
        self._check_rates(chat)
        closed = self._window_is_closed(chat, message)
        if closed and self.world.limits.window_answer == "http":
            raise GraphError(131047, WINDOW_DETAILS)
        if message.get("type") == "reaction":
            wamid = self._react(chat, message["reaction"])
        else:
            wamid = self._write(chat, message, closed=closed)
        return {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": wamid}],
        }

    def _recipient(self, message: Json) -> tuple[str, Json]:
        to, user_id = message.get("to"), message.get("recipient")
        if to:
            phone = "".join(digit for digit in str(to) if digit.isdecimal())
            person = self.world.person(phone)
            return phone, {"input": to, "wa_id": phone, "user_id": person.user_id}
        known = self.world.phone_of(str(user_id))
        if known is None:
            raise GraphError(131026, "Message undeliverable.")
        return known, {"input": user_id, "user_id": user_id}

    def _check_rates(self, chat: Chat) -> None:
        limits, buckets, now = self.world.limits, self.world.buckets, self.world.clock.seconds()
        rate = limits.number_per_second
        if limits.number and not buckets.take(
            chat.phone_number_id, now=now, size=rate, per_second=rate
        ):
            raise GraphError(130429, "Cloud API message throughput has been reached.")
        if limits.pair and not buckets.take(
            (chat.phone_number_id, chat.phone),
            now=now,
            size=limits.pair_burst,
            per_second=1 / limits.pair_every_seconds,
        ):
            raise GraphError(
                131056,
                "Message failed to send because there were too many messages sent from this "
                "phone number to the same phone number in a short period of time.",
            )

    def _window_is_closed(self, chat: Chat, message: Json) -> bool:
        if not self.world.limits.window or message.get("type") == "template":
            return False
        return not self.world.window_is_open(chat)

    def _react(self, chat: Chat, reaction: Json) -> str:
        found = self.world.message(str(reaction["message_id"]))
        if not found or found[0] is not chat:
            raise GraphError(131009, "Message ID is not valid.")
        self.world.react(found[1], "business", str(reaction.get("emoji") or ""))
        return new_wamid(chat.phone, from_business=True)

    def _write(self, chat: Chat, sent: Json, *, closed: bool) -> str:
        kind = sent.get("type", "text")
        message: Message = {
            "id": new_wamid(chat.phone, from_business=True),
            "by": "business",
            "status": "accepted",
            "type": kind,
            kind: sent[kind],
        }
        if sent.get("biz_opaque_callback_data"):
            message["biz_opaque_callback_data"] = sent["biz_opaque_callback_data"]
        if isinstance(sent.get("context"), dict) and sent["context"].get("message_id"):
            message["context_id"] = sent["context"]["message_id"]
        if kind == "template":
            message["template_view"] = self._template_view(sent["template"])
        if closed:
            message.update(seq=0, phone_number_id=chat.phone_number_id, phone=chat.phone)
            self._phone.refuse_late(chat, message)
            return str(message["id"])
        self._describe_media(message)
        self.world.add_message(chat, message)
        task = asyncio.ensure_future(self._phone.deliver(chat, message))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        return str(message["id"])

    def _template_view(self, template: Json) -> Json:
        """How a template reads on the phone: {text, header?, buttons:[{text, payload}]}."""
        known = self.world.templates.get(template["name"], {})
        components = template.get("components") or []
        values = [
            str(parameter.get("text", ""))
            for component in components
            if component.get("type") == "body"
            for parameter in component.get("parameters") or ()
        ]
        text = str(known.get("body") or "\n".join([f"[{template['name']}]", *values]))
        for place, value in enumerate(values, start=1):
            text = text.replace("{{" + str(place) + "}}", value)
        titles = known.get("buttons") or []
        buttons = [
            {
                "text": _title(titles, int(c.get("index", 0))),
                "payload": c["parameters"][0]["payload"],
            }
            for c in components
            if c.get("type") == "button" and c.get("sub_type") == "quick_reply"
        ]
        header = next((c["parameters"][0] for c in components if c.get("type") == "header"), None)
        return {"text": text, "buttons": buttons, "header": header}

    def _describe_media(self, message: Message) -> None:
        """Note type and size beside a media id, so that the page need not ask."""
        holders = [message[message["type"]]]
        if message["type"] == "interactive":
            holders = [holders[0].get("header") or {}]
        elif message["type"] == "template":
            holders = [message["template_view"]["header"] or {}]
        for holder in holders:
            parts = [holder] if "id" in holder else list(holder.values())
            for part in parts:
                media = (
                    self.world.media.get(str(part.get("id"))) if isinstance(part, dict) else None
                )
                if media:
                    part.setdefault("mime_type", media.mime_type)
                    part["file_size"] = len(media.data)


async def _suffer(fault: GraphFault) -> None:
    if fault.answer == "timeout":
        await asyncio.sleep(fault.seconds)
        raise GraphError(131000, status=504)
    if fault.answer == "429":
        raise GraphError(fault.code, status=429)
    raise GraphError(131000, "An unknown error has occurred.", status=500)


def _title(titles: list[str], index: int) -> str:
    return titles[index] if index < len(titles) else f"Button {index + 1}"


def blueprint(graph: Graph) -> Blueprint:
    """The routes, with and without a version in front."""
    routes = Blueprint("graph", url_prefix="/graph")
    world = graph.world

    async def send(request: Request, phone_number_id: str, **_: str) -> HTTPResponse:
        graph.check_token(request)
        message = request.json
        if not isinstance(message, dict):
            raise GraphError(100, "The request's body must be a JSON object.")
        return json(await graph.post(phone_number_id, message))

    async def upload(request: Request, **_: str) -> HTTPResponse:
        graph.check_token(request)
        if (request.form or {}).get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameter messaging_product is required.")
        file = (request.files or {}).get("file")
        if file is None:
            raise GraphError(131008, "The parameter file is required.")
        mime_type = (request.form or {}).get("type") or file.type
        if base_type(mime_type) not in LARGEST:
            raise GraphError(131053, f"Media type {mime_type} is not supported.")
        if too_large(base_type(mime_type), len(file.body)):
            raise GraphError(131053, "Media file is larger than its type allows.")
        media = world.media.add(file.body, mime_type, file.name or "file")
        return json({"id": media.id})

    async def describe(request: Request, media_id: str, **_: str) -> HTTPResponse:
        graph.check_token(request)
        media = world.media.get(media_id)
        if media is None:
            raise GraphError(
                100, f"Object with ID '{media_id}' does not exist or cannot be loaded."
            )
        token = new_url_token(media, now=world.clock.seconds())
        return json(
            {
                "messaging_product": "whatsapp",
                "url": f"{request.scheme}://{request.host}/graph/media/{media.id}/{token}",
                "mime_type": media.mime_type,
                "sha256": media.sha256_hex,
                "file_size": len(media.data),
                "id": media.id,
            }
        )

    async def delete(request: Request, media_id: str, **_: str) -> HTTPResponse:
        graph.check_token(request)
        return json({"success": world.media.remove(media_id)})

    async def download(request: Request, media_id: str, token: str) -> HTTPResponse:
        graph.check_token(request)
        media = world.media.get(media_id)
        if media is None or media.tokens.get(token, 0) <= world.clock.seconds():
            return json(GraphError(100, "The address has expired.").body(), status=404)
        return raw(media.data, content_type=media.mime_type)

    for prefix, name in (("/<version:v[0-9]+[.][0-9]+>", "versioned"), ("", "plain")):
        routes.add_route(
            send, f"{prefix}/<phone_number_id:[0-9]+>/messages", ["POST"], name=f"{name}_send"
        )
        routes.add_route(
            upload, f"{prefix}/<phone_number_id:[0-9]+>/media", ["POST"], name=f"{name}_upload"
        )
        routes.add_route(describe, f"{prefix}/<media_id:[0-9]+>", ["GET"], name=f"{name}_describe")
        routes.add_route(delete, f"{prefix}/<media_id:[0-9]+>", ["DELETE"], name=f"{name}_delete")
    routes.add_route(download, "/media/<media_id:[0-9]+>/<token:str>", ["GET"], name="download")

    @routes.exception(InvalidUsage)
    async def refuse_body(_: Request, __: InvalidUsage) -> HTTPResponse:
        return json(GraphError(100, "The request's body must be JSON.").body(), status=400)

    @routes.exception(GraphError)
    async def refuse(_: Request, error: GraphError) -> HTTPResponse:
        return json(error.body(), status=error.status)

    return routes
