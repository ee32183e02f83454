"""From the bytes of a voice note to samples, or to the reason why not; and back.

Decoders are what hostile files are made for, so this runs in a process that may die. What a file is
say its first bytes, never the type that came with it; only the decoder that they name is opened.
"""

from __future__ import annotations

import array
import io
from collections.abc import Iterator
from typing import Any

from erp_core.kernel.errors import Invalid
from erp_core.speech.port import RATE, WIDTH, Sound

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes. A minute of WhatsApp's Opus has some 150,000."""

LONGEST = 60.0
"""Seconds. Who speaks longer is asked to say it in parts."""

SHORTEST = 0.2
QUIETEST = 60.0
"""Mean loudness (root of the mean square, of 32,768) below which nobody spoke."""

OPUS_RATE = 48_000
OPUS_BITS = 24_000
OPUS_FRAME = 960
"""Samples a second, bits a second, samples a frame (20 ms)."""

_FORMATS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
    (0, b"\xff\xfb", "mp3"),
    (0, b"\xff\xf3", "mp3"),
    (0, b"\xff\xf1", "aac"),
    (0, b"\xff\xf9", "aac"),
    (0, b"#!AMR", "amr"),
    (4, b"ftyp", "mp4"),
)
_CODECS = frozenset({"opus", "libopus", "vorbis", "aac", "mp3", "mp3float", "amrnb", "amrwb"})


def decode(data: bytes, *, longest: float = LONGEST) -> Sound:
    """The sound of a file.

    Raises Invalid: "sound_type", "sound_damaged", "sound_large", "sound_long", "sound_silent".
    """
    if len(data) > LARGEST_FILE:
        raise Invalid("sound_large")
    kind = kind_of(data)
    if kind is None:
        raise Invalid("sound_type")
    sound = Sound(_samples(data, kind, int(longest * RATE) * WIDTH))
    if sound.seconds < SHORTEST or loudness(sound) < QUIETEST:
        raise Invalid("sound_silent")
    return sound


def kind_of(data: bytes) -> str | None:
    """The container that the first bytes name; None for all that is no sound of WhatsApp's."""
    for place, magic, kind in _FORMATS:
        if data[place : place + len(magic)] == magic:
            return kind
    return None


def loudness(sound: Sound) -> float:
    """The root of the mean square."""
    values = array.array("h", sound.samples)
    return float((sum(value * value for value in values[::4]) / max(1, len(values) // 4)) ** 0.5)


def _samples(data: bytes, kind: str, most: int) -> bytes:
    import av

    taken = bytearray()
    try:
        with av.open(io.BytesIO(data), mode="r", format=kind) as container:
            for part in _parts(container):
                taken += part
                if len(taken) > most:
                    raise Invalid("sound_long")
    except Invalid:
        raise
    except MemoryError:
        raise Invalid("sound_large") from None
    except Exception:
        # Also when it breaks off in the middle: half an amount is another amount.
        raise Invalid("sound_damaged") from None
    return bytes(taken)


def _parts(container: Any) -> Iterator[bytes]:
    from av import AudioResampler

    if not container.streams.audio:
        raise Invalid("sound_type")
    stream = container.streams.audio[0]
    if stream.codec_context.name not in _CODECS:
        raise Invalid("sound_type")
    stream.codec_context.thread_count = 1
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in container.decode(stream):
        for small in resampler.resample(frame):
            yield _bytes_of(small)
    for small in resampler.resample(None):
        yield _bytes_of(small)


def _bytes_of(frame: Any) -> bytes:
    """A plane is padded; its samples are not."""
    return bytes(frame.planes[0])[: frame.samples * WIDTH]


def encode(sound: Sound) -> bytes:
    """The sound as WhatsApp's voice notes are: OGG with Opus, one channel."""
    import av
    import numpy

    output = io.BytesIO()
    with av.open(output, mode="w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=OPUS_RATE)
        stream.layout = "mono"
        stream.bit_rate = OPUS_BITS
        samples = numpy.frombuffer(sound.samples, dtype="<i2").reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=OPUS_RATE, frame_size=OPUS_FRAME
        )
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            for packet in stream.encode(part):
                container.mux(packet)
    return output.getvalue()
