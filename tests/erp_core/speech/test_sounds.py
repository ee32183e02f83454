"""A voice note becomes samples, whatever it holds; what it holds is never taken on trust."""

from __future__ import annotations

import contextlib
import os
import shutil

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench._speaking import note, silence
from erp_core.kernel.errors import Invalid
from erp_core.speech.port import MOST_NAMES, MOST_PROMPT, RATE, Names, Sound, prompt
from erp_core.speech.sounds import LARGEST_FILE, decode, encode, kind_of

needs_espeak = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="there is no espeak-ng")


def noise(seconds: float) -> Sound:
    return Sound(os.urandom(int(seconds * RATE) * 2))


@needs_espeak
def test_a_note_in_opus_is_decoded_to_what_was_said() -> None:
    data = note("आज की सेल बताओ", noise_db=None)
    assert data[:4] == b"OggS"
    assert kind_of(data) == "ogg"
    assert 1.5 < decode(data).seconds < 4.0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sound_type"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "sound_type"),
        (b"<svg onload=x>", "sound_type"),
        (b"#EXTM3U\nfile:///etc/passwd", "sound_type"),
        (b"OggS" + b"\x00" * 400, "sound_damaged"),
        (b"ID3" + b"\xff" * 400, "sound_damaged"),
        (b"\x00\x00\x00\x18ftypM4A " + b"\x00" * 400, "sound_damaged"),
        (b"OggS" + b"\x00" * LARGEST_FILE, "sound_large"),
    ],
)
def test_what_is_no_sound_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode(data)
    assert refused.value.code == code


def test_length_and_silence_are_refused() -> None:
    with pytest.raises(Invalid, match="sound_silent"):
        decode(encode(silence(2)))
    with pytest.raises(Invalid, match="sound_long"):
        decode(encode(noise(3)), longest=2.0)
    assert 2.9 < decode(encode(noise(3)), longest=4.0).seconds < 3.2


@given(st.binary(max_size=600))
@example(encode(noise(0.5))[:200])
def test_rubbish_ends_in_a_refusal(data: bytes) -> None:
    for head in (b"OggS", b"ID3", b"#!AMR\n", b"\xff\xf1", b""):
        with pytest.raises(Invalid):
            decode(head + data)


def test_a_note_changed_anywhere_is_heard_or_refused() -> None:
    whole = bytearray(encode(noise(1.0)))
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        changed = bytearray(whole)
        changed[at] ^= 0x5A
        with contextlib.suppress(Invalid):
            assert decode(bytes(changed)).seconds < 60


def test_a_prompt_holds_whole_names_and_has_its_length() -> None:
    many = tuple(f"Customer number {n}" for n in range(500))
    told = prompt(Names(products=("Maggi", "Tata Salt"), customers=many))
    assert len(told) <= MOST_PROMPT
    assert "Maal: Maggi, Tata Salt." in told
    assert "Grahak: Customer number 0, Customer number 1," in told
    assert prompt(Names()).count(":") == 1
    assert len(Names(customers=many).cut().customers) == MOST_NAMES
