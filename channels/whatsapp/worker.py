"""The worker: keeps one process serving the newest model.

Run with `python -m channels.whatsapp.worker`. Loading a model takes its time, so a newer one is
loaded beside the old one, which goes on answering; when the new process is ready, the old one
finishes what it has in hand and ends. A process that dies is started again.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from channels.whatsapp.logs import configure_logging

logger = logging.getLogger(__name__)

LOOK = 0.2
"""Seconds between two looks at models and processes."""

RESTART_PAUSE = 1.0
LAST_WORDS = 30.0
"""Seconds for a process to finish what it has in hand."""

_SET_PARENT_DEATH_SIGNAL = 1


@dataclass
class Process:
    """A process that serves one model. `ready` is a pipe that it writes to once it does."""

    model: Path
    popen: subprocess.Popen[bytes]
    ready_pipe: int
    is_ready: bool = False

    @classmethod
    def start(cls, model: Path) -> Process:
        """Begin to load a model."""
        ready, told = os.pipe()
        os.set_blocking(ready, False)
        environment = {**os.environ, "BAHI_READY_FD": str(told)}
        popen = subprocess.Popen(
            [sys.executable, "-m", "channels.whatsapp.process", str(model)],
            env=environment,
            pass_fds=[told],
            preexec_fn=_die_with_parent,
        )
        os.close(told)
        return cls(model, popen, ready)

    def look(self) -> bool:
        """Whether it lives; notes when it has become ready."""
        if not self.is_ready:
            with contextlib.suppress(BlockingIOError):
                self.is_ready = os.read(self.ready_pipe, 1) == b"1"
        return self.popen.poll() is None

    def retire(self) -> None:
        """Let it finish and end."""
        if self.popen.poll() is None:
            self.popen.terminate()

    def bury(self) -> None:
        """Wait for its end; force it when it takes too long."""
        try:
            self.popen.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        os.close(self.ready_pipe)


class Keeper:
    """Keeps the newest model served."""

    def __init__(self) -> None:
        self._serving: Process | None = None
        self._next: Process | None = None
        self._retired: list[Process] = []
        self._unloadable: set[Path] = set()
        self._not_before = 0.0
        self._stopping = False

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Let all processes finish and end."""
        self._stopping = True

    def run(self) -> None:
        """Until stopped."""
        if find_model() is None:
            logger.info("waiting for a model")
        while not self._stopping:
            self._look()
            time.sleep(LOOK)
        processes = [*self._retired, *filter(None, (self._serving, self._next))]
        for process in processes:
            process.retire()
        for process in processes:
            process.bury()

    def _look(self) -> None:
        self._bury_retired()
        if self._serving and not self._serving.look():
            logger.error("the worker ended with %s", self._serving.popen.returncode)
            self._retired.append(self._serving)
            self._blame_model(self._serving)
            self._serving = None
            self._not_before = time.monotonic() + RESTART_PAUSE
        if self._next:
            self._look_at_next(self._next)
        newest = find_model(without=self._unloadable)
        if newest is None or time.monotonic() < self._not_before:
            return
        if self._serving is None and self._next is None:
            self._serving = Process.start(newest)
        elif newest != (self._next or self._serving).model:  # type: ignore[union-attr]
            self._prepare(newest)

    def _blame_model(self, process: Process) -> None:
        """A model that ends its process while it is loaded is left aside, if there is another."""
        if not process.is_ready and find_model(without={*self._unloadable, process.model}):
            self._unloadable.add(process.model)

    def _prepare(self, model: Path) -> None:
        logger.info("loading model %s beside the old one", model.name)
        if self._next:
            self._next.retire()
            self._retired.append(self._next)
        self._next = Process.start(model)

    def _look_at_next(self, process: Process) -> None:
        alive = process.look()
        if alive and not process.is_ready:
            return
        self._next = None
        if not alive:
            logger.error("model %s cannot be loaded; the old one stays", process.model.name)
            self._unloadable.add(process.model)
            self._retired.append(process)
            return
        logger.info("model %s takes over", process.model.name)
        if self._serving:
            self._serving.retire()
            self._retired.append(self._serving)
        self._serving = process

    def _bury_retired(self) -> None:
        ended = [process for process in self._retired if process.popen.poll() is not None]
        self._retired = [process for process in self._retired if process not in ended]
        for process in ended:
            process.bury()


def find_model(*, without: set[Path] | None = None) -> Path | None:
    """The model to serve: BAHI_MODEL (a file or a folder), else the newest in models/."""
    chosen = Path(os.environ.get("BAHI_MODEL") or "models")
    if not chosen.is_dir():
        return chosen if chosen.exists() else None
    models = [path for path in chosen.glob("*.tar.gz") if path not in (without or set())]
    return max(models, key=_modified) if models else None


def _modified(path: Path) -> float:
    """When a model was put in place; models are moved there whole. A vanished one is the oldest."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _die_with_parent() -> None:
    """Even when the parent is killed, no process is left behind (Linux)."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def main() -> None:
    """Keep serving until told to stop."""
    configure_logging("worker")
    keeper = Keeper()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, keeper.stop)
    keeper.run()


if __name__ == "__main__":
    main()
