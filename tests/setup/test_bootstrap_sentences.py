"""What goes wrong before Bahi starts is one sentence that says what to do."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench._servers import free_port

ROOT = Path(__file__).resolve().parents[2]

FAKE_UV = """#!/bin/sh
case "$1 $2" in
  --version*) echo "uv 0.13.8" ;;
  "python find") exit 1 ;;
  "python install") exit 1 ;;
  *) exit 2 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that a set-up reads, without an environment."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    shutil.copy(ROOT / "requirements.lock", folder)
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """All that is on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def put_uv(tools: Path, text: str) -> None:
    (tools / "uv").write_text(text)
    (tools / "uv").chmod(0o755)


def bootstrap(
    checkout: Path, tools: Path, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{tools}:/bin", "HOME": str(tools), **variables}
    return subprocess.run(
        [sys.executable, str(checkout / "scripts" / "bootstrap.py"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The last line; nothing of a traceback anywhere."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


@pytest.fixture
def taken_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_no_python_310(checkout: Path, tools: Path) -> None:
    put_uv(tools, FAKE_UV)
    assert sentence(bootstrap(checkout, tools, "setup")) == (
        "Bahi needs Python 3.10, which is not on this machine and could not be fetched: "
        "go online or install it (for example `pyenv install 3.10`), "
        "then run the same command again."
    )


def test_a_shim_that_does_not_run_is_no_python(checkout: Path, tools: Path) -> None:
    put_uv(tools, FAKE_UV)
    (tools / "python3.10").write_text(
        "#!/bin/sh\necho 'pyenv: python3.10: not found' >&2\nexit 127\n"
    )
    (tools / "python3.10").chmod(0o755)
    assert "Bahi needs Python 3.10" in sentence(bootstrap(checkout, tools, "setup"))


def with_python(tools: Path, uv_says: str) -> None:
    """A machine with Python 3.10 whose uv fails to install with these words."""
    (tools / "python3.10").symlink_to(sys.executable)
    put_uv(
        tools,
        f"""#!/bin/sh
case "$1" in
  --version) echo "uv 0.13.8" ;;
  venv) exit 0 ;;
  pip) echo "{uv_says}" >&2; exit 2 ;;
esac
""",
    )


@pytest.mark.parametrize(
    ("uv_says", "expected"),
    [
        (
            "failed to write: No space left on device (os error 28)",
            "The disk is full: Bahi's libraries need 4.0 GB of free space; free some, "
            "then run the same command again.",
        ),
        (
            "error sending request for url",
            "The libraries could not be downloaded: check that this machine is online, "
            "then run the same command again (.cache/setup.log has the details).",
        ),
        (
            "something that nobody foresaw",
            "The libraries could not be installed: .cache/setup.log says why.",
        ),
    ],
)
def test_libraries_that_do_not_come(
    checkout: Path, tools: Path, uv_says: str, expected: str
) -> None:
    with_python(tools, uv_says)
    assert sentence(bootstrap(checkout, tools, "setup")) == expected
    assert uv_says in (checkout / ".cache" / "setup.log").read_text()


@pytest.mark.parametrize("variable", ["BAHI_PORT", "BAHI_SIMULATOR_PORT"])
def test_a_taken_port(checkout: Path, tools: Path, taken_port: int, variable: str) -> None:
    ports = {"BAHI_PORT": str(free_port()), "BAHI_SIMULATOR_PORT": str(free_port())}
    ports[variable] = str(taken_port)
    assert sentence(bootstrap(checkout, tools, "run", **ports)) == (
        f"Port {taken_port} is taken by another program: stop that one, or choose another port, "
        f"for example `{variable}={taken_port + 100} make run`."
    )


def test_ports_that_are_none(checkout: Path, tools: Path) -> None:
    assert sentence(bootstrap(checkout, tools, "run", BAHI_PORT="80a")) == (
        "BAHI_PORT is '80a', which is no port: set it to a number up to 65535."
    )
    assert sentence(bootstrap(checkout, tools, "run", BAHI_PORT="8001")) == (
        "BAHI_PORT and BAHI_SIMULATOR_PORT are the same port: give each its own."
    )


def test_already_running(checkout: Path, tools: Path, tmp_path: Path) -> None:
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4242")
        lock.flush()
        done = bootstrap(checkout, tools, "run", BAHI_DATA_DIR=str(tmp_path))
    assert sentence(done) == (
        "Bahi is already running from this folder (process 4242): stop it there with Ctrl-C, "
        "or set BAHI_DATA_DIR, BAHI_PORT and BAHI_SIMULATOR_PORT for a second one."
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_of_somebody_else(checkout: Path, tools: Path) -> None:
    assert sentence(bootstrap(checkout, tools, "run", BAHI_DATA_DIR="/proc/bahi")) == (
        "/proc/bahi cannot be written: run as the user whom it belongs to, "
        "or set BAHI_DATA_DIR to a folder of yours."
    )


def test_env_file_fills_what_the_environment_leaves_open(
    checkout: Path, tools: Path, taken_port: int
) -> None:
    (checkout / ".env").write_text(f'# a comment\nBAHI_PORT="{taken_port}"\n')
    assert f"Port {taken_port} is taken" in sentence(bootstrap(checkout, tools, "run"))
    done = bootstrap(checkout, tools, "run", BAHI_PORT="none")
    assert "BAHI_PORT is 'none'" in sentence(done)
