"""Files that people send, kept sealed for a while: Meta keeps them for seven days only."""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path
from typing import Literal

from channels.whatsapp.crypto import Vault
from erp_core.kernel.errors import NotFound

LIFE = 30 * 86_400
"""Seconds that a file is kept."""

FileKind = Literal["jpeg", "png", "webp", "pdf", "other"]
"""Files that can be read, and all the rest."""

_MAGIC: tuple[tuple[bytes, FileKind], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"%PDF-", "pdf"),
)


class MediaStore:
    """A folder of sealed files, each named by its content. The same file twice is one file."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def put(self, data: bytes) -> str:
        """Keep a file; gives its id."""
        name = self._vault.name("media", sha256(data).hexdigest()).hex()
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.part")
        draft.write_bytes(self._vault.seal_bytes(data, f"media:{name}"))
        draft.replace(path)
        return name

    def get(self, name: str) -> bytes:
        """A file's bytes. Raises NotFound("media") when it has expired."""
        path = self._path(name)
        if not path.exists():
            raise NotFound("media")
        return self._vault.open_bytes(path.read_bytes(), f"media:{name}")

    def sweep(self, *, now: float | None = None) -> int:
        """Remove what has expired; gives how many files."""
        oldest = (now or time.time()) - LIFE
        expired = [path for path in self._folder.glob("*/*") if path.stat().st_mtime < oldest]
        for path in expired:
            path.unlink(missing_ok=True)
        return len(expired)

    def _path(self, name: str) -> Path:
        if not name.isalnum():
            raise NotFound("media")
        return self._folder / name[:2] / name


def kind_of(data: bytes) -> FileKind:
    """What a file is, by its first bytes; "other" for all that is not read."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return "other"
