"""What the Cloud API accepts: the shape and the lengths of an outgoing message.

Lengths count code points, as Meta does. Wrong shapes and the text body answer 100, missing fields
131008, wrong values 131009.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from simulator.errors import GraphError

TEXT_BODY = 4096
INTERACTIVE_BODY = 1024
LIST_BODY = 4096
CAPTION = 1024
HEADER_TEXT = 60
FOOTER = 60
MOST_BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256
LIST_LABEL = 20
MOST_ROWS = 10
MOST_SECTIONS = 10
SECTION_TITLE = 24
ROW_ID = 200
ROW_TITLE = 24
ROW_DESCRIPTION = 72
REFERENCE_ID = 35
CTA_TEXT = 20
FLOW_CTA = 30
OPAQUE = 512
FILENAME = 240

Json = dict[str, Any]
HasMedia = Callable[[str], bool]

_TO = re.compile(r"\+?[0-9][0-9 ()-]{5,20}")
_TEMPLATE_NAME = re.compile(r"[a-z0-9_]{1,512}")
_MEDIA = ("image", "document", "audio", "video", "sticker")


def check_message(message: Json, *, has_media: HasMedia) -> None:
    """Raise GraphError unless Meta would take the message."""
    if message.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")
    if message.get("recipient_type", "individual") != "individual":
        raise GraphError(100, "Param recipient_type must be one of {individual}.")
    _check_recipient(message)
    _check_length(message, "biz_opaque_callback_data", OPAQUE, required=False)
    kind = message.get("type", "text")
    if kind not in _CHECKS:
        raise GraphError(100, f"Param type must be one of {{{', '.join(_CHECKS)}}} - got {kind!r}.")
    if not isinstance(message.get(kind), _SHAPES.get(kind, dict)):
        raise GraphError(131008, f"The parameter {kind} is required.")
    _CHECKS[kind](message[kind], has_media)


def _check_recipient(message: Json) -> None:
    to, recipient = message.get("to"), message.get("recipient")
    if not to and not recipient:
        raise GraphError(131008, "The parameter to is required.")
    if to and not (isinstance(to, str) and _TO.fullmatch(to)):
        raise GraphError(131009, "Param to is not a valid WhatsApp phone number.")


def _check_text(text: Json, _: HasMedia) -> None:
    body = text.get("body")
    if not isinstance(body, str) or not body.strip():
        raise GraphError(100, "The parameter text['body'] is required.")
    if len(body) > TEXT_BODY:
        raise GraphError(100, f"Param text['body'] must be at most {TEXT_BODY} characters long.")


def _check_media(kind: str) -> Callable[[Json, HasMedia], None]:
    def check(media: Json, has_media: HasMedia) -> None:
        media_id, link = media.get("id"), media.get("link")
        if bool(media_id) == bool(link):
            raise GraphError(100, f"Param {kind} needs exactly one of id and link.")
        if media_id and not has_media(str(media_id)):
            raise GraphError(131053, f"Media {media_id} does not exist or has expired.")
        if link and not str(link).startswith(("http://", "https://")):
            raise GraphError(131009, f"Param {kind}['link'] must be an http(s) address.")
        if kind in ("audio", "sticker") and media.get("caption"):
            raise GraphError(100, f"Unexpected key caption on param {kind}.")
        _check_length(media, "caption", CAPTION, required=False)
        _check_length(media, "filename", FILENAME, required=False)

    return check


def _check_interactive(interactive: Json, has_media: HasMedia) -> None:
    kind = interactive.get("type")
    if kind not in _INTERACTIVE:
        raise GraphError(
            100, f"Param interactive['type'] must be one of {{{', '.join(_INTERACTIVE)}}}."
        )
    _check_header(interactive, has_media)
    limit = LIST_BODY if kind == "list" else INTERACTIVE_BODY
    body = _object(interactive, "body")
    _check_length(body, "text", limit, name="Body text")
    if interactive.get("footer") is not None:
        _check_length(_object(interactive, "footer"), "text", FOOTER, name="Footer text")
    _INTERACTIVE[kind](_object(interactive, "action"))


def _check_header(interactive: Json, has_media: HasMedia) -> None:
    header = interactive.get("header")
    if header is None:
        return
    kind = header.get("type") if isinstance(header, dict) else None
    if kind not in ("text", "image", "video", "document"):
        raise GraphError(
            100, "Param interactive['header']['type'] must be one of text, image, video, document."
        )
    if kind == "text":
        _check_length(header, "text", HEADER_TEXT, name="Header text")
    elif interactive["type"] == "list":
        raise GraphError(131009, "A list message can have a text header only.")
    else:
        _check_media(kind)(_object(header, kind), has_media)


def _check_buttons(action: Json) -> None:
    buttons = _list(action, "buttons")
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise GraphError(
            131009, f"Invalid buttons count. Min allowed buttons: 1, Max: {MOST_BUTTONS}."
        )
    replies = []
    for button in buttons:
        if not isinstance(button, dict) or button.get("type") != "reply":
            raise GraphError(100, "Param interactive['action']['buttons'] must be of type reply.")
        reply = _object(button, "reply")
        _check_length(reply, "title", BUTTON_TITLE, name="Button title")
        _check_length(reply, "id", BUTTON_ID, name="Button id")
        replies.append(reply)
    _check_unique((reply["id"] for reply in replies), "Button ids")
    _check_unique((reply["title"] for reply in replies), "Button titles")


def _check_list(action: Json) -> None:
    _check_length(action, "button", LIST_LABEL, name="Button label")
    sections = _list(action, "sections")
    if not 1 <= len(sections) <= MOST_SECTIONS:
        raise GraphError(131009, f"Invalid sections count. Min: 1, Max: {MOST_SECTIONS}.")
    rows: list[Json] = []
    for section in sections:
        if not isinstance(section, dict):
            raise GraphError(100, "Param interactive['action']['sections'] must hold objects.")
        _check_length(
            section, "title", SECTION_TITLE, name="Section title", required=len(sections) > 1
        )
        rows.extend(_list(section, "rows"))
    if not 1 <= len(rows) <= MOST_ROWS:
        raise GraphError(131009, f"Total row count exceed max allowed count: {MOST_ROWS}.")
    for row in rows:
        if not isinstance(row, dict):
            raise GraphError(100, "Param rows must hold objects.")
        _check_length(row, "id", ROW_ID, name="Row id")
        _check_length(row, "title", ROW_TITLE, name="Row title")
        _check_length(row, "description", ROW_DESCRIPTION, name="Row description", required=False)
    _check_unique((row["id"] for row in rows), "Row ids")


def _check_cta_url(action: Json) -> None:
    if action.get("name") != "cta_url":
        raise GraphError(100, "Param interactive['action']['name'] must be cta_url.")
    parameters = _object(action, "parameters")
    _check_length(parameters, "display_text", CTA_TEXT, name="Display text")
    _check_length(parameters, "url", 2000, name="Url")
    if not parameters["url"].startswith(("http://", "https://")):
        raise GraphError(131009, "Url must be an http(s) address.")


def _check_order_details(action: Json) -> None:
    if action.get("name") != "review_and_pay":
        raise GraphError(100, "Param interactive['action']['name'] must be review_and_pay.")
    parameters = _object(action, "parameters")
    _check_length(parameters, "reference_id", REFERENCE_ID, name="Reference id")
    if parameters.get("currency") != "INR" or not _list(parameters, "payment_settings"):
        raise GraphError(100, "Param parameters must hold currency INR and payment_settings.")
    order = _object(parameters, "order")
    goods = sum(_paise(item, "amount") * item["quantity"] for item in _list(order, "items"))
    extra = sum(_paise(order, name) for name in ("tax", "shipping") if name in order)
    whole = goods + extra - (_paise(order, "discount") if "discount" in order else 0)
    if _paise(order, "subtotal") != goods or _paise(parameters, "total_amount") != whole:
        raise GraphError(100, "Param total_amount must be subtotal + tax + shipping - discount.")


def _paise(holder: Json, name: str) -> int:
    amount = _object(holder, name)
    value = amount.get("value")
    if amount.get("offset") != 100 or not isinstance(value, int) or value < 0:
        raise GraphError(100, f"Param {name} must hold a whole value with offset 100.")
    return value


def _check_flow(action: Json) -> None:
    parameters = _object(action, "parameters")
    _check_length(parameters, "flow_cta", FLOW_CTA, name="Flow button text")
    if not parameters.get("flow_id") and not parameters.get("flow_name"):
        raise GraphError(131008, "The parameter flow_id or flow_name is required.")


def _check_location_request(action: Json) -> None:
    if action.get("name") != "send_location":
        raise GraphError(100, "Param interactive['action']['name'] must be send_location.")


def _check_template(template: Json, has_media: HasMedia) -> None:
    name = template.get("name")
    if not isinstance(name, str) or not _TEMPLATE_NAME.fullmatch(name):
        raise GraphError(132001, "Template name must be of a-z, 0-9 and underscores.")
    if not _object(template, "language").get("code"):
        raise GraphError(131008, "The parameter template['language']['code'] is required.")
    for component in template.get("components") or ():
        for parameter in component.get("parameters") or ():
            _check_template_parameter(parameter, has_media)


def _check_template_parameter(parameter: Json, has_media: HasMedia) -> None:
    kind = parameter.get("type")
    if kind == "text":
        text = parameter.get("text")
        if not isinstance(text, str) or not text.strip():
            raise GraphError(131008, "A text parameter of a template cannot be empty.")
        if re.search(r"[\n\t]| {5}", text):
            raise GraphError(
                132012, "Param text cannot have new-line/tab characters or more than 4 spaces."
            )
    elif kind in _MEDIA:
        _check_media(kind)(_object(parameter, kind), has_media)


def _check_reaction(reaction: Json, _: HasMedia) -> None:
    if not reaction.get("message_id"):
        raise GraphError(131008, "The parameter reaction['message_id'] is required.")


def _check_location(location: Json, _: HasMedia) -> None:
    for name, largest in (("latitude", 90), ("longitude", 180)):
        try:
            fits = abs(float(location[name])) <= largest
        except (KeyError, TypeError, ValueError):
            fits = False
        if not fits:
            raise GraphError(131009, f"Param location['{name}'] is not valid.")


def _check_contacts(contacts: list[Json], _: HasMedia) -> None:
    if not contacts:
        raise GraphError(131008, "The parameter contacts is required.")
    for contact in contacts:
        _check_length(_object(contact, "name"), "formatted_name", 256)


def _object(holder: Json, key: str) -> Json:
    value = holder.get(key)
    if not isinstance(value, dict):
        raise GraphError(131008, f"The parameter {key} is required.")
    return value


def _list(holder: Json, key: str) -> list[Any]:
    value = holder.get(key)
    if not isinstance(value, list):
        raise GraphError(131008, f"The parameter {key} is required.")
    return value


def _check_length(
    holder: Json, key: str, most: int, *, name: str | None = None, required: bool = True
) -> None:
    value = holder.get(key)
    name = name or key
    if value is None and not required:
        return
    if value is None:
        raise GraphError(131008, f"The parameter {key} is required.")
    if not isinstance(value, str):
        raise GraphError(100, f"Param {key} must be a string.")
    least = 1 if required else 0
    if not least <= len(value) <= most:
        raise GraphError(131009, f"{name} length invalid. Min length: {least}, Max length: {most}")


def _check_unique(values: Iterable[str], name: str) -> None:
    seen = list(values)
    if len(set(seen)) != len(seen):
        raise GraphError(131009, f"{name} must be unique.")


_CHECKS: dict[str, Callable[[Any, HasMedia], None]] = {
    "text": _check_text,
    "interactive": _check_interactive,
    **{kind: _check_media(kind) for kind in _MEDIA},
    "template": _check_template,
    "reaction": _check_reaction,
    "location": _check_location,
    "contacts": _check_contacts,
}
_SHAPES: dict[str, type] = {"contacts": list}
_INTERACTIVE: dict[str, Callable[[Json], None]] = {
    "button": _check_buttons,
    "list": _check_list,
    "cta_url": _check_cta_url,
    "flow": _check_flow,
    "order_details": _check_order_details,
    "location_request_message": _check_location_request,
}
