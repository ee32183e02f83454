"""What is said aloud follows what is written, and never holds it up."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from actions.context import Turn
from actions.phrasebook import Phrasebook
from channels.whatsapp.attachments import OPUS, spoken_words
from channels.whatsapp.messages import Reply, Sender
from channels.whatsapp.outbound import Uploaded, encode
from channels.whatsapp.turns import Said, aloud_of, collect
from erp_core.kernel.actor import Actor


class Dispatcher:
    """Keeps what is uttered."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def utter_message(self, **message: Any) -> None:
        self.messages.append(message)


def said_by(*, speaks: bool, language: str = "hinglish") -> Said:
    dispatcher = Dispatcher()
    turn = Turn(
        business_id=1,
        actor=Actor("user", None, "owner"),
        language=language,
        text="",
        intent="",
        entities=[],
        metadata={},
        slots={},
        reference="w",
        dispatcher=dispatcher,  # type: ignore[arg-type]
        phrasebook=Phrasebook.load(),
        speaks=speaks,
    )
    turn.say("utter_nothing_low")
    said = Said()
    for message in dispatcher.messages:
        collect(said, {"text": message["text"], "custom": message["json_message"]})
    return said


def test_nobody_is_spoken_to_who_has_not_asked_for_it() -> None:
    assert aloud_of(said_by(speaks=False)) == []


def test_hinglish_is_said_in_hindi_and_english_in_english() -> None:
    (spoken,) = aloud_of(said_by(speaks=True))
    assert (spoken["kind"], spoken["language"]) == ("spoken", "hindi")
    assert any("\u0900" <= letter <= "\u097f" for letter in spoken["text"])
    (spoken,) = aloud_of(said_by(speaks=True, language="english"))
    assert spoken["language"] == "english"
    assert spoken["text"].isascii() or "✅" in spoken["text"] or "👍" in spoken["text"]


def test_a_sound_goes_out_as_a_voice_message() -> None:
    reply = Reply(id="r", phone_number_id="1", to=Sender(phone="919876500001"))
    (payload,) = encode(reply, Uploaded("audio", "m1", "voice.ogg"))
    assert payload["type"] == "audio"
    assert payload["audio"] == {"id": "m1", "voice": True}


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
def test_words_become_a_file() -> None:
    file = spoken_words({"kind": "spoken", "text": "*Maggi*: ₹14", "language": "hindi"})
    assert (file.kind, file.mime) == ("audio", OPUS)
    assert file.data.startswith(b"OggS")


def test_where_no_voice_is_set_up_the_words_go_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAHI_VOICE", "off")
    with pytest.raises(LookupError):
        spoken_words({"kind": "spoken", "text": "x", "language": "hindi"})
