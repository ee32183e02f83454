"""Every shape of a reply, as the payload that leaves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.whatsapp.messages import Option, Reply, Sender, Words
from channels.whatsapp.outbound import Uploaded, encode, pages, shorten, split

PDF = Uploaded("document", "42", "INV27-2627-00001.pdf")
CHART = Uploaded("image", "43", "chart.png")
YES_NO = (Option("Haan", "b1"), Option("Nahi", "b2"))


def reply(text: str = "Theek hai?", *options: Option, **more: Any) -> Reply:
    return Reply("ref", "1065", Sender("919123456789"), text, options, **more)


def contents(*arguments: Any, **more: Any) -> list[dict[str, Any]]:
    """The payloads without what all of them share."""
    shared = {"messaging_product", "recipient_type", "to", "biz_opaque_callback_data"}
    encoded = encode(*arguments, **more)
    return [{k: v for k, v in payload.items() if k not in shared} for payload in encoded]


def test_every_payload_is_addressed_with_a_plus_and_carries_our_id() -> None:
    assert encode(reply("hi")) == [
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "+919123456789",
            "type": "text",
            "text": {"body": "hi", "preview_url": False},
            "biz_opaque_callback_data": "ref",
        }
    ]


def test_who_has_no_number_is_addressed_by_id() -> None:
    payload = encode(Reply("ref", "1065", Sender(bsuid="IN.1"), "hi"))[0]
    assert payload["recipient"] == "IN.1"
    assert "to" not in payload


def test_nothing_said_is_nothing_sent() -> None:
    assert encode(reply("  ")) == []


def test_up_to_three_short_choices_are_buttons() -> None:
    assert contents(reply("Theek hai?", *YES_NO)) == [
        {
            "type": "interactive",
            "interactive": {
                "type": "button",
                "body": {"text": "Theek hai?"},
                "action": {
                    "buttons": [
                        {"type": "reply", "reply": {"id": "b1", "title": "Haan"}},
                        {"type": "reply", "reply": {"id": "b2", "title": "Nahi"}},
                    ]
                },
            },
        }
    ]


def test_four_choices_are_a_list() -> None:
    options = [Option(f"iPhone {n}", f"r{n}", f"₹{n}") for n in range(4)]
    assert contents(reply("Kaunsa?", *options, words=Words("Chuniye", "Aur"))) == [
        {
            "type": "interactive",
            "interactive": {
                "type": "list",
                "body": {"text": "Kaunsa?"},
                "action": {
                    "button": "Chuniye",
                    "sections": [
                        {
                            "rows": [
                                {"id": f"r{n}", "title": f"iPhone {n}", "description": f"₹{n}"}
                                for n in range(4)
                            ]
                        }
                    ],
                },
            },
        }
    ]


def rows(payload: dict[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = payload["interactive"]["action"]["sections"][0]["rows"]
    return found


@pytest.mark.parametrize(
    "options",
    [
        (Option("Samsung Galaxy S24 Ultra", "a"), Option("B", "b")),
        (Option("Same", "a"), Option("Same", "b")),
        (Option("A", "a", "with a price"),),
    ],
)
def test_choices_that_buttons_cannot_hold_are_a_list(options: tuple[Option, ...]) -> None:
    (payload,) = contents(reply("?", *options))
    assert payload["interactive"]["type"] == "list"
    assert [row["id"] for row in rows(payload)] == [option.id for option in options]


def test_a_long_title_stands_in_full_in_the_description() -> None:
    title = "Samsung Galaxy S24 Ultra 512 GB Titanium"
    (payload,) = contents(reply("?", Option(title, "a", "₹1,29,999")))
    assert rows(payload) == [
        {"id": "a", "title": "Samsung Galaxy S24 Ultr…", "description": f"{title} · ₹1,29,999"}
    ]


def test_a_title_too_long_for_any_row_is_told_in_the_text() -> None:
    title = "x" * 100
    (payload,) = contents(reply("Kaunsa?", Option(title, "a"), Option("B", "b")))
    assert payload["interactive"]["body"]["text"] == f"Kaunsa?\n\n1. {title}"


def test_more_than_ten_rows_are_at_least_told() -> None:
    options = [Option(f"P{n}", f"r{n}") for n in range(1, 13)]
    (payload,) = contents(reply("?", *options))
    assert len(rows(payload)) == 10
    assert payload["interactive"]["body"]["text"] == "?\n\n11. P11\n12. P12"


def test_a_long_text_with_buttons_takes_a_list() -> None:
    (payload,) = contents(reply("x" * 1025, *YES_NO))
    assert payload["interactive"]["type"] == "list"
    assert payload["interactive"]["body"]["text"] == "x" * 1025


def test_a_text_too_long_for_a_list_goes_ahead_in_part() -> None:
    first, second = "a" * 4000, "b" * 4000
    before, payload = contents(reply(f"{first}\n\n{second}", *YES_NO))
    assert before["text"]["body"] == first
    assert payload["interactive"]["body"]["text"] == second


def test_a_document_with_buttons_is_their_header() -> None:
    (payload,) = contents(reply("Bill", *YES_NO), PDF)
    assert payload["interactive"]["header"] == {
        "type": "document",
        "document": {"id": "42", "filename": "INV27-2627-00001.pdf"},
    }


def test_a_document_with_a_list_goes_ahead_of_it() -> None:
    options = [Option(f"P{n}", f"r{n}") for n in range(4)]
    before, payload = contents(reply("?", *options), PDF)
    assert before == {
        "type": "document",
        "document": {"id": "42", "filename": "INV27-2627-00001.pdf"},
    }
    assert payload["interactive"]["type"] == "list"


def test_a_picture_carries_its_words_as_caption() -> None:
    assert contents(reply("Aaj ki bikri"), CHART) == [
        {"type": "image", "image": {"id": "43", "caption": "Aaj ki bikri"}}
    ]


def test_a_caption_too_long_goes_ahead_as_text() -> None:
    text, picture = contents(reply("x" * 1025), CHART)
    assert text["text"]["body"] == "x" * 1025
    assert picture == {"type": "image", "image": {"id": "43"}}


def test_a_list_has_its_tenth_row_free_for_more() -> None:
    options = [Option(str(n), str(n)) for n in range(25)]
    assert [len(page) for page in pages(options)] == [9, 9, 7]
    assert [len(page) for page in pages(options[:10])] == [10]


def test_a_cut_never_parts_a_letter_from_its_signs() -> None:
    assert shorten("कीमत की किताब", 7) == "कीमत…"
    assert split("क्षि" * 3, 5) == ["क्षि", "क्षि", "क्षि"]
    assert shorten("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 9) == "👨‍👩‍👧‍👦…"


@given(text=st.text(max_size=300), limit=st.integers(1, 50))
def test_a_split_text_fits_and_is_all_there(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


OPTIONS = st.lists(
    st.builds(
        Option,
        title=st.text(min_size=1, max_size=120),
        id=st.uuids().map(str),
        description=st.text(max_size=100),
    ),
    max_size=14,
    unique_by=lambda option: option.id,
)


@given(text=st.text(max_size=5000), options=OPTIONS, file=st.sampled_from([None, PDF, CHART]))
def test_whatever_is_said_fits_the_limits(
    text: str, options: list[Option], file: Uploaded | None
) -> None:
    for payload in contents(reply(text, *options), file):
        if payload["type"] == "text":
            assert 0 < len(payload["text"]["body"]) <= 4096
        elif payload["type"] == "interactive":
            interactive = payload["interactive"]
            limit = 1024 if interactive["type"] == "button" else 4096
            assert 0 < len(interactive["body"]["text"]) <= limit
            if interactive["type"] == "list":
                assert 1 <= len(rows(payload)) <= 10
                assert all(0 < len(row["title"]) <= 24 for row in rows(payload))
                assert all(len(row.get("description", "")) <= 72 for row in rows(payload))
        else:
            assert len(payload[payload["type"]].get("caption", "")) <= 1024
