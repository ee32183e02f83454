"""Every word is there, in every language, and says the same facts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actions.phrasebook import LANGUAGES, Phrasebook, UnknownResponse
from actions.reports.return_cells import ROWS_OF_CMP08
from channels.whatsapp.outbound import BUTTON_TITLE, ROW_TITLE
from erp_core.expenses.categories import CATEGORIES
from erp_core.kernel.quantity import UNITS
from erp_core.notifications.tellings import TELLINGS
from erp_core.orders.states import TRANSITIONS
from erp_core.payments.methods import METHODS

ROOT = Path(__file__).resolve().parents[2]
BOOK = Phrasebook.load()
DEVANAGARI = re.compile("[\u0900-\u097f]")
PLURAL = re.compile(
    r"\b1\*? (?:more |new )?(?!is\b|as\b|has\b|was\b|besides\b|owes\b|goes\b|holds\b|costs\b"
    r"|bears\b|says\b|means\b|takes\b|depends\b|needs\b|less\b|waits\b|hours\b|matches\b)[a-z]+s\b"
)
RAISED = re.compile(r'(?:Invalid|NotFound|Forbidden|Conflict)\(\s*"([a-z_]+)"')
OPERATORS = {"bad_number_id", "bad_boolean", "bad_time", "bad_weights"}
"""Codes that only operators and tests meet have words too, so none is left out."""
INTERNAL = {
    "bad_change",
    "unknown_account",
    "unbalanced_entry",
    "party_needed",
    "unknown_chart",
    "unknown_word",
    "unknown_attachment",
    "bad_kind",
    "receivable",
    "payment_link",
    "payment_booked",
    "bad_transition",
}
"""Mistakes in our own code: they end in the general apology."""
AT_THE_KEYBOARD = {
    "account_taken",
    "bad_crore",
    "bad_format",
    "bad_logo",
    "gateway_not_connected",
    "no_gstin",
    "no_output",
    "no_portal_secrets",
    "no_razorpay_secrets",
    "other_scheme",
}
"""Met on the command line alone, which has words of its own."""
OF_VOICE = {
    "sound_damaged",
    "sound_large",
    "sound_long",
    "sound_silent",
    "sound_type",
    "speech_failed",
    "speech_unavailable",
}
"""What is wrong with a voice note, told as utter_received_audio_*."""
OF_PORTALS = {"bad_signature", "portal_not_connected"}
"""Why a document waits for a portal: told by the job as line_portal_*."""
KNOWN_ELSEWHERE = INTERNAL | AT_THE_KEYBOARD | OF_VOICE | OF_PORTALS


@pytest.mark.parametrize("response", sorted(BOOK.names()))
def test_each_response_stands_in_three_languages(response: str) -> None:
    assert BOOK.languages(response) == frozenset(LANGUAGES)


@pytest.mark.parametrize("response", sorted(BOOK.names()))
def test_each_language_says_the_same_facts(response: str) -> None:
    facts = set(BOOK.placeholders(response).values())
    assert len(facts) == 1


def test_hindi_is_written_in_devanagari_and_the_others_are_not() -> None:
    facts = _Anything()
    for response in BOOK.names():
        for language in ("hinglish", "english"):
            text = BOOK.render(response, language, **facts.of(response))["text"]
            assert not DEVANAGARI.search(text), response
    hindi = [
        response
        for response in BOOK.names()
        if not DEVANAGARI.search(BOOK.render(response, "hindi", **facts.of(response))["text"])
    ]
    bare = {"line_stock", "line_stock_low", "line_stock_change", "line_stock_changed", "method_upi"}
    bare |= {"line_goods_at", "line_goods_by_price", "line_best_margin", "line_returned"}
    bare |= {"line_bill_listed", "line_bought", "compared"}
    assert bare <= {name.removeprefix("utter_") for name in hindi}
    assert len(hindi) < 63  # rows of figures and short codes have no words to write


def test_buttons_fit_whatsapp() -> None:
    facts = _Anything()
    for response in BOOK.names():
        for language in LANGUAGES:
            buttons = BOOK.render(response, language, **facts.of(response)).get("buttons", [])
            assert len(buttons) <= 3
            assert all(len(button["title"]) <= BUTTON_TITLE for button in buttons)


LONGEST = {
    "amount": "₹1,23,456.50",
    "count": "99",
    "last_day": "20-12-2026",
    "number": "PO27-2627-00001",
}
"""Facts as long as they mostly are."""


def test_lines_that_are_buttons_fit_whatsapp() -> None:
    titles = {
        (response, language): BOOK.line(response, language, **LONGEST)
        for response in BOOK.names()
        if response.startswith("utter_button_")
        for language in LANGUAGES
    }
    assert {one: title for one, title in titles.items() if len(title) > BUTTON_TITLE} == {}


def test_services_under_reverse_charge_fit_a_row() -> None:
    titles = [
        BOOK.line(response, language)
        for response in BOOK.names()
        if response.startswith("utter_word_service_")
        for language in LANGUAGES
    ]
    assert [title for title in titles if len(title) > ROW_TITLE] == []


def test_cells_of_returns_fit_a_row() -> None:
    names = [one for one in BOOK.names() if one.startswith("utter_word_gst_cell_")]
    titles = [
        f"{_as_written(name)} {BOOK.line(name, language)}"
        for name in names
        for language in LANGUAGES
    ]
    assert [title for title in titles if len(title) > ROW_TITLE] == []


def _as_written(name: str) -> str:
    """The cell of a response as its row is headed: "4_b_1" is 4(b)(1), "osup" row 1."""
    code = name.removeprefix("utter_word_gst_cell_")
    dotted = re.sub(r"^(\d)_(\d)", r"\1.\2", code)
    return ROWS_OF_CMP08.get(code) or re.sub(r"_(\w)", r"(\1)", dotted)


def test_every_refusal_has_words() -> None:
    sources = [*(ROOT / "erp_core").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]
    codes = {code for path in sources for code in RAISED.findall(path.read_text())}
    missing = {code for code in codes - KNOWN_ELSEWHERE if not BOOK.has(f"error_{code}")}
    assert missing == set()


@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("unit", UNITS),
        ("status", TRANSITIONS.states),
        ("method", METHODS),
        ("category", CATEGORIES),
    ],
)
def test_every_code_has_a_name(prefix: str, codes: list[str]) -> None:
    assert [code for code in codes if not BOOK.has(f"{prefix}_{code}")] == []


@pytest.mark.parametrize("response", sorted(TELLINGS))
def test_every_telling_has_words(response: str) -> None:
    assert BOOK.has(response)


def test_facts_are_put_in_and_braces_stay() -> None:
    book = Phrasebook({"utter_x": [{"text": "{a} {{b}} {c}"}]})
    assert book.line("x", a="{c}", c=2) == "{c} {b} 2"


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 bill is"), ("1.0", "1.0 bill is"), (2, "2 bills are"), ("0", "0 bills are")],
)
def test_a_word_goes_with_its_count(count: int | str, said: str) -> None:
    book = Phrasebook({"utter_x": [{"text": "{count} {count:bill is|bills are}"}]})
    assert book.line("x", count=count) == said
    assert book.placeholders("x") == {"hinglish": frozenset({"count"})}


def test_no_english_word_is_in_the_plural_whatever_its_count() -> None:
    facts = _Anything()
    wrong = [
        response
        for response in BOOK.names()
        if PLURAL.search(BOOK.line(response, "english", **facts.of(response, "1")))
    ]
    assert wrong == []


def test_an_unknown_response_is_refused() -> None:
    with pytest.raises(UnknownResponse):
        BOOK.render("utter_nothing_of_the_kind")


class _Anything:
    def of(self, response: str, value: str = "x") -> dict[str, str]:
        (facts,) = set(BOOK.placeholders(response).values())
        return dict.fromkeys(facts, value)
