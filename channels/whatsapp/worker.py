"""The worker: keeps one process serving the model that is wanted (erp_core.model_store).

Run with `python -m channels.whatsapp.worker`. Loading a model takes its time, so another one is
loaded beside the old one, which goes on answering; when the new process is ready, the old one
finishes what it has in hand and ends. The workers of a machine do so one after the other. A process
that dies is started again.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from channels.whatsapp.logs import configure_logging
from erp_core.model_store import Serving, models_folder, wanted

logger = logging.getLogger(__name__)

LOOK = 0.2
"""Seconds between two looks at models and processes."""

RESTART_PAUSE = 1.0
LAST_WORDS = 30.0
"""Seconds for a process to finish what it has in hand."""

_SET_PARENT_DEATH_SIGNAL = 1


@dataclass
class Process:
    """A process that serves. `ready_pipe` is a pipe that it writes to once it does."""

    serving: Serving
    popen: subprocess.Popen[bytes]
    ready_pipe: int
    is_ready: bool = False

    @classmethod
    def start(cls, serving: Serving) -> Process:
        """Begin to load."""
        ready, told = os.pipe()
        os.set_blocking(ready, False)
        environment = {**os.environ, "BAHI_READY_FD": str(told)}
        command = [sys.executable, "-m", "channels.whatsapp.process", str(serving.model)]
        if serving.candidate:
            command += [str(serving.candidate), str(serving.share)]
        popen = subprocess.Popen(
            command,
            env=environment,
            pass_fds=[told],
            preexec_fn=_die_with_parent,
        )
        os.close(told)
        return cls(serving, popen, ready)

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


class Turn:
    """The workers of a machine change their model one after the other."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "rollout.lock"
        self._held: IO[bytes] | None = None

    def take(self) -> bool:
        """Whether it is our turn."""
        if self._held is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = self._path.open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._held = lock
        return True

    def give(self) -> None:
        """The next one's turn."""
        if self._held is not None:
            self._held.close()
            self._held = None


class Keeper:
    """Keeps what is wanted served."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._turn = Turn(data_dir)
        self._serving: Process | None = None
        self._next: Process | None = None
        self._retired: list[Process] = []
        self._unloadable: set[Serving] = set()
        self._not_before = 0.0
        self._stopping = False

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Let all processes finish and end."""
        self._stopping = True

    def run(self) -> None:
        """Until stopped."""
        if self._wanted() is None:
            logger.info("waiting for a model")
        while not self._stopping:
            self._look()
            time.sleep(LOOK)
        processes = [*self._retired, *filter(None, (self._serving, self._next))]
        for process in processes:
            process.retire()
        for process in processes:
            process.bury()

    def _wanted(self, *, but: Serving | None = None) -> Serving | None:
        without = self._unloadable | {but} if but else self._unloadable
        return wanted(models_folder(), self._data_dir, without=without)

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
        serving = self._wanted()
        if serving is None or time.monotonic() < self._not_before:
            return
        if self._serving is None and self._next is None:
            self._serving = Process.start(serving)
        elif serving != (self._next or self._serving).serving:  # type: ignore[union-attr]
            self._prepare(serving)
        elif self._next is None and not self._retired:
            self._turn.give()

    def _blame_model(self, process: Process) -> None:
        """A model that ends its process while it is loaded is left aside, if there is another."""
        if not process.is_ready and self._wanted(but=process.serving):
            self._unloadable.add(process.serving)

    def _prepare(self, serving: Serving) -> None:
        if self._next:
            self._next.retire()
            self._retired.append(self._next)
            self._next = None
        if self._serving and self._serving.serving == serving:
            return
        if not self._turn.take():
            return
        logger.info("loading model %s beside the old one", serving)
        self._next = Process.start(serving)

    def _look_at_next(self, process: Process) -> None:
        alive = process.look()
        if alive and not process.is_ready:
            return
        self._next = None
        if not alive:
            logger.error("model %s cannot be loaded; the old one stays", process.serving)
            self._unloadable.add(process.serving)
            self._retired.append(process)
            return
        logger.info("model %s takes over", process.serving)
        if self._serving:
            self._serving.retire()
            self._retired.append(self._serving)
        self._serving = process

    def _bury_retired(self) -> None:
        ended = [process for process in self._retired if process.popen.poll() is not None]
        self._retired = [process for process in self._retired if process not in ended]
        for process in ended:
            process.bury()


def _die_with_parent() -> None:
    """Even when the parent is killed, no process is left behind (Linux)."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def main() -> None:
    """Keep serving until told to stop."""
    configure_logging("worker")
    keeper = Keeper(Path(os.environ.get("BAHI_DATA_DIR") or ".bahi").resolve())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, keeper.stop)
    keeper.run()


if __name__ == "__main__":
    main()
