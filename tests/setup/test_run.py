"""`make run` once the environment exists: all processes up, kept up, and gone after Ctrl-C.

The processes are stand-ins that take a moment to be ready, so that only what runs them is tested.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from bench._servers import free_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes

IDLE = "import time\nwhile True: time.sleep(0.5)\n"
SERVE = """
import http.server, os, time
began = time.time()
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if time.time() - began > 0.5 else 503)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["{port}"])), Answer).serve_forever()
"""
COMMANDS = """
import os, pathlib, sys
with pathlib.Path(os.environ["BAHI_DATA_DIR"], "commands").open("a") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n")
sys.exit(os.environ.get("FAIL") in sys.argv)
"""
TRAIN = """
import os, pathlib, sys
assert os.nice(0) == 19
assert sys.argv[1:] == ["--if-changed"]
mark = pathlib.Path(os.environ["BAHI_DATA_DIR"], "trained")
sys.exit(3 if mark.exists() else mark.touch())
"""
MODULES = {
    "channels/__init__.py": "",
    "channels/whatsapp/__init__.py": "",
    "channels/whatsapp/gateway.py": SERVE.format(port="BAHI_PORT"),
    "channels/whatsapp/sender.py": IDLE,
    "channels/whatsapp/reader.py": IDLE,
    "channels/whatsapp/hearing.py": IDLE,
    "channels/whatsapp/worker.py": IDLE,
    "simulator/__init__.py": "",
    "simulator/__main__.py": SERVE.format(port="BAHI_SIMULATOR_PORT"),
    "erp_core/__main__.py": COMMANDS,
    "scripts/train.py": TRAIN,
    "models/released.tar.gz": "",
}


@dataclass
class Running:
    """A run of Bahi that we look at from outside."""

    process: subprocess.Popen[str]
    folder: Path

    def processes(self) -> dict[str, psutil.Process]:
        """By what they are: gateway, worker, …, postgres, redis-server."""
        found = {}
        for process in psutil.process_iter():
            try:
                command = process.cmdline()
                inside = str(self.folder) in " ".join([process.cwd(), *command])
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue
            if inside and process.pid != os.getpid():
                words = [word for word in command if word.split(":")[0].rsplit("/")[-1]]
                found[_kind(words, process.name())] = process
        return found

    def progress(self) -> dict[str, object]:
        return json.loads((self.folder / "data" / "progress.json").read_text())

    def said(self) -> str:
        return (self.folder / "said").read_text()


def _kind(command: list[str], name: str) -> str:
    if "-m" in command:
        return command[command.index("-m") + 1].rsplit(".", 1)[-1]
    if any(word.endswith("run.py") for word in command):
        return "run"
    return name.split(":")[0]


def eventually(condition: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bahi-run-"))
    for part in ("scripts", "deploy", "erp_core", "demo"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in MODULES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(**variables: str) -> Running:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BAHI_")},
            "PYTHONPATH": str(folder),
            "BAHI_DATA_DIR": str(folder / "data"),
            "BAHI_PORT": str(free_port()),
            "BAHI_SIMULATOR_PORT": str(free_port()),
            **variables,
        }
        environment.pop("DATABASE_URL", None)
        environment.pop("REDIS_URL", None)
        process = subprocess.Popen(
            [sys.executable, str(folder / "scripts" / "run.py")],
            env=environment,
            stdout=(folder / "said").open("w"),
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(Running(process, folder))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)
            running.process.wait(120)


PROCESSES = {
    "run",
    "supervisord",
    "stores",
    "postgres",
    "redis-server",
    "simulator",
    "gateway",
    "worker",
    "sender",
    "reader",
    "hearing",
}


def test_everything_comes_up_and_ctrl_c_leaves_nothing(start: Callable[..., Running]) -> None:
    running = start()
    eventually(lambda: "Ctrl-C stops everything" in running.said())
    eventually(lambda: running.processes().keys() >= PROCESSES)
    assert running.progress()["ready"] is True
    assert {step["state"] for step in running.progress()["steps"]} == {"done"}
    assert (running.folder / "data" / "commands").read_text() == (
        "migrate\nshop load demo/sharma_electronics.yml\n"
    )

    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(120) == 0
    assert running.said().endswith("Stopping ...\nStopped.\n")
    assert running.processes() == {}


def test_a_process_that_dies_is_started_again(start: Callable[..., Running]) -> None:
    running = start(BAHI_TRAIN="0")
    eventually(lambda: "Ctrl-C stops everything" in running.said())
    eventually(lambda: running.processes().keys() >= PROCESSES)
    before = running.processes()
    killed = ("worker", "sender", "gateway", "simulator", "stores")
    for name in killed:
        before[name].kill()

    def all_are_new() -> bool:
        now = running.processes()
        return all(
            name in now and now[name].pid != before[name].pid for name in (*killed, "postgres")
        )

    eventually(all_are_new)
    eventually(lambda: "The worker1 was started again." in running.said())


def test_a_new_model_is_trained_behind_and_once(start: Callable[..., Running]) -> None:
    running = start()
    eventually(lambda: "A newer model is trained" in running.said())
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(120) == 0

    again = start()
    eventually(lambda: "Ctrl-C stops everything" in again.said())
    time.sleep(1)
    assert "trained" not in again.said()


def test_a_process_that_cannot_run_ends_the_start_in_a_sentence(
    start: Callable[..., Running], folder: Path
) -> None:
    conf = folder / "deploy" / "supervisord.conf"
    conf.write_text(conf.read_text().replace("startretries = 20", "startretries = 0"))
    (folder / "channels" / "whatsapp" / "gateway.py").write_text("raise SystemExit('no')")
    running = start()
    assert running.process.wait(120) == 1
    assert "Traceback" not in running.said()
    assert "The gateway does not stay up: data/logs/gateway.log says why.\n" in running.said()
    failed = [step for step in running.progress()["steps"] if step["state"] == "failed"]
    assert [step["name"] for step in failed] == ["Language model"]
    assert running.processes() == {}


def test_no_model_and_no_training_ends_the_start_in_a_sentence(
    start: Callable[..., Running], folder: Path
) -> None:
    (folder / "models" / "released.tar.gz").unlink()
    running = start(BAHI_TRAIN="0")
    assert running.process.wait(120) == 1
    assert (
        "There is no model in models/: run `make train`, then `make run` again.\n" in running.said()
    )


def test_a_failing_migration_ends_the_start_in_a_sentence(start: Callable[..., Running]) -> None:
    running = start(FAIL="migrate")
    assert running.process.wait(120) == 1
    assert "`bahi migrate` failed: data/logs/setup.log says why.\n" in running.said()
    assert running.processes() == {}


def test_nothing_outlives_a_killed_run(start: Callable[..., Running]) -> None:
    running = start(BAHI_TRAIN="0")
    eventually(lambda: "Ctrl-C stops everything" in running.said())
    running.process.kill()
    running.process.wait()
    eventually(lambda: running.processes() == {})


def test_a_wrong_database_url_starts_nothing(start: Callable[..., Running]) -> None:
    running = start()
    running.process.kill()
    running.process.wait()
    eventually(lambda: running.processes() == {})
    environment = {**os.environ, "PYTHONPATH": str(running.folder)}
    environment["BAHI_DATA_DIR"] = str(running.folder / "data")
    environment["DATABASE_URL"] = "postgresql://127.0.0.1:1/bahi"
    done = subprocess.run(
        [sys.executable, str(running.folder / "scripts" / "run.py")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "DATABASE_URL does not lead to a PostgreSQL" in done.stderr
