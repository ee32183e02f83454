"""The process that opens voice notes and hears them: `python -m channels.whatsapp.hearing_child`.

file_child.py tells how it is asked. Where a service hears, it only opens the file, and gives the
samples back.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from channels.whatsapp import file_child
from erp_core.kernel.errors import BahiError, Unavailable
from erp_core.speech.port import Heard, Listener, Names, Sound
from erp_core.speech.sounds import decode

MEMORY = int(os.environ.get("BAHI_HEARING_MEMORY") or 1_024) * 1024 * 1024
WHISPER_MEMORY = int(os.environ.get("BAHI_HEARING_MEMORY") or 8_192) * 1024 * 1024
"""Bytes. A large model takes three gigabytes, and maps what it reads."""

CPU_SECONDS = int(os.environ.get("BAHI_HEARING_CPU_SECONDS") or 120)

ENGINE = "BAHI_HEARING_ENGINE"
FOLDER = "BAHI_HEARING_FOLDER"
LANGUAGE = "BAHI_HEARING_LANGUAGE"


def main() -> None:
    """Answer until the input ends."""
    engine = os.environ.get(ENGINE) or "embedded"
    memory = WHISPER_MEMORY if engine == "whisper" else MEMORY
    file_child.serve(
        lambda: _answering(make_listener(engine)),
        memory=memory,
        cpu_seconds=CPU_SECONDS,
    )


def _answering(listener: Listener | None) -> file_child.Answer:
    return lambda data, header: answer(data, listener, header)


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


def answer(data: bytes, listener: Listener | None, header: Mapping[str, Any]) -> dict[str, Any]:
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


if __name__ == "__main__":
    main()
