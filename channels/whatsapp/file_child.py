"""What the processes that open files of strangers have in common.

They have no secrets, no database and little room, and may die at any file. Asked over their
standard input, they answer on their standard output: frames of four bytes of length and as much
content. A question is two frames, a header in JSON and the file; an answer is one, in JSON.
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import orjson

LARGEST_FRAME = 32 * 1024 * 1024
LARGEST_OUTPUT = 64 * 1024 * 1024
MOST_OPEN_FILES = 128

Answer = Callable[[bytes, Mapping[str, Any]], Mapping[str, Any]]
"""(file, header) → what came of it."""

_SET_PARENT_DEATH_SIGNAL = 1


def serve(make: Callable[[], Answer], *, memory: int, cpu_seconds: int) -> None:
    """Answer until the input ends: so many bytes, and so many seconds of the processor a file."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    logging.disable(logging.CRITICAL)
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not stand between the frames.
    os.dup2(2, 1)
    _limit_for_good(memory)
    answer = make()
    write_frame(outgoing, b"{}")
    while (header := read_frame(incoming)) is not None:
        data = read_frame(incoming)
        if data is None:
            return
        _limit_next(cpu_seconds)
        write_frame(outgoing, orjson.dumps(answer(data, orjson.loads(header))))


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


def _limit_for_good(memory: int) -> None:
    """What no file may make this process take."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_OPEN_FILES, MOST_OPEN_FILES))


def _limit_next(seconds: int) -> None:
    """A file has its own share of the processor's time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
