"""What passes between the parts of the channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

MessageKind = Literal[
    "text",
    "choice",
    "media",
    "location",
    "contacts",
    "order",
    "form",
    "reaction",
    "edit",
    "revoke",
    "system",
    "welcome",
    "reading",
    "unsupported",
    "unknown",
]
MediaKind = Literal["image", "video", "sticker", "audio", "document"]


@dataclass(frozen=True)
class Sender:
    """Who wrote: a phone number in digits with country code, a business-scoped id, or both."""

    phone: str | None = None
    bsuid: str | None = None
    parent_bsuid: str | None = None

    @property
    def key(self) -> str:
        """The one id that a chat is named by."""
        return self.phone or self.bsuid or self.parent_bsuid or ""


@dataclass(frozen=True)
class Media:
    """A file that lies with Meta for seven days."""

    kind: MediaKind
    id: str
    mime: str
    sha256: str | None = None
    filename: str | None = None
    voice: bool = False


@dataclass(frozen=True)
class InboundMessage:
    """One message of a chat.

    text: what was typed, a caption, or the title of a tapped button.
    choice: the id of a tapped button or list row, as we sent it (or a template button's payload).
    """

    id: str
    phone_number_id: str
    sender: Sender
    kind: MessageKind
    timestamp: int
    text: str = ""
    name: str | None = None
    choice: str | None = None
    media: Media | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    reply_to: str | None = None

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> InboundMessage:
        """The message that was written as JSON."""
        media = values["media"]
        return cls(
            **{
                **values,
                "sender": Sender(**values["sender"]),
                "media": Media(**media) if media else None,
            }
        )


@dataclass(frozen=True)
class Status:
    """What became of a message that we sent. `reference` is our own id, if Meta echoed it."""

    wamid: str
    phone_number_id: str
    status: str
    timestamp: int
    reference: str | None = None
    error_code: int | None = None
    pricing_category: str | None = None
    pricing_type: str | None = None


@dataclass(frozen=True)
class Option:
    """Something to tap. The id is opaque; what it means is kept on our side."""

    title: str
    id: str
    description: str = ""


@dataclass(frozen=True)
class Words:
    """The few words that WhatsApp's own controls need, in the reader's language."""

    choose: str = "▾"
    more: str = "…"


@dataclass(frozen=True)
class Reply:
    """All that one turn says, to leave as one message where WhatsApp allows it.

    id: ours, a UUID, echoed in each status. to: phone digits or a business-scoped id.
    attachment: a reference that attachments.resolve() turns into bytes when it is sent.
    more: further ones, which follow in messages of their own, since one message holds one file.
    answers: whether somebody has written and waits for it.
    about: what it speaks of, as the actions noted it, for whoever quotes it.
    """

    id: str
    phone_number_id: str
    to: Sender
    text: str = ""
    options: tuple[Option, ...] = ()
    attachment: dict[str, Any] | None = None
    words: Words = Words()
    priority: int = 1
    business_id: int | None = None
    language: str = ""
    more: tuple[dict[str, Any], ...] = ()
    answers: bool = False
    about: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Reply:
        """The reply that was written as JSON."""
        return cls(
            **{
                **values,
                "to": Sender(**values["to"]),
                "options": tuple(Option(**option) for option in values["options"]),
                "words": Words(**values["words"]),
                "more": tuple(values.get("more") or ()),
            }
        )
