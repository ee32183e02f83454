"""The control API: what a test, or the page, does to the phones. See docs/simulator.md."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json as jsonlib
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json, raw

from simulator.ids import user_id_of
from simulator.media import base_type, preview
from simulator.phone import MEDIA_TYPES, BadRequest, Phone, options_of
from simulator.shops import Person, read_shop
from simulator.webhooks import Webhooks
from simulator.world import Chat, Message, World

LONGEST_WAIT = 55.0
MOST_PEOPLE = 300
HINTS = Path(__file__).with_name("hints.yml")

Json = dict[str, Any]


class Control:
    """The control API over one world."""

    def __init__(
        self, world: World, phone: Phone, webhooks: Webhooks, *, data_dir: Path, verify_token: str
    ) -> None:
        self.world = world
        self.phone = phone
        self.webhooks = webhooks
        self._progress = data_dir / "progress.json"
        self._verify_token = verify_token

    def everything(self) -> Json:
        """What a page needs to begin."""
        return {
            "shops": [shop.shown() for shop in self.world.shops.values()],
            "people": self.people(),
            "chats": [_chat_head(chat) for chat in self.world.chats()][-MOST_PEOPLE:],
            "now": self.world.clock.now().isoformat(),
            "gateway": asdict(self.webhooks.delivery),
            "faults": self.world.faults.shown(),
            "limits": self.world.limits.shown(),
        }

    def people(self) -> list[Json]:
        """The people of the shop files first, then the strangers who wrote last."""
        people = list(self.world.people.values())
        known = [person for person in people if person.role != "guest"]
        guests = [person for person in people if person.role == "guest"]
        return [person.shown() for person in (known + guests[::-1])[:MOST_PEOPLE]]

    def chat_of(self, wish: Json) -> Chat:
        """The chat named by `phone_number_id` and `from` (a phone)."""
        number, phone = wish.get("phone_number_id"), _digits(wish.get("from"))
        if not number and len(self.world.shops) == 1:
            number = next(iter(self.world.shops))
        if not number or not phone:
            raise BadRequest("name phone_number_id and from (a phone number)")
        self.world.shop(str(number))
        self.world.person(phone, home=str(number))
        return self.world.chat(str(number), phone)

    def send(self, wish: Json) -> tuple[Chat, Message | str]:
        """A person sends a message, given in Meta's inbound shape or as plain `text`."""
        chat = self.chat_of(wish)
        text = wish.get("text")
        kind = wish.get("type") or ("text" if text is not None else "")
        if kind == "reaction":
            reaction = wish.get("reaction") or {}
            return chat, self.phone.react(
                chat, str(reaction.get("message_id")), str(reaction.get("emoji") or "")
            )
        content = {"body": text} if isinstance(text, str) else wish.get(kind)
        if not content:
            raise BadRequest(f"say what to send: a {kind or 'type'} is missing")
        if kind == "text" and not str(content.get("body") or "").strip():
            raise BadRequest("an empty text cannot be sent")
        if kind in MEDIA_TYPES and "data" in content:
            content = {**content, "id": self._keep(content)}
        return chat, self.phone.send(chat, kind, content, reply_to=wish.get("reply_to"))

    def _keep(self, content: Json) -> str:
        try:
            data = base64.b64decode(content["data"], validate=True)
        except (binascii.Error, ValueError):
            raise BadRequest("data must be base64") from None
        mime_type = content.get("mime_type") or "application/octet-stream"
        return self.world.media.add(data, mime_type, content.get("filename") or "file").id

    async def messages(self, chat: Chat, mark: str, by: str | None, wait: float) -> list[Message]:
        """The messages after a mark; waits up to `wait` seconds for the first."""
        loop = asyncio.get_running_loop()
        end = loop.time() + min(wait, LONGEST_WAIT)
        while True:
            changed = chat.changed
            found = chat.after(mark, by)
            left = end - loop.time()
            if found or left <= 0:
                return found
            try:
                await asyncio.wait_for(changed.wait(), left)
            except asyncio.TimeoutError:
                return chat.after(mark, by)

    async def told(self, chat: Chat, sent: Message, wish: Json) -> Json:
        """What is told of a sent message; with the replies, if the wish says to `wait` for them."""
        answer: Json = {"wamid": sent["id"], "seq": sent["seq"]}
        if wish.get("wait"):
            wait = float(wish["wait"])
            answer["replies"] = await self.messages(chat, sent["seq"], "business", wait)
        return answer

    def setup(self) -> Json:
        """How far set-up is; without a report, the simulator runs alone and is ready."""
        try:
            progress: Json = jsonlib.loads(self._progress.read_text())
        except (OSError, ValueError):
            return {"steps": [], "ready": True}
        return progress

    async def verify(self) -> bool:
        """Whether the gateway answers Meta's handshake."""
        challenge = str(secrets.randbelow(10**9))
        return await self.webhooks.verify(self._verify_token, challenge)


def blueprint(control: Control) -> Blueprint:
    """The routes under /control."""
    routes = Blueprint("control", url_prefix="/control")

    @routes.exception(BadRequest, ValueError, TypeError, KeyError)
    async def refuse(_: Request, error: Exception) -> HTTPResponse:
        return json({"error": str(error)}, status=400)

    _tell_state(routes, control)
    _keep_people_and_shops(routes, control)
    _pass_messages(routes, control)
    _keep_files(routes, control.world)
    _trace_messages(routes, control.world)
    _change_the_weather(routes, control.world)
    _reach_the_gateway(routes, control)
    return routes


def _tell_state(routes: Blueprint, control: Control) -> None:
    @routes.get("/state")
    async def state(_: Request) -> HTTPResponse:
        return json(control.everything())

    @routes.get("/setup")
    async def setup(_: Request) -> HTTPResponse:
        return json(control.setup())

    @routes.get("/hints")
    async def hints(_: Request) -> HTTPResponse:
        return json(yaml.safe_load(HINTS.read_text(encoding="utf-8")))

    @routes.websocket("/events")
    async def events(_: Request, socket: Any) -> None:
        listening = control.world.events.listen()

        async def feed() -> None:
            async for text in listening:
                await socket.send(text)

        feeding = asyncio.ensure_future(feed())
        try:
            # Not recv(): a page has nothing to say, and Sanic would leave a task behind.
            await socket.wait_for_connection_lost()
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            await listening.aclose()


def _keep_people_and_shops(routes: Blueprint, control: Control) -> None:
    world = control.world

    @routes.get("/people")
    async def people(_: Request) -> HTTPResponse:
        return json({"people": control.people()})

    @routes.post("/people")
    async def put_person(request: Request) -> HTTPResponse:
        return json(_change_person(world, _body(request)).shown())

    @routes.get("/shops")
    async def shops(_: Request) -> HTTPResponse:
        return json({"shops": [shop.shown() for shop in world.shops.values()]})

    @routes.post("/shops")
    async def put_shop(request: Request) -> HTTPResponse:
        shop, members = read_shop(_body(request))
        world.add_shop(shop, members)
        world.events.tell("reset")
        return json(shop.shown())


def _pass_messages(routes: Blueprint, control: Control) -> None:
    world, phone = control.world, control.phone

    @routes.post("/send")
    async def send(request: Request) -> HTTPResponse:
        wish = _body(request)
        chat, sent = control.send(wish)
        if isinstance(sent, str):
            return json({"wamid": sent})
        return json(await control.told(chat, sent, wish))

    @routes.post("/tap")
    async def tap(request: Request) -> HTTPResponse:
        wish = _body(request)
        chat = control.chat_of(wish)
        sent = phone.tap(chat, wish.get("message_id"), wish["option"])
        return json(await control.told(chat, sent, wish))

    @routes.post("/read")
    async def read(request: Request) -> HTTPResponse:
        phone.see(control.chat_of(_body(request)))
        return json({"success": True})

    @routes.get("/chats/<number:[0-9]+>/<phone_number:[0-9]+>/messages")
    async def messages(request: Request, number: str, phone_number: str) -> HTTPResponse:
        chat = world.chat(number, phone_number)
        found = await control.messages(
            chat,
            request.args.get("after", "0"),
            request.args.get("by"),
            float(request.args.get("wait", 0)),
        )
        return json(
            {
                "messages": [_with_options(message) for message in found],
                "last": chat.last_seq,
                "typing": chat.typing_until > world.clock.seconds(),
            }
        )

    @routes.post("/reset")
    async def reset(_: Request) -> HTTPResponse:
        await control.webhooks.forget()
        world.forget_conversations()
        return json({"success": True})


