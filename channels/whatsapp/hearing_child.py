"""The process that opens voice notes and hears them: `python -m channels.whatsapp.hearing_child`.

It has no secrets, no database and little room, and it may die at any file. It is asked and answers
in frames, as reading_child.py does: a header in JSON and the file; one answer, in JSON. Where a
service hears, it only opens the file, and gives the samples back.
"""

from __future__ import annotations

import base64
import ctypes
import logging
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from erp_core.kernel.errors import BahiError, Unavailable
from erp_core.speech.port import Heard, Listener, Names, Sound
from erp_core.speech.sounds import decode

MEMORY = int(os.environ.get("BAHI_HEARING_MEMORY") or 1_024) * 1024 * 1024
WHISPER_MEMORY = int(os.environ.get("BAHI_HEARING_MEMORY") or 8_192) * 1024 * 1024
"""Bytes. A large model takes three gigabytes, and maps what it reads."""

CPU_SECONDS = int(os.environ.get("BAHI_HEARING_CPU_SECONDS") or 120)
LARGEST_FRAME = 8 * 1024 * 1024
LARGEST_OUTPUT = 16 * 1024 * 1024

ENGINE = "BAHI_HEARING_ENGINE"
FOLDER = "BAHI_HEARING_FOLDER"
LANGUAGE = "BAHI_HEARING_LANGUAGE"

_SET_PARENT_DEATH_SIGNAL = 1


def main() -> None:
    """Answer until the input ends."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    logging.disable(logging.CRITICAL)
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not stand between the frames.
    os.dup2(2, 1)
    engine = os.environ.get(ENGINE) or "embedded"
    limit_for_good(WHISPER_MEMORY if engine == "whisper" else MEMORY)
    listener = make_listener(engine)
    write_frame(outgoing, b"{}")
    while (header := read_frame(incoming)) is not None:
        data = read_frame(incoming)
        if data is None:
            return
        limit_next()
        write_frame(outgoing, orjson.dumps(answer(data, listener, orjson.loads(header))))


def make_listener(engine: str) -> Listener | None:
    """What hears in this process; None where a service does, or where nothing can."""
    try:
        if engine == "whisper":
            from erp_core.adapters.speech_whisper import Whisper

            folder = Path(os.environ.get(FOLDER) or ".")
            return Whisper(folder, language=os.environ.get(LANGUAGE) or "")
        if engine == "embedded":
            from erp_core.adapters.speech_sphinx import Sphinx

            return Sphinx()
    except Unavailable as error:
        return _Missing(error.code)
    return None


class _Missing:
    """Stands where an engine does not load, so that each note is told why it is not heard."""

    name = "missing"

    def __init__(self, code: str) -> None:
        self._code = code

    def hear(self, sound: Sound, names: Names) -> Heard:  # noqa: ARG002
        raise Unavailable(self._code)


def answer(data: bytes, listener: Listener | None, header: dict[str, Any]) -> dict[str, Any]:
    """{"code": "heard", "text": …, "sure": …}; {"code": "opened", "samples": …} without a listener;
    else the code of what is wrong."""
    try:
        sound = decode(data, longest=float(header["longest"]))
        if listener is None:
            return {"code": "opened", "samples": base64.b64encode(sound.samples).decode()}
        names = Names(header["products"], header["customers"], header["buyer"])
        heard = listener.hear(sound, names)
        return {"code": "heard", "text": heard.text, "sure": heard.sure}
    except BahiError as error:
        return {"code": error.code}
    except MemoryError:
        return {"code": "sound_large"}
    except Exception:
        return {"code": "sound_damaged"}


def limit_for_good(memory: int) -> None:
    """What no file may make this process take."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))


def limit_next() -> None:
    """A file has its own share of the processor's time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None at the end."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (size,) = struct.unpack(">I", head)
    if size > LARGEST_FRAME:
        return None
    body = stream.read(size)
    return body if len(body) == size else None


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """One frame."""
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


if __name__ == "__main__":
    main()
