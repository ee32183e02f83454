"""Start everything and stay in front of it: `make run` comes here once the environment exists.

The stores, gateway, worker, reader, hearer, sender and simulator run under supervisor; this process
starts them in order, shows how far it is, prints their logs, and stops all when it is told to.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import xmlrpc.client
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import programs
import psycopg2
import redis
from logs import LogFollower
from progress import STEPS, Progress, elapsed
from supervisor.xmlrpc import SupervisorTransport

from erp_core import model_store
from erp_core.stores import StoresFailed, runtime_dir

ROOT = Path(__file__).resolve().parent.parent
OLDEST_POSTGRES = 150000
STORES_SECONDS = 90.0
READY_SECONDS = 300.0
FIRST_MODEL_SECONDS = 1800.0
STOP_SECONDS = 60.0
LIVES = 4
PROGRAMS = ("simulator", "sender", "reader", "hearer", "worker", "gateway")
MODELS = ROOT / "models"
TRAINER = ROOT / "scripts" / "train.py"
NOTHING_TO_TRAIN = 3
DISK_FULL = "The disk is full: free some space, then run `make run` again."


class Trouble(Exception):
    """What went wrong and what to do about it, in one sentence."""


class Stopped(Exception):
    """Somebody asked us to stop."""


def main() -> int:
    os.chdir(ROOT)
    began = float(os.environ.pop("BAHI_BEGAN", time.time()))
    data_dir = Path(os.environ.get("BAHI_DATA_DIR") or ".bahi").resolve()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    progress = Progress(str(data_dir / "progress.json"))
    for name in STEPS[:3]:
        progress.skip(name)
    environment = prepare_environment(data_dir)
    supervisor = Supervisor(data_dir, environment)
    trainer = Trainer(data_dir, environment)
    try:
        check_servers()
        supervisor.start()
        bring_up(supervisor, trainer, progress, data_dir, environment)
        welcome(began, data_dir)
        stay(supervisor, trainer, data_dir)
    except (Trouble, StoresFailed) as trouble:
        sentence = DISK_FULL if is_full(data_dir) else str(trouble)
        progress.fail(sentence)
        say(sentence)
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        progress.fail(DISK_FULL)
        say(DISK_FULL)
        return 1
    except Stopped:
        progress.fail("Stopped")
    finally:
        stop_everything(supervisor, trainer)
    return 0


def bring_up(
    supervisor: Supervisor,
    trainer: Trainer,
    progress: Progress,
    data_dir: Path,
    environment: dict[str, str],
) -> None:
    """Start the processes in the order in which they need each other, until the chat answers."""
    page = f"http://127.0.0.1:{environment['BAHI_SIMULATOR_PORT']}"
    supervisor.launch(PROGRAMS[0])
    say(f"Starting Bahi. Watch it in your browser: {page}")

    # Bills are read and answers spoken once they are there; nothing else waits for them.
    threading.Thread(target=programs.see_to, args=("tesseract", "espeak-ng"), daemon=True).start()

    progress.start("Database and queue")
    if embedded_stores_wanted():
        (data_dir / "stores.json").unlink(missing_ok=True)
        supervisor.launch("stores")
        supervisor.wait_for((data_dir / "stores.json").exists, STORES_SECONDS, progress)

    progress.start("Tables")
    bahi(["migrate"], environment, data_dir)

    have_right_model_served(data_dir)
    for name in PROGRAMS[1:]:
        supervisor.launch(name)
    progress.start("Demo shop")
    shop = os.environ.get("BAHI_DEMO_SHOP", "demo/sharma_electronics.yml")
    if shop:
        bahi(["shop", "load", shop], environment, data_dir)

    progress.start("Language model")
    readiness = f"http://127.0.0.1:{environment['BAHI_PORT']}/readyz"
    seconds = READY_SECONDS
    if not any(MODELS.glob(f"*{model_store.SUFFIX}")):
        trainer.start()
        if not trainer.started:
            raise Trouble("There is no model in models/: run `make train`, then `make run` again.")
        say("There is no model in models/ yet: the first one is trained, which takes some minutes.")
        seconds = FIRST_MODEL_SECONDS
    supervisor.wait_for(lambda: answers(readiness), seconds, progress)
    supervisor.report_changes()
    progress.finish()


def stay(supervisor: Supervisor, trainer: Trainer, data_dir: Path) -> None:
    """Print what the processes say until told to stop; a newer model trains behind them."""
    follower = LogFollower(data_dir / "logs", sys.stdout)
    trainer.start()
    while True:
        follower.print_new_lines()
        supervisor.report_changes()
        if trainer.has_new_model():
            say("A newer model is trained; the worker takes it up.")
        time.sleep(0.2)


def welcome(began: float, data_dir: Path) -> None:
    simulator, gateway = os.environ["BAHI_SIMULATOR_PORT"], os.environ["BAHI_PORT"]
    say(
        f"\nBahi is ready ({elapsed(began)}).\n\n"
        f"  Chat in your browser   http://127.0.0.1:{simulator}\n"
        f"  Gateway and API        http://127.0.0.1:{gateway}\n"
        f"  Logs                   {shown(data_dir / 'logs')}\n\n"
        "Ctrl-C stops everything.\n"
    )


# Before anything starts


def prepare_environment(data_dir: Path) -> dict[str, str]:
    """What all processes see, and the folders that they share."""
    (data_dir / "logs").mkdir(parents=True, exist_ok=True)
    os.environ["BAHI_DATA_DIR"] = str(data_dir)
    os.environ.setdefault("BAHI_PORT", "8000")
    os.environ.setdefault("BAHI_SIMULATOR_PORT", "8001")
    os.environ.setdefault("BAHI_WORKERS", "1")
    if not os.environ.get("WHATSAPP_API_URL"):
        os.environ.setdefault("BAHI_TRACE", "1")  # The simulator shows what happened underneath.
    environment = dict(os.environ)
    environment["BAHI_PYTHON"] = sys.executable
    environment["BAHI_RUNTIME_DIR"] = str(runtime_dir(data_dir))
    return environment


def embedded_stores_wanted() -> bool:
    return not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def check_servers() -> None:
    """Real servers that were named must answer before anything starts."""
    for name in ("DATABASE_URL", "DATABASE_ADMIN_URL"):
        if os.environ.get(name):
            check_postgres(name, os.environ[name])
    if os.environ.get("REDIS_URL"):
        check_redis(os.environ["REDIS_URL"])


def check_postgres(name: str, url: str) -> None:
    plain = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)
    remedy = f"start it, correct {name}, or unset it to use the embedded one."
    try:
        with contextlib.closing(psycopg2.connect(plain, connect_timeout=5)) as connection:
            version = connection.server_version
    except psycopg2.Error as error:
        raise Trouble(f"{name} does not lead to a PostgreSQL ({reason(error)}): {remedy}") from None
    if version < OLDEST_POSTGRES:
        raise Trouble(
            f"{name} leads to PostgreSQL {version // 10000}, and Bahi needs 15 or newer: {remedy}"
        )


def check_redis(url: str) -> None:
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5)
        client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise Trouble(
            f"REDIS_URL does not lead to a Redis ({reason(error)}): "
            "start it, correct REDIS_URL, or unset it to use the embedded one."
        ) from None


def reason(error: Exception) -> str:
    """The first line of what a driver says, without the password that a URL may carry."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return re.sub(r"//[^@\s]*@", "//", lines[0]).rstrip(".")


