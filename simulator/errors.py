"""Errors in Meta's shape."""

from __future__ import annotations

from typing import Any

from simulator.ids import new_trace_id

TITLES = {
    0: "AuthException",
    100: "Invalid parameter",
    190: "Invalid OAuth access token - Cannot parse access token",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132001: "Template name does not exist in the translation",
    132012: "Parameter format does not match format in the created template",
}
HTTP_STATUS = {190: 401, 130429: 429, 131000: 500, 131056: 429, 132001: 404}
WINDOW_DETAILS = (
    "Message failed to send because more than 24 hours have passed since the customer "
    "last replied to this number."
)


class GraphError(Exception):
    """A refusal. `details` says what to change; branch on `code`."""

    def __init__(self, code: int, details: str = "", *, status: int | None = None) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details
        self.status = status or HTTP_STATUS.get(code, 400)

    @property
    def title(self) -> str:
        """Meta's name for the code."""
        return TITLES.get(self.code, "Unknown error")

    def body(self) -> dict[str, Any]:
        """The HTTP answer's JSON."""
        error: dict[str, Any] = {
            "message": self.title if self.code == 190 else f"(#{self.code}) {self.title}",
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": new_trace_id(),
        }
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return {"error": error}

    def in_status(self) -> dict[str, Any]:
        """The same refusal inside a `failed` status."""
        return {
            "code": self.code,
            "title": self.title,
            "message": self.title,
            "error_data": {"details": self.details or self.title},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }
