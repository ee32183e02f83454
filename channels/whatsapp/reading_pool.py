"""Processes that open and read files, each one file at a time, each with a deadline.

Whatever happens to one of them (killed for its memory, out of time, gone) is the answer "died"; the
next file finds a fresh one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import struct
import sys
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import orjson

logger = logging.getLogger(__name__)

DEADLINE = float(os.environ.get("BAHI_READING_SECONDS") or 30.0)
PDF_DEADLINE = 3 * DEADLINE
START_SECONDS = 60.0
FILES_A_LIFE = 200
"""After so many files a process makes room for a fresh one, whatever its libraries have kept."""

LARGEST_ANSWER = 1024 * 1024
NICE = 10
"""How far behind the chat a reading steps."""

CHILD = "channels.whatsapp.reading_child"
LEFT_TO_IT = ("PATH", "LANG", "LC_ALL", "TESSDATA_PREFIX", "VIRTUAL_ENV", "PYTHONPATH")
ITS_OWN = ("BAHI_READING_", "BAHI_VISION_", "BAHI_HEARING_")


class Died(Exception):
    """The process that had a file is gone, or out of time."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Reader:
    """One process, started when it is needed."""

    def __init__(
        self,
        folder: Path,
        *,
        deadline: float = DEADLINE,
        child: str = CHILD,
        nice: int = NICE,
        largest: int = LARGEST_ANSWER,
    ) -> None:
        self._folder = folder
        self._deadline = deadline
        self._child = child
        self._nice = nice
        self._largest = largest
        self._process: asyncio.subprocess.Process | None = None
        self._files = 0

    async def start(self) -> None:
        """Have a process that is ready."""
        if self._process is not None and self._process.returncode is None:
            return
        self._clear()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._child,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment(os.environ, self._folder),
            start_new_session=True,
            preexec_fn=partial(os.nice, self._nice),
            limit=self._largest,
        )
        self._files = 0
        try:
            await asyncio.wait_for(self._frame(), START_SECONDS)
        except (asyncio.TimeoutError, asyncio.IncompleteReadError, OSError):
            await self.stop()
            raise Died("not_started") from None

    async def read(
        self, data: bytes, *, today: date, is_pdf: bool = False, wanted: str = ""
    ) -> dict[str, Any]:
        """What reading_child.answer() says of a file. Raises Died."""
        deadline = PDF_DEADLINE if is_pdf else self._deadline
        header = {"today": today.isoformat(), "wanted": wanted}
        return await self.ask(header, data, deadline=deadline)

    async def ask(
        self, header: dict[str, Any], data: bytes, *, deadline: float | None = None
    ) -> dict[str, Any]:
        """What the process says of a file. Raises Died."""
        if self._files >= FILES_A_LIFE:
            await self.stop()
        await self.start()
        self._files += 1
        try:
            answer = self._answer(header, data)
            return await asyncio.wait_for(answer, deadline or self._deadline)
        except asyncio.TimeoutError:
            await self.stop()
            raise Died("too_slow") from None
        except (asyncio.IncompleteReadError, OSError, ValueError):
            await self.stop()
            raise Died("died") from None
        except asyncio.CancelledError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the process and all that it has started; nothing of the file stays on disk."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        self._clear()

    async def _answer(self, header: dict[str, Any], data: bytes) -> dict[str, Any]:
        for body in (orjson.dumps(header), data):
            self._pipes.stdin.write(struct.pack(">I", len(body)) + body)
            await self._pipes.stdin.drain()
        answer = orjson.loads(await self._frame())
        if not isinstance(answer, dict):
            raise ValueError("not an object")
        return answer

    async def _frame(self) -> bytes:
        (size,) = struct.unpack(">I", await self._pipes.stdout.readexactly(4))
        if size > self._largest:
            raise ValueError("too long an answer")
        return await self._pipes.stdout.readexactly(size)

    @property
    def _pipes(self) -> Any:
        """The process, whose pipes are there for as long as it is."""
        if self._process is None:
            raise OSError("no process")
        return self._process

    def _clear(self) -> None:
        """What a process that was killed left half done would be the picture itself, in clear."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)


def environment(given: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What a process that reads files may know: no secrets, no addresses."""
    kept = {
        name: value
        for name, value in given.items()
        if name in LEFT_TO_IT or name.startswith(ITS_OWN)
    }
    return {
        **kept,
        "TMPDIR": str(folder),
        "HOME": str(folder),
        "OMP_THREAD_LIMIT": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }
