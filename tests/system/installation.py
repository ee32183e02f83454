"""One installation of Bahi in a folder and on ports of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import yaml

from bench._servers import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 600.0
STOP_SECONDS = 90.0

PROCESSES = {
    "gateway": "channels.whatsapp.gateway",
    "worker": "channels.whatsapp.worker",
    "sender": "channels.whatsapp.sender",
    "reader": "channels.whatsapp.reader",
    "hearer": "channels.whatsapp.hearing",
    "redis": "redis-server",
    "postgres": "postgres",
}
"""What a process's command line contains."""


class Installation:
    """Started by `scripts/run.py`, as `make run` does it. A context: up and ready inside."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bahi-system-")
        self.data_dir = Path(self._folder.name)
        self.gateway_port, self.simulator_port = free_port(), free_port()
        self.environment = {
            **os.environ,
            "BAHI_DATA_DIR": str(self.data_dir),
            "BAHI_PORT": str(self.gateway_port),
            "BAHI_SIMULATOR_PORT": str(self.simulator_port),
            "BAHI_TRAIN": "0",
            "BAHI_DEMO_SHOP": "",
            "BAHI_READING_SECONDS": "240",
            **(environment or {}),
        }
        for variable in ("DATABASE_URL", "REDIS_URL", "WHATSAPP_API_URL"):
            if variable not in (environment or {}):
                self.environment.pop(variable, None)

    def __enter__(self) -> Installation:
        self._output = (self.data_dir / "run.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "scripts/run.py"],
            cwd=ROOT,
            env=self.environment,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._output.close()
        with contextlib.suppress(OSError):
            self._folder.cleanup()

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}/control"

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.3)
        raise AssertionError(f"not ready:\n{self.log('run')[-3000:]}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.gateway}/readyz", timeout=60):
                return True
        except OSError:
            return False

    def load_shop(self, shop: Mapping[str, Any]) -> None:
        """Into Bahi by its command line, and into the simulator, which holds the phones."""
        path = self.data_dir / "shop.yml"
        path.write_text(yaml.safe_dump(dict(shop), allow_unicode=True))
        self.bahi("shop", "load", str(path))
        self.call("/shops", shop)
        self._number = shop["business"]["phone_number_id"]

    def show(self, phone_number_id: str) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.bahi("shop", "show", phone_number_id, "--json"))
        return facts

    def bahi(self, *arguments: str) -> str:
        """Run a `bahi` command and give what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "erp_core", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def call(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The simulator's control API: a POST with a body, a GET without."""
        request = urllib.request.Request(
            self.control + path,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=90) as answer:
            content: dict[str, Any] = json.loads(answer.read())
        return content

    def say(self, phone: str, text: str, *, wait: float = 50) -> dict[str, Any]:
        """Write as a person and give the shop's reply."""
        return _only_reply(self.call("/send", {**self._from(phone), "text": text, "wait": wait}))

    def tap(self, phone: str, option: str | int, *, wait: float = 50) -> dict[str, Any]:
        """Tap an option of the latest message that offers some, and give the shop's reply."""
        return _only_reply(self.call("/tap", {**self._from(phone), "option": option, "wait": wait}))

    def _from(self, phone: str) -> dict[str, str]:
        return {"phone_number_id": self._number, "from": phone}

    def kill(self, name: str) -> int:
        """End a process, all of its kind, without any warning; how many there were."""
        victims = list(self._processes(name))
        for process in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        return len(victims)

    @contextlib.contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Have a process, all of its kind, do nothing meanwhile."""
        processes = list(self._processes(name))
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def log(self, name: str) -> str:
        path = self.data_dir / f"{name}.log"
        if not path.exists():
            path = self.data_dir / "logs" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _processes(self, name: str) -> Iterator[psutil.Process]:
        """Ours alone: every one descends from the process that we started."""
        for process in psutil.Process(self._process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if PROCESSES[name] in " ".join(process.cmdline()[:4]):
                    yield process


def text_of(message: Mapping[str, Any]) -> str:
    """What a message of the business says, whichever form it has."""
    kind = message["type"]
    content = message[kind]
    if kind == "text":
        return str(content["body"])
    if kind == "interactive":
        return str(content["body"]["text"])
    return str(content.get("caption", ""))


def _only_reply(answer: Mapping[str, Any]) -> dict[str, Any]:
    replies = answer["replies"]
    assert len(replies) == 1, f"{len(replies)} replies"
    reply: dict[str, Any] = replies[0]
    return reply
