"""A post counts only when it is signed over the very bytes that came."""

from __future__ import annotations

import json

import pytest

from channels.whatsapp.signature import sign, verify

BODY = '{"text":{"body":"नमस्ते 🙏 2 iPhone"}}'
ESCAPED = json.dumps(json.loads(BODY)).encode()


def test_a_signature_is_sha256_hmac_in_hex() -> None:
    assert sign("key", b"The quick brown fox jumps over the lazy dog") == (
        "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    )


@pytest.mark.parametrize("body", [BODY.encode(), ESCAPED])
def test_hindi_and_emoji_count_as_the_bytes_that_came(body: bytes) -> None:
    assert verify("secret", body, sign("secret", body))


def test_the_same_json_in_other_bytes_is_another_body() -> None:
    assert b"\\u0928" in ESCAPED
    assert not verify("secret", BODY.encode(), sign("secret", ESCAPED))


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256=", "sha1=abc", sign("other", ESCAPED), sign("secret", ESCAPED)[7:], "नमस्ते"],
)
def test_anything_else_is_refused(header: str | None) -> None:
    assert not verify("secret", ESCAPED, header)
