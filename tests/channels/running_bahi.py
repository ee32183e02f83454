"""Bahi's own processes, started by a test."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from channels.whatsapp.signature import HEADER, sign

ROOT = Path(__file__).parents[2]
SECRET = "app-secret"


@dataclass
class Running:
    """Bahi's processes, and hands to work them with."""

    environment: dict[str, str]
    port: int
    logs: Path
    started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, module: str, name: str = "", **environment: str) -> subprocess.Popen[bytes]:
        name = name or module
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"channels.whatsapp.{module}"],
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.started[name] = process
        return process

    def kill(self, name: str) -> None:
        process = self.started.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        for process in self.started.values():
            process.send_signal(signal.SIGTERM)
        for process in self.started.values():
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()

    def get(self, path: str) -> tuple[int, bytes]:
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"))

    def post(self, envelope: Any, *, signature: str | None = None) -> int:
        body = envelope if isinstance(envelope, bytes) else orjson.dumps(envelope)
        headers = {
            HEADER: sign(SECRET, body) if signature is None else signature,
            "Content-Type": "application/json",
        }
        url = f"http://127.0.0.1:{self.port}/webhooks/whatsapp/webhook"
        return self._ask(urllib.request.Request(url, body, headers))[0]

    def _ask(self, request: urllib.request.Request) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def log(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.logs.iterdir()))


def until(found: Callable[[], Any], seconds: float = 600.0) -> Any:
    """What `found` gives once it is true; fails when it does not become so."""
    end = time.monotonic() + seconds
    while True:
        value = found()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.05)
