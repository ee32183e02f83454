"""Invoice links: only the server can make them, and they name exactly one invoice."""

from __future__ import annotations

import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from erp_core.invoicing import links

INVOICE = UUID("01a1fb57-a8b9-70c8-91ca-5d6b28088aa4")

businesses = st.integers(1, 2**63 - 1)


@given(st.text(min_size=1), businesses, st.uuids())
def test_a_token_leads_back_to_its_invoice(secret, business_id, invoice_id):
    token = links.token(secret, business_id, invoice_id)
    assert re.fullmatch(r"[A-Za-z0-9_-]{54}", token)
    assert links.resolve(secret, token) == (business_id, invoice_id)


@given(st.integers(0, 53), st.sampled_from("AZaz09-_"))
def test_a_changed_token_leads_nowhere(place, character):
    token = links.token("secret", 7, INVOICE)
    changed = token[:place] + character + token[place + 1 :]
    assert links.resolve("secret", changed) == ((7, INVOICE) if changed == token else None)


def test_a_token_of_another_secret_leads_nowhere():
    assert links.resolve("other", links.token("secret", 7, INVOICE)) is None


@given(st.text(max_size=80))
def test_what_is_no_token_leads_nowhere(text):
    assert links.resolve("secret", text) is None


def test_the_link():
    url = links.url("https://bahi.example/", "secret", 7, INVOICE)
    assert url == "https://bahi.example/i/" + links.token("secret", 7, INVOICE)
