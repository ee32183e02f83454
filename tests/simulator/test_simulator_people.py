"""The kinds of messages that people send, in the shapes of Meta's webhooks."""

from __future__ import annotations

import base64
import hashlib

import requests
from simulated import (
    ACCESS_TOKEN,
    BUTTONS,
    LIST,
    NUMBER,
    OWNER,
    Gateway,
    Json,
    Simulator,
)

PICTURE = b"\x89PNG\r\n\x1a\n" + b"not much of a picture"


def last_message(gateway: Gateway, count: int = 1) -> Json:
    gateway.wait_for(lambda: len(gateway.messages()) >= count)
    return dict(gateway.messages()[-1])


def test_a_tap_on_a_button(simulator: Simulator, gateway: Gateway) -> None:
    simulator.say("order")
    asked = simulator.answer(BUTTONS)
    simulator.control("tap", {"from": OWNER, "message_id": asked, "option": "Haan"})
    message = last_message(gateway, 2)
    assert message["type"] == "interactive"
    assert message["interactive"] == {
        "type": "button_reply",
        "button_reply": {"id": "b1", "title": "Haan"},
    }
    assert message["context"] == {"from": "912255001065", "id": asked}


def test_a_row_of_the_latest_list_by_place(simulator: Simulator, gateway: Gateway) -> None:
    simulator.say("iphone")
    simulator.answer(LIST)
    simulator.control("tap", {"from": OWNER, "option": 0})
    assert last_message(gateway, 2)["interactive"] == {
        "type": "list_reply",
        "list_reply": {"id": "r1", "title": "iPhone 15", "description": "8 bache hain"},
    }


def test_an_option_that_is_not_there_names_those_that_are(
    simulator: Simulator, gateway: Gateway
) -> None:
    simulator.say("iphone")
    simulator.answer(LIST)
    answer = simulator.control_raw("tap", {"from": OWNER, "option": "Nokia"})
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("iPhone 15, iPhone 15 Pro")


def test_a_quick_reply_of_a_template(simulator: Simulator, gateway: Gateway) -> None:
    simulator.control(
        "templates",
        {"name": "order_ready", "body": "Order {{1}} taiyaar hai.", "buttons": ["Theek hai"]},
    )
    simulator.answer(
        {
            "type": "template",
            "template": {
                "name": "order_ready",
                "language": {"code": "hi"},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": "ORD-2026-00001"}]},
                    {
                        "type": "button",
                        "sub_type": "quick_reply",
                        "index": "0",
                        "parameters": [{"type": "payload", "payload": "ok-1"}],
                    },
                ],
            },
        }
    )
    shown = simulator.chat(by="business")[0]["template_view"]
    assert shown["text"] == "Order ORD-2026-00001 taiyaar hai."
    simulator.control("tap", {"from": OWNER, "option": "Theek hai"})
    assert last_message(gateway)["button"] == {"payload": "ok-1", "text": "Theek hai"}


def test_a_picture_can_be_fetched_as_meta_serves_it(simulator: Simulator, gateway: Gateway) -> None:
    file = {"file": ("receipt.png", PICTURE, "image/png")}
    media = requests.post(f"{simulator.url}/control/media", files=file, timeout=60).json()
    simulator.control(
        "send", {"from": OWNER, "type": "image", "image": {"id": media["id"], "caption": "kharcha"}}
    )
    image = last_message(gateway)["image"]
    digest = hashlib.sha256(PICTURE)
    assert image == {
        "id": media["id"],
        "mime_type": "image/png",
        "sha256": base64.b64encode(digest.digest()).decode(),
        "caption": "kharcha",
    }
    header = {"Authorization": f"Bearer {ACCESS_TOKEN}"}
    about = requests.get(
        f"{simulator.url}/graph/v25.0/{media['id']}", headers=header, timeout=60
    ).json()
    assert about["sha256"] == digest.hexdigest()
    assert about["file_size"] == len(PICTURE)
    assert requests.get(about["url"], timeout=60).status_code == 401
    assert requests.get(about["url"], headers=header, timeout=60).content == PICTURE
    simulator.control("clock", {"advance_seconds": 301})
    assert requests.get(about["url"], headers=header, timeout=60).status_code == 404


def test_other_media_given_as_base64(simulator: Simulator, gateway: Gateway) -> None:
    data = base64.b64encode(b"%PDF-1.4").decode()
    simulator.control(
        "send",
        {
            "from": OWNER,
            "type": "document",
            "document": {"data": data, "mime_type": "application/pdf", "filename": "bill.pdf"},
        },
    )
    assert last_message(gateway)["document"]["filename"] == "bill.pdf"
    voice = {"data": data, "mime_type": "audio/ogg; codecs=opus"}
    simulator.control("send", {"from": OWNER, "type": "audio", "audio": voice})
    audio = last_message(gateway, 2)["audio"]
    assert (audio["voice"], audio["mime_type"]) == (True, "audio/ogg; codecs=opus")


def test_location_contacts_and_reaction(simulator: Simulator, gateway: Gateway) -> None:
    place = {"latitude": 19.07, "longitude": 72.87, "name": "Dadar"}
    simulator.control("send", {"from": OWNER, "type": "location", "location": place})
    assert last_message(gateway)["location"] == place
    cards = [{"name": {"formatted_name": "Mohan"}, "phones": [{"phone": "+919123456702"}]}]
    simulator.control("send", {"from": OWNER, "type": "contacts", "contacts": cards})
    assert last_message(gateway, 2)["contacts"] == cards
    asked = simulator.answer(BUTTONS)
    reaction = {"message_id": asked, "emoji": "👍"}
    simulator.control("send", {"from": OWNER, "type": "reaction", "reaction": reaction})
    assert last_message(gateway, 3)["reaction"] == reaction
    assert simulator.get(f"messages/{asked}")["reactions"] == {"person": "👍"}


def test_a_reply_quotes_its_message(simulator: Simulator, gateway: Gateway) -> None:
    simulator.say("hi")
    asked = simulator.answer({"type": "text", "text": {"body": "Kitne?"}})
    simulator.say("5", reply_to=asked)
    assert last_message(gateway, 2)["context"] == {"from": "912255001065", "id": asked}


def test_an_unknown_phone_becomes_a_guest(simulator: Simulator, gateway: Gateway) -> None:
    phone = "919000000077"
    simulator.control("send", {"phone_number_id": NUMBER, "from": f"+{phone}", "text": "hello"})
    assert last_message(gateway)["from"] == phone
    people = {person["phone"]: person for person in simulator.get("people")["people"]}
    assert people[phone]["role"] == "guest"


def test_send_can_wait_for_the_reply(simulator: Simulator, gateway: Gateway) -> None:
    def reply(value: Json, message: Json) -> None:
        simulator.answer({"type": "text", "text": {"body": "8 bache hain"}}, message["from"])

    gateway.on_message = reply
    answer = simulator.say("stock?", wait=5)
    assert [m["text"]["body"] for m in answer["replies"]] == ["8 bache hain"]
    after = simulator.chat(after=answer["wamid"], by="business")
    assert [m["id"] for m in after] == [answer["replies"][0]["id"]]
