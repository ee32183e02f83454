"""Errors that a user may see: a code each, the same in chat, API and sync.

The words for a code stand in the responses.
Facts hold ids, amounts and quantities for the message, never a name, a phone number or a text.
"""

from __future__ import annotations

from typing import Any


class BahiError(Exception):
    """A refusal with a reason that the user can act on; nothing was changed."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Invalid(BahiError):
    """What was given cannot be read or is out of range."""


class NotFound(BahiError):
    """No such thing in this business."""


class Forbidden(BahiError):
    """The actor's role does not allow it."""


class Conflict(BahiError):
    """Things do not allow it now: out of stock, illegal transition, a key used twice."""


class Unavailable(BahiError):
    """A part that the work needs cannot be reached; asking again later may help."""
