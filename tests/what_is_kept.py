"""Everything that Redis and files hold, to be searched for what must not be there.

The processes go on while it is read: a key that has expired since, or a file that was renamed,
holds nothing any more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any


def in_redis(client: Any) -> Iterator[tuple[str, bytes]]:
    """Each key with its name and what it holds."""
    for key in client.keys("*"):
        yield f"redis {key!r}", key + (client.dump(key) or b"")


def in_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Each file of a folder and those within, with its path in it."""
    for within, _, names in os.walk(folder):
        for path in (Path(within, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file():
                    yield str(path.relative_to(folder)), path.read_bytes()
