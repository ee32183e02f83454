"""A terminal that a test types into: a program on a pseudo-terminal, and what it shows."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ENTER, DOWN, CTRL_C, CTRL_U = "\r", "\x1b[B", "\x03", "\x15"
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[a-zA-Z]|\([0AB]|[=>])|\r")


class Terminal:
    """A context; the program is ended with it."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        self._keys, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 160, 0, 0))
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, "TERM": "xterm", "COLUMNS": "160", "LINES": "60"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)
        self.shown = ""
        """All that was shown so far, without colours and cursor movements."""
        self._seen = 0

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._keys)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._keys, keys.encode())

    def wait_for(self, *wanted: str, seconds: float = 300.0) -> str:
        """Wait until one of several texts is shown that was not before; gives which."""
        deadline = time.monotonic() + seconds
        while True:
            places = {text: self.shown.find(text, self._seen) for text in wanted}
            found = {text: place for text, place in places.items() if place >= 0}
            if found:
                first = min(found, key=lambda text: found[text])
                self._seen = found[first] + len(first)
                return first
            assert time.monotonic() < deadline, self.shown[-3000:]
            self._read(0.2)

    def wait(self, seconds: float = 300.0) -> int:
        """Wait until the program ends; its exit code."""
        deadline = time.monotonic() + seconds
        while self._process.poll() is None:
            assert time.monotonic() < deadline, self.shown[-3000:]
            self._read(0.2)
        return self._process.returncode

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self._keys], [], [], seconds)
        if ready:
            try:
                raw = os.read(self._keys, 65536)
            except OSError:
                return
            if b"\x1b[6n" in raw:
                os.write(self._keys, b"\x1b[1;1R")
            self.shown += ESCAPES.sub("", raw.decode("utf-8", "replace"))
