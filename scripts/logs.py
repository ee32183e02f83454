"""The logs of all processes on one terminal, each line behind the name of who said it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

COLOURS = {
    "gateway": 36,
    "sender": 33,
    "simulator": 35,
    "stores": 34,
    "training": 90,
    "worker": 32,
}
WIDTH = max(len(name) for name in COLOURS) + 1


@dataclass
class Position:
    """Which file was read, and how far."""

    inode: int
    offset: int


class LogFollower:
    """Prints what is added to the *.log files of a folder; follows them when they are rotated."""

    def __init__(self, folder: Path, stream: TextIO) -> None:
        self._folder = folder
        self._stream = stream
        self._coloured = stream.isatty()
        self._positions: dict[Path, Position] = {}
        for path in self._logs():
            status = path.stat()
            self._positions[path] = Position(status.st_ino, status.st_size)

    def print_new_lines(self) -> None:
        """Print each complete line that was added since the last time."""
        for path in self._logs():
            for line in self._new_lines(path):
                self._stream.write(f"{self._prefix(path.stem)} {line}\n")
        self._stream.flush()

    def _logs(self) -> list[Path]:
        return [
            path for path in sorted(self._folder.glob("*.log")) if _family(path.stem) in COLOURS
        ]

    def _new_lines(self, path: Path) -> list[str]:
        try:
            status = path.stat()
            position = self._positions.setdefault(path, Position(status.st_ino, 0))
            if status.st_ino != position.inode or status.st_size < position.offset:
                position.inode, position.offset = status.st_ino, 0
            with path.open("rb") as file:
                file.seek(position.offset)
                added = file.read()
        except FileNotFoundError:
            return []
        complete = added[: added.rfind(b"\n") + 1]
        position.offset += len(complete)
        return complete.decode("utf-8", "replace").splitlines()

    def _prefix(self, name: str) -> str:
        padded = f"{name:<{WIDTH}} |"
        return f"\x1b[{COLOURS[_family(name)]}m{padded}\x1b[0m" if self._coloured else padded


def _family(name: str) -> str:
    """worker1 and worker2 are both worker."""
    return os.path.basename(name).rstrip("0123456789")
