"""A reply becomes a Graph payload: one, unless WhatsApp has no shape that holds all of it.

Nothing is dropped: what does not fit one shape takes the next larger, and what fits none is written
into the text. Lengths are in code points, and every cut lies between grapheme clusters, so that no
Devanagari letter loses its vowel sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import regex

from channels.whatsapp.messages import Option, Reply, Sender

TEXT = 4096
CAPTION = 1024
BUTTON_BODY = 1024
LIST_BODY = 4096
BUTTONS = 3
BUTTON_TITLE = 20
ROWS = 10
ROW_TITLE = 24
ROW_DESCRIPTION = 72
LIST_LABEL = 20
ITEM_NAME = 60
ELLIPSIS = "…"

Payload = dict[str, Any]


@dataclass(frozen=True)
class Uploaded:
    """A file that lies with Meta, ready to be sent."""

    kind: Literal["image", "document", "audio"]
    id: str
    filename: str


@dataclass(frozen=True)
class PayRequest:
    """What a customer pays inside the chat. configuration: the shop's payment account, by the name
    that WhatsApp knows; item: what the amount is for, in words."""

    reference: str
    amount_paise: int
    configuration: str
    item: str


def encode_request(reply: Reply, request: PayRequest) -> Payload:
    """The body that asks for a payment (interactive message of type order_details).

    The reference is the receipt at the gateway and a note on its payment: by either the money is
    told apart when it comes.
    """
    amount = {"value": request.amount_paise, "offset": 100}
    parameters = {
        "reference_id": request.reference,
        "type": "digital-goods",
        "currency": "INR",
        "total_amount": amount,
        "payment_settings": [
            {
                "type": "payment_gateway",
                "payment_gateway": {
                    "type": "razorpay",
                    "configuration_name": request.configuration,
                    "razorpay": {
                        "receipt": request.reference,
                        "notes": {"bahi_reference": request.reference},
                    },
                },
            }
        ],
        "order": {
            "status": "pending",
            "items": [
                {
                    "retailer_id": request.reference,
                    "name": shorten(request.item, ITEM_NAME),
                    "amount": amount,
                    "quantity": 1,
                }
            ],
            "subtotal": amount,
            "tax": {"value": 0, "offset": 100},
        },
    }
    interactive = {
        "type": "order_details",
        "body": {"text": shorten(reply.text.strip(), BUTTON_BODY)},
        "action": {"name": "review_and_pay", "parameters": parameters},
    }
    return _addressed(reply, {"type": "interactive", "interactive": interactive})


def encode(reply: Reply, uploaded: Uploaded | None = None) -> list[Payload]:
    """The bodies to post, in order; nearly always one.

    Empty when the reply says nothing.
    """
    contents = (
        _with_options(reply, uploaded) if reply.options else _plain(reply.text.strip(), uploaded)
    )
    return [_addressed(reply, content) for content in contents]


def _addressed(reply: Reply, content: Payload) -> Payload:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(reply.to),
        **content,
        "biz_opaque_callback_data": reply.id,
    }


def _recipient(to: Sender) -> Payload:
    """With the plus: without it Meta may put our own country code before the number."""
    return {"to": f"+{to.phone}"} if to.phone else {"recipient": to.bsuid or to.parent_bsuid}


def _plain(text: str, uploaded: Uploaded | None) -> list[Payload]:
    if uploaded is None:
        return [_text(part) for part in split(text, TEXT)]
    if len(text) <= CAPTION:
        return [_file(uploaded, caption=text)]
    return [*(_text(part) for part in split(text, TEXT)), _file(uploaded)]


def _with_options(reply: Reply, uploaded: Uploaded | None) -> list[Payload]:
    text = reply.text.strip() or reply.words.choose
    if _fit_buttons(reply.options) and len(text) <= BUTTON_BODY:
        return [_buttons(text, reply.options, uploaded)]
    files = [_file(uploaded)] if uploaded else []
    *before, body = split(_with_untold(text, reply.options), LIST_BODY)
    return [*files, *map(_text, before), _list(body, reply)]


def _fit_buttons(options: Sequence[Option]) -> bool:
    """Reply buttons carry a short title each, all different, and nothing more."""
    titles = {option.title for option in options}
    return len(options) == len(titles) <= BUTTONS and all(
        len(option.title) <= BUTTON_TITLE and not option.description for option in options
    )


def _with_untold(text: str, options: Sequence[Option]) -> str:
    """The text, and after it the options that a list cannot show in full."""
    untold = [
        f"{place}. {_row_words(option)}"
        for place, option in enumerate(options, start=1)
        if place > ROWS or not _tells_all(option)
    ]
    return "\n\n".join([text, "\n".join(untold)]) if untold else text


def _tells_all(option: Option) -> bool:
    if len(option.title) <= ROW_TITLE:
        return len(option.description) <= ROW_DESCRIPTION
    return len(_row_words(option)) <= ROW_DESCRIPTION


def _row_words(option: Option) -> str:
    return " · ".join(filter(None, [option.title, option.description]))


def _row(option: Option) -> Payload:
    """A long title is cut and stands in full in the row's description."""
    described = option.description if len(option.title) <= ROW_TITLE else _row_words(option)
    row = {"id": option.id, "title": shorten(option.title, ROW_TITLE)}
    return {**row, "description": shorten(described, ROW_DESCRIPTION)} if described else row


def _text(body: str) -> Payload:
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def _file(uploaded: Uploaded, *, caption: str = "") -> Payload:
    part = _file_part(uploaded)
    return {"type": uploaded.kind, uploaded.kind: {**part, "caption": caption} if caption else part}


def _file_part(uploaded: Uploaded) -> Payload:
    """A sound is a voice message: it is fetched by itself, and played with one tap."""
    if uploaded.kind == "audio":
        return {"id": uploaded.id, "voice": True}
    named = {"filename": uploaded.filename} if uploaded.kind == "document" else {}
    return {"id": uploaded.id, **named}


def _buttons(text: str, options: Sequence[Option], uploaded: Uploaded | None) -> Payload:
    interactive: Payload = {"type": "button"}
    if uploaded:
        interactive["header"] = {"type": uploaded.kind, uploaded.kind: _file_part(uploaded)}
    interactive["body"] = {"text": text}
    interactive["action"] = {
        "buttons": [
            {"type": "reply", "reply": {"id": option.id, "title": option.title}}
            for option in options
        ]
    }
    return {"type": "interactive", "interactive": interactive}


def _list(text: str, reply: Reply) -> Payload:
    rows = [_row(option) for option in reply.options[:ROWS]]
    label = shorten(reply.words.choose, LIST_LABEL)
    return {
        "type": "interactive",
        "interactive": {
            "type": "list",
            "body": {"text": text},
            "action": {"button": label, "sections": [{"rows": rows}]},
        },
    }


def shorten(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis, in at most `limit` code points."""
    if len(text) <= limit:
        return text
    return _clusters_within(text, limit - len(ELLIPSIS)).rstrip() + ELLIPSIS


def split(text: str, limit: int) -> list[str]:
    """The text in parts of at most `limit` code points, cut at a paragraph, a line or a word."""
    parts = []
    rest = text.strip()
    while len(rest) > limit:
        head = _clusters_within(rest, limit)
        end = next((at for mark in ("\n\n", "\n", " ") if (at := head.rfind(mark)) > 0), len(head))
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*parts, rest] if rest else parts


def _clusters_within(text: str, limit: int) -> str:
    end = 0
    for cluster in regex.finditer(r"\X", text):
        if cluster.end() > limit:
            break
        end = cluster.end()
    return text[: end or limit]


def pages(options: Sequence[Option]) -> list[tuple[Option, ...]]:
    """Options in lists of ten rows at most; each but the last keeps a row free for "more"."""
    rest = tuple(options)
    lists = []
    while len(rest) > ROWS:
        lists.append(rest[: ROWS - 1])
        rest = rest[ROWS - 1 :]
    return [*lists, rest]
