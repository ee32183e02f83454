"""Whisper on this machine, by faster-whisper, from a folder that the operator has put there.

The folder holds a model in CTranslate2's form (model.bin, config.json, tokenizer.json, …). Nothing
is ever fetched: a path that is no folder is refused, for the library would take it for a name to
download.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from erp_core.kernel.errors import Unavailable
from erp_core.speech.port import Heard, Names, Sound, prompt

SURE = -0.45
NOTHING_SAID = 0.6
LONGEST_TEXT = 1_000


class Whisper:
    """One model, loaded once."""

    def __init__(self, folder: Path, *, language: str = "", threads: int = 0) -> None:
        if not (folder / "model.bin").is_file():
            raise Unavailable("speech_unavailable")
        # Whatever the library's habits: no name is looked up anywhere.
        os.environ["HF_HUB_OFFLINE"] = "1"
        try:
            from faster_whisper import WhisperModel

            self._model: Any = WhisperModel(
                str(folder.resolve()),
                device="cpu",
                compute_type="int8",
                cpu_threads=threads or max(1, (os.cpu_count() or 2) // 2),
                local_files_only=True,
            )
        except ImportError:
            raise Unavailable("speech_unavailable") from None
        except Exception:
            raise Unavailable("speech_failed") from None
        self._language = language or None

    @property
    def name(self) -> str:
        """For reports."""
        return "whisper"

    def hear(self, sound: Sound, names: Names) -> Heard:
        """What the model heard. Raises Unavailable("speech_failed")."""
        import numpy

        samples = numpy.frombuffer(sound.samples, dtype="<i2").astype(numpy.float32) / 32768.0
        try:
            segments, _ = self._model.transcribe(
                samples,
                language=self._language,
                initial_prompt=prompt(names),
                beam_size=3,
                temperature=0.0,
                condition_on_previous_text=False,
                without_timestamps=True,
            )
            spoken = [one for one in segments if not _made_up(one)]
        except Exception:
            raise Unavailable("speech_failed") from None
        text = " ".join(one.text.strip() for one in spoken)
        sure = bool(spoken) and all(one.avg_logprob > SURE for one in spoken)
        return Heard(" ".join(text.split())[:LONGEST_TEXT], sure)


def _made_up(segment: Any) -> bool:
    """Words that a model makes of silence."""
    return bool(segment.no_speech_prob > NOTHING_SAID and segment.avg_logprob < -1.0)
