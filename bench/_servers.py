"""What the benchmarks share: servers of their own on free ports, in a folder that is thrown away.

Everything listens on Unix sockets or 127.0.0.1 only, and is stopped when the benchmark ends, also
when it fails or is interrupted.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from erp_core.stores import Stores

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 20.0
KB = 1024

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS = range(20_000 + WORKER % 8, 30_000, 8)
"""Below those that the system gives to connections, and to whoever asks for any: a server takes its
port seconds after it was chosen. Tests that run side by side choose among ports of their own."""

_ports = iter(random.sample(PORTS, len(PORTS)))


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder with a short path: a Unix socket's may have 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="bahi-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def own_stores(*, postgres: bool = True, redis: bool = True) -> Iterator[tuple[Path, Stores]]:
    """PostgreSQL and Redis of our own, and the data folder that they publish themselves in."""
    signal.signal(signal.SIGTERM, _leave)
    with temporary_folder() as folder, Stores(folder, postgres=postgres, redis=redis) as stores:
        yield folder, stores


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens, another one each time."""
    for port in _ports:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


@contextlib.contextmanager
def process(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    cwd: Path = ROOT,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with all its children, running inside and gone after."""
    output = log.open("wb") if log else subprocess.DEVNULL
    running = subprocess.Popen(
        _dies_with_us(command),
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        _end(running)
        if log:
            output.close()  # type: ignore[union-attr]


def wait_until(
    holds: Callable[[], bool],
    seconds: float,
    what: str,
    running: Sequence[subprocess.Popen[bytes]] = (),
) -> None:
    """Wait until something holds; give up when a process that it needs has ended."""
    deadline = time.monotonic() + seconds
    while not holds():
        if any(one.poll() is not None for one in running):
            raise RuntimeError(f"a process ended while waiting for {what}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Whether a GET is answered with success."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which so large a share of the values lies (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, int(share * len(ranked))))]


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile of times, in milliseconds."""
    return {
        "p50_ms": round(statistics.median(seconds) * 1e3, 2),
        "p95_ms": round(percentile(seconds, 0.95) * 1e3, 2),
        "p99_ms": round(percentile(seconds, 0.99) * 1e3, 2),
    }


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its children, those that have ended too."""
    ticks = 0
    for fields in _family(pid):
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> int:
    """What a process and its children hold in memory."""
    pages = sum(int(fields[21]) for fields in _family(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") // KB**2


def say(text: str) -> None:
    """Tell how far it is; the result alone goes to standard output's last line."""
    print(text, file=sys.stderr, flush=True)


def report(result: Mapping[str, Any]) -> None:
    """The result, as one line of JSON."""
    print(json.dumps(result), flush=True)


def _leave(*_: Any) -> None:
    """Being told to end is a reason to clean up like any other."""
    raise SystemExit(1)


def _dies_with_us(command: Sequence[str]) -> list[str]:
    """If we are killed outright, the kernel ends our processes."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig=TERM", "--", *command] if setpriv else list(command)


def _end(running: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def _family(pid: int) -> list[list[str]]:
    """The fields of /proc/PID/stat from the state on, of a process and all that descend from it."""
    every: dict[int, list[str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            every[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
    found, wanted = [], [pid]
    while wanted:
        one = wanted.pop()
        if one in every:
            found.append(every[one])
        wanted += [child for child, fields in every.items() if int(fields[1]) == one]
    return found