def _keep_files(routes: Blueprint, world: World) -> None:
    @routes.post("/media")
    async def upload(request: Request) -> HTTPResponse:
        file = (request.files or {}).get("file")
        if file is None:
            raise BadRequest("send the file as a multipart field named file")
        mime_type = (request.form or {}).get("type") or file.type
        media = world.media.add(file.body, mime_type, file.name or "file")
        return json({"id": media.id, "mime_type": mime_type, "file_size": len(media.data)})

    @routes.get("/media/<media_id:[0-9]+>")
    async def media(_: Request, media_id: str) -> HTTPResponse:
        found = world.media.get(media_id)
        if not found:
            return json({"error": "the file is gone"}, status=404)
        headers = {
            "Content-Disposition": _inline(found.filename),
            "Cache-Control": "max-age=3600",
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        if base_type(found.mime_type) == "application/pdf":
            del headers["Content-Security-Policy"]  # browsers refuse to show a sandboxed PDF
        return raw(found.data, content_type=found.mime_type, headers=headers)

    @routes.get("/media/<media_id:[0-9]+>/preview")
    async def media_preview(_: Request, media_id: str) -> HTTPResponse:
        found = world.media.get(media_id)
        loop = asyncio.get_running_loop()
        drawn = await loop.run_in_executor(None, preview, found) if found else None
        if not drawn:
            return json({"error": "no preview"}, status=404)
        picture, pages = drawn
        headers = {"X-Pages": str(pages), "Cache-Control": "max-age=3600"}
        return raw(picture, content_type="image/png", headers=headers)


def _trace_messages(routes: Blueprint, world: World) -> None:
    @routes.get("/messages/<wamid:path>")
    async def message(_: Request, wamid: str) -> HTTPResponse:
        known = world.message(wamid)
        if not known:
            return json({"error": "there is no such message"}, status=404)
        return json({**_with_options(known[1]), "trace": world.trace(wamid)})

    @routes.get("/traces/<wamid:path>")
    async def trace(_: Request, wamid: str) -> HTTPResponse:
        return json({"trace": world.trace(wamid)})

    @routes.post("/traces")
    async def tell_trace(request: Request) -> HTTPResponse:
        trace = _body(request)
        world.add_trace(str(trace["wamid"]), trace)
        return json({"success": True})


def _change_the_weather(routes: Blueprint, world: World) -> None:
    @routes.get("/faults")
    async def faults(_: Request) -> HTTPResponse:
        return json(world.faults.shown())

    @routes.post("/faults")
    async def change_faults(request: Request) -> HTTPResponse:
        world.faults.change(_body(request))
        return json(world.faults.shown())

    @routes.delete("/faults")
    async def clear_faults(_: Request) -> HTTPResponse:
        world.faults = type(world.faults)()
        return json(world.faults.shown())

    @routes.get("/limits")
    async def limits(_: Request) -> HTTPResponse:
        return json(world.limits.shown())

    @routes.post("/limits")
    async def change_limits(request: Request) -> HTTPResponse:
        world.limits.change(_body(request))
        world.buckets.clear()
        return json(world.limits.shown())

    @routes.post("/templates")
    async def put_template(request: Request) -> HTTPResponse:
        template = _body(request)
        world.templates[template["name"]] = template
        return json(template)

    @routes.get("/clock")
    async def clock(_: Request) -> HTTPResponse:
        return json({"now": world.clock.now().isoformat()})

    @routes.post("/clock")
    async def turn_clock(request: Request) -> HTTPResponse:
        wish = _body(request)
        if wish.get("now"):
            world.clock.turn_to(str(wish["now"]))
        if wish.get("advance_seconds"):
            world.clock.advance(float(wish["advance_seconds"]))
        if not wish:
            world.clock.reset()
        world.events.tell("clock", now=world.clock.now().isoformat())
        return json({"now": world.clock.now().isoformat()})


def _reach_the_gateway(routes: Blueprint, control: Control) -> None:
    @routes.get("/webhook")
    async def webhook(_: Request) -> HTTPResponse:
        return json({"url": control.webhooks.url, **asdict(control.webhooks.delivery)})

    @routes.post("/webhook/verify")
    async def verify(_: Request) -> HTTPResponse:
        return json({"verified": await control.verify()})


def _body(request: Request) -> Json:
    body = request.json if request.body else {}
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def _digits(value: Any) -> str:
    return "".join(character for character in str(value or "") if character in "0123456789")


def _with_options(message: Message) -> Json:
    return {**message, "options": list(options_of(message))}


def _chat_head(chat: Chat) -> Json:
    return {
        "phone_number_id": chat.phone_number_id,
        "phone": chat.phone,
        "unread": chat.unread,
        "last": chat.messages[-1] if chat.messages else None,
    }


def _change_person(world: World, wish: Json) -> Person:
    phone = _digits(wish.get("phone"))
    if not 6 <= len(phone) <= 15:
        raise BadRequest("a person needs a phone of 6 to 15 digits")
    person = world.person(phone)
    for name in ("name", "role", "home", "state", "username"):
        if name in wish:
            setattr(person, name, wish[name])
    for name in ("hides_phone", "reachable"):
        if name in wish:
            setattr(person, name, bool(wish[name]))
    person.user_id = wish.get("user_id") or person.user_id or user_id_of(phone)
    return world.add_person(person)


def _inline(filename: str) -> str:
    safe = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in filename)
    return f'inline; filename="{safe}"'