# Steps


def bahi(arguments: list[str], environment: dict[str, str], data_dir: Path) -> None:
    """Run one `bahi` command; its words go to a log, and a failure is a sentence."""
    log = data_dir / "logs" / "setup.log"
    with log.open("ab") as output:
        done = subprocess.run(
            [sys.executable, "-m", "erp_core", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if done.returncode != 0:
        raise Trouble(f"`bahi {' '.join(arguments)}` failed: {shown(log)} says why.")


def have_right_model_served(data_dir: Path) -> None:
    """The model of the files as they are, else the released one until that is trained; unless
    somebody chose."""
    choice = model_store.chosen(data_dir)
    if choice.use:
        say(f"Model {choice.use} was chosen; `bahi model use newest` follows the files again.")
        return
    released = MODELS / f"{model_store.RELEASED}{model_store.SUFFIX}"
    start = model_store.matching(MODELS, model_store.inputs_hash(ROOT)) or released
    model_store.choose(data_dir, replace(choice, start=start.name, started=time.time()))


def is_full(folder: Path) -> bool:
    """Whether nothing can be written any more; then that is why whatever failed did."""
    return shutil.disk_usage(folder).free < 1024**2


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class Trainer:
    """Trains when what a model is made of has changed since the one in use; never in its way."""

    def __init__(self, data_dir: Path, environment: dict[str, str]) -> None:
        self._data_dir = data_dir
        self._log = data_dir / "logs" / "training.log"
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._done = False

    def start(self) -> None:
        """Begin, at the lowest priority; once is enough."""
        if self._process is not None:
            return
        if os.environ.get("BAHI_TRAIN") == "0" or not TRAINER.exists():
            return
        if model_store.chosen(self._data_dir).use:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["nice", "-n", "19", sys.executable, str(TRAINER), "--if-changed"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def started(self) -> bool:
        """Whether there is anything to wait for."""
        return self._process is not None

    def has_new_model(self) -> bool:
        """True once, when a model has been trained."""
        if self._process is None or self._done or self._process.poll() is None:
            return False
        code, self._done = self._process.returncode, True
        if code not in (0, NOTHING_TO_TRAIN):
            say(f"Training failed, and the model in use stays: {shown(self._log)} says why.")
        return code == 0

    def stop(self) -> None:
        """End it; a half-trained model is never used."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)


# Supervisor


class Supervisor:
    """supervisord as our child, asked over its socket."""

    def __init__(self, data_dir: Path, environment: dict[str, str]) -> None:
        self._data_dir = data_dir
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._reported: dict[str, int] = {}
        socket = Path(environment["BAHI_RUNTIME_DIR"]) / "supervisor.sock"
        self._transport = SupervisorTransport(None, None, serverurl=f"unix://{socket}")
        self._rpc: Any = xmlrpc.client.ServerProxy("http://127.0.0.1", self._transport).supervisor

    def start(self) -> None:
        """Start it out of Ctrl-C's reach: that comes to us alone, and we stop it in order."""
        self._outlast_predecessor()
        command = [sys.executable, "-m", "supervisor.supervisord"]
        command += ["-n", "-c", str(ROOT / "deploy" / "supervisord.conf")]
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self._data_dir / "logs" / "supervisord.err").open("wb"),
            start_new_session=True,
        )
        deadline = time.monotonic() + 15
        while self._ask("getState") is None:
            if self._process.poll() is not None or time.monotonic() > deadline:
                log = self._data_dir / "logs" / "supervisord.err"
                raise Trouble(f"The supervisor does not start: {shown(log)} says why.")
            time.sleep(0.05)

    def _outlast_predecessor(self) -> None:
        """A run that was killed leaves a supervisor that is still stopping its programs."""
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and self._predecessor_lives():
            time.sleep(0.2)

    def _predecessor_lives(self) -> bool:
        try:
            pid = int((self._data_dir / "supervisord.pid").read_text())
            return b"supervisord" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return False

    def launch(self, name: str) -> None:
        """Start all processes of a program, without waiting until they stand."""
        self._rpc.startProcessGroup(name, False)

    def wait_for(self, condition: Callable[[], bool], seconds: float, progress: Progress) -> None:
        """Until the condition holds; a process that does not stay up ends the wait."""
        deadline = time.monotonic() + seconds
        lives: dict[str, set[int]] = {}
        while not condition():
            for process in self._processes():
                name, pid = process["name"], process["pid"]
                lives.setdefault(name, set()).update({pid} - {0})
                if process["statename"] == "FATAL" or len(lives[name]) > LIVES:
                    raise Trouble(f"The {process['group']} does not stay up: {self._log(name)}.")
            again = [name for name, pids in lives.items() if len(pids) > 1]
            progress.update(f"{again[0]} was started again" if again else "")
            if time.monotonic() > deadline:
                raise Trouble(
                    f"Bahi did not become ready within {seconds:.0f} seconds: "
                    f"{shown(self._data_dir / 'logs')} says why."
                )
            time.sleep(0.15)

    def _log(self, name: str) -> str:
        return f"{shown(self._data_dir / 'logs' / name)}.log says why"

    def report_changes(self) -> None:
        """Say when a process was started again or given up."""
        for process in self._processes():
            name, state, pid = process["name"], process["statename"], process["pid"]
            before = self._reported.get(name)
            if state == "FATAL" and before != 0:
                say(f"The {name} does not stay up: {self._log(name)}.")
                self._reported[name] = 0
            elif before is None and pid:
                self._reported[name] = pid
            elif state == "RUNNING" and before != pid:
                say(f"The {name} was started again.")
                self._reported[name] = pid

    def stop(self, *, at_once: bool = False) -> None:
        """Stop all programs, those that use the stores at once and before them, then itself."""
        if self._process is None or self._process.poll() is not None:
            return
        for name in reversed(PROGRAMS):
            self._ask("stopProcessGroup", name, False)
        self._process.send_signal(signal.SIGKILL if at_once else signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _processes(self) -> list[dict[str, Any]]:
        if self._process is None or self._process.poll() is not None:
            raise Trouble("The supervisor was stopped: run `make run` again.")
        processes: list[dict[str, Any]] = self._ask("getAllProcessInfo") or []
        return processes

    def _ask(self, question: str, *arguments: Any) -> Any:
        """The answer, or None where there is nobody to answer just now."""
        try:
            return getattr(self._rpc, question)(*arguments)
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            self._transport.close()
            return None


def stop_everything(supervisor: Supervisor, trainer: Trainer) -> None:
    """In order, so that nothing is lost or left behind; a second Ctrl-C does not wait."""
    say("Stopping ...")
    try:
        trainer.stop()
        supervisor.stop()
    except Stopped:
        supervisor.stop(at_once=True)
    say("Stopped.")


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


def shown(path: Path) -> str:
    """A path as one would type it here."""
    with contextlib.suppress(ValueError):
        return str(path.relative_to(ROOT))
    return str(path)


def say(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
