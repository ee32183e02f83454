"""Files that came in: sealed, one for the same content, gone after a while."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from channels.whatsapp.crypto import Unsealable, Vault
from channels.whatsapp.media import LIFE, MediaStore
from erp_core.kernel.errors import NotFound


def test_a_file_is_kept_sealed_and_once(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, Vault("k"))
    name = store.put(b"a receipt")
    assert store.put(b"a receipt") == name
    assert store.get(name) == b"a receipt"
    (path,) = (one for one in tmp_path.rglob("*") if one.is_file())
    assert b"receipt" not in path.read_bytes()
    with pytest.raises((Unsealable, NotFound)):
        MediaStore(tmp_path, Vault("other")).get(name)


def test_what_has_expired_goes(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, Vault("k"))
    name = store.put(b"a receipt")
    assert store.sweep() == 0
    assert store.sweep(now=time.time() + LIFE + 1) == 1
    for gone in (name, "..", "never"):
        with pytest.raises(NotFound):
            store.get(gone)
