"""From a bare machine to the locked environment; `run` then starts Bahi.

Needs nothing but a Python 3.6 or newer; what goes wrong is one sentence that says what to do.
"""

import contextlib
import errno
import fcntl
import glob
import hashlib
import http.server
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

from interpreter import link_straight, output_of
from progress import Progress

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HERE = os.path.join(ROOT, "scripts")
CACHE = os.path.join(ROOT, ".cache")
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "bahi.stamp")
LOCK = os.path.join(ROOT, "requirements.lock")

UV_VERSION = "0.13.8"
UV_OLDEST = (0, 5, 0)
LAST_PIP_OF_OLD_PYTHONS = "21.3.1"
LIBRARIES_BYTES = 4 * 1024**3
DATA_BYTES = 300 * 1024**2
PAGE_LOOKS_EVERY = 1.0

LOCK_OPTIONS = (
    "--generate-hashes --python-version 3.10 --python-platform x86_64-manylinux_2_28 --no-annotate "
    "--no-header --no-emit-index-url --no-emit-find-links --quiet"
).split()


class Trouble(Exception):
    """What went wrong and what to do about it, in one sentence."""


def main(arguments):
    os.chdir(ROOT)
    command = arguments[0] if arguments else "setup"
    try:
        if command == "run":
            run()
        elif command == "lock":
            compile_lock(find_uv(), arguments[1:])
        else:
            setup()
    except Trouble as trouble:
        sys.stderr.write("{}\n".format(trouble))
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return 130
    except OSError as error:
        if error.errno == errno.ENOSPC:
            sys.stderr.write(
                "The disk is full: free some space, then run the same command again.\n"
            )
            return 1
        if error.errno in (errno.EACCES, errno.EROFS):
            sys.stderr.write(
                "{} cannot be written: run as the user whom it belongs to, "
                "or set BAHI_DATA_DIR to a folder of yours.\n".format(error.filename)
            )
            return 1
        raise
    return 0


def setup():
    """Bring .venv to what requirements.lock says; says nothing when it is there already."""
    if environment_is_current():
        return
    with only_one_setup():
        if not environment_is_current():
            progress = Progress(
                os.path.join(CACHE, "progress.json"),
                steps=["Installer", "Python 3.10", "Libraries"],
            )
            make_environment(progress)


def run():
    """Set up with a page that shows it, then become scripts/run.py, which starts everything."""
    os.environ["BAHI_BEGAN"] = str(time.time())
    load_env_file()
    data_dir = os.path.abspath(os.environ.get("BAHI_DATA_DIR") or ".bahi")
    os.environ["BAHI_DATA_DIR"] = data_dir
    make_private(data_dir)
    lock = take_run_lock(data_dir)
    check_space(data_dir, DATA_BYTES, "Bahi's data")
    port = port_number("BAHI_PORT", 8000)
    page_port = port_number("BAHI_SIMULATOR_PORT", 8001)
    wait_for_ports({"BAHI_PORT": port, "BAHI_SIMULATOR_PORT": page_port}, data_dir)

    if not environment_is_current():
        progress = Progress(os.path.join(data_dir, "progress.json"))
        say("Setting up Bahi. Watch it in your browser: http://127.0.0.1:{}".format(page_port))
        with setup_page(page_port, progress), only_one_setup():
            make_environment(progress)
    # The lock outlives exec, and so holds for as long as run.py lives.
    os.set_inheritable(lock.fileno(), True)
    os.execv(VENV_PYTHON, [VENV_PYTHON, os.path.join(HERE, "run.py")])


def make_environment(progress):
    try:
        if not os.path.isdir(VENV):
            check_space(ROOT, LIBRARIES_BYTES, "the libraries")
        progress.start("Installer")
        uv = find_uv() or fetch_uv()
        progress.start("Python 3.10")
        python = find_python(uv)
        progress.start("Libraries")
        install_libraries(uv, python, progress)
        progress.done()
    except Trouble as trouble:
        progress.fail(str(trouble))
        raise


# uv


def find_uv():
    """A uv on this machine that runs and is new enough, or None."""
    for path in [
        shutil.which("uv"),
        os.path.expanduser("~/.local/bin/uv"),
        os.path.expanduser("~/.cargo/bin/uv"),
        os.path.join(CACHE, "uv", "bin", "uv"),
    ]:
        if path and uv_version(path) >= UV_OLDEST:
            return path
    return None


def uv_version(path):
    found = re.match(r"uv (\d+)\.(\d+)\.(\d+)", output_of([path, "--version"]))
    return tuple(int(part) for part in found.groups()) if found else (0,)


def fetch_uv():
    """Get uv with whatever pip the machine has; Debian often has Python without one."""
    folder = os.path.join(CACHE, "uv")
    for way in [uv_by_pip, uv_by_venv]:
        for python in pythons():
            shutil.rmtree(folder, ignore_errors=True)
            way(python, folder)
            uv = find_uv()
            if uv:
                return uv
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Debian's python3-venv, because this Python has no pip.")
        quiet(["apt-get", "update"])
        quiet(["apt-get", "install", "-y", "--no-install-recommends", "python3-venv"])
        uv_by_venv("/usr/bin/python3", folder)
        uv = find_uv()
        if uv:
            return uv
    raise Trouble(
        "Bahi needs pip once to get its installer, uv: check that this machine is online, "
        "install python3-venv (sudo apt-get install python3-venv), then run the same command again."
    )


def pythons():
    """This Python, then the others that may have a pip."""
    found = [sys.executable, shutil.which("python3"), "/usr/bin/python3"]
    found += sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python")), reverse=True)
    return [path for at, path in enumerate(found) if path and path not in found[:at]]


def uv_by_pip(python, folder):
    quiet(
        [python, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, "uv==" + UV_VERSION]
    )


def uv_by_venv(python, folder):
    """Where the machine's pip is missing or too old to know today's wheels."""
    if not quiet([python, "-m", "venv", folder]):
        return
    pip = [os.path.join(folder, "bin", "python"), "-m", "pip"]
    if not quiet([*pip, "install", "-q", "--no-deps", "uv==" + UV_VERSION]):
        quiet([*pip, "install", "-q", "pip==" + LAST_PIP_OF_OLD_PYTHONS])
        uv_by_download(pip, folder)


def uv_by_download(pip, folder):
    """A pip of Python 3.6 will not install uv, but fetches it for another Python: it needs none."""
    with tempfile.TemporaryDirectory() as wheels:
        command = [*pip, "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", wheels]
        command += ["--platform", "manylinux2014_x86_64", "--python-version", "310"]
        if not quiet([*command, "uv==" + UV_VERSION]):
            return
        for wheel in glob.glob(os.path.join(wheels, "uv-*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                binary = "uv-{}.data/scripts/uv".format(UV_VERSION)
                target = os.path.join(folder, "bin", "uv")
                with archive.open(binary) as source, open(target, "wb") as copy:
                    shutil.copyfileobj(source, copy)
                os.chmod(target, 0o755)


# Python 3.10


def find_python(uv):
    """A Python 3.10 of this machine, pyenv's included, or one that uv fetches."""
    candidates = [shutil.which("python3.10"), os.path.join(VENV, "bin", "python")]
    roots = [os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv"), "/opt/pyenv"]
    for root in filter(None, roots):
        candidates += sorted(
            glob.glob(os.path.join(root, "versions", "3.10*", "bin", "python3.10"))
        )
    for path in candidates:
        if path and is_python_310(path):
            return os.path.realpath(path)
    for fetch in [None, fetch_python_by_uv, fetch_python_by_apt]:
        if fetch:
            fetch(uv)
        path = output_of([uv, "python", "find", "--no-project", "3.10"]).strip()
        if path and is_python_310(path):
            return path
    raise Trouble(
        "Bahi needs Python 3.10, which is not on this machine and could not be fetched: "
        "go online or install it (for example `pyenv install 3.10`), "
        "then run the same command again."
    )


def fetch_python_by_uv(uv):
    quiet([uv, "python", "install", "3.10"])


def fetch_python_by_apt(_uv):
    """Ubuntu 22.04 has Python 3.10 as its own package."""
    if os.geteuid() == 0 and output_of(["apt-cache", "show", "python3.10-minimal"]):
        quiet(["apt-get", "install", "-y", "--no-install-recommends", "python3.10"])


def is_python_310(path):
    """It must really run: pyenv's shims stand on PATH also for versions that are not chosen."""
    probe = "import sys, ssl, ctypes, sqlite3, lzma, bz2; print(sys.version_info[:2] == (3, 10))"
    return output_of([path, "-c", probe]).strip() == "True"


# Libraries


def install_libraries(uv, python, progress):
    if not is_python_310(VENV_PYTHON):
        shutil.rmtree(VENV, ignore_errors=True)
        os.makedirs(CACHE, exist_ok=True)
        if not quiet([uv, "venv", "--quiet", "--no-project", "--python", python, VENV]):
            raise Trouble(
                "The environment could not be made in {}: see {}.".format(VENV, setup_log())
            )
    link_straight(VENV_PYTHON)
    with contextlib.suppress(OSError):
        os.remove(STAMP)
    command = [uv, "pip", "sync", "--python", VENV_PYTHON, "--require-hashes", LOCK]
    lines = follow(command, Downloads(progress).read)
    if lines is not None:
        raise Trouble(explain_install(lines))
    join_environment()
    with open(STAMP, "w") as stamp:
        stamp.write(fingerprint())


MEBIBYTES = {"KiB": 1.0 / 1024, "MiB": 1.0, "GiB": 1024.0}


class Downloads:
    """Reads what uv says when it does not draw: 'Downloading x (12.3MiB)', then ' Downloaded x'."""

    def __init__(self, progress):
        self.progress = progress
        self.sizes = {}
        self.finished = 0.0

    def read(self, line):
        began = re.match(r"\s*Downloading (\S+) \(([\d.]+)([KMG]iB)\)", line)
        ended = re.match(r"\s*Downloaded (\S+)", line)
        if began:
            self.sizes[began.group(1)] = float(began.group(2)) * MEBIBYTES[began.group(3)]
        elif ended:
            self.finished += self.sizes.pop(ended.group(1), 0.0)
        elif line.startswith("Prepared"):
            self.progress.update("putting them in place", 99)
            return
        waiting = sorted(self.sizes, key=self.sizes.get)
        total = self.finished + sum(self.sizes.values())
        if total:
            detail = "{:.0f} of {:.0f} MB".format(self.finished, total)
            if waiting:
                detail += ", {} is coming".format(waiting[-1])
            self.progress.update(detail, min(98, 100 * self.finished / total))


def explain_install(lines):
    text = "\n".join(lines)
    if "No space left" in text or "os error 28" in text:
        return (
            "The disk is full: Bahi's libraries need {} of free space; free some, "
            "then run the same command again.".format(gigabytes(LIBRARIES_BYTES))
        )
    if re.search(r"error sending request|dns error|Failed to (fetch|download)|timed out", text):
        return (
            "The libraries could not be downloaded: check that this machine is online, "
            "then run the same command again ({} has the details).".format(setup_log())
        )
    return "The libraries could not be installed: {} says why.".format(setup_log())


def join_environment():
    """Make the project's packages importable, and `bahi` a command, wherever one stands."""
    site = output_of([VENV_PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
    with open(os.path.join(site.strip(), "bahi.pth"), "w") as file:
        file.write(ROOT + "\n")
    command = os.path.join(VENV, "bin", "bahi")
    with open(command, "w") as file:
        file.write('#!/bin/sh\nexec "{}" -m erp_core "$@"\n'.format(VENV_PYTHON))
    os.chmod(command, 0o755)


def environment_is_current():
    try:
        with open(STAMP) as stamp:
            return stamp.read() == fingerprint() and is_python_310(VENV_PYTHON)
    except OSError:
        return False


def fingerprint():
    """Changes with the lock, with the set-up, and when the checkout was moved or copied."""
    digest = hashlib.sha256(ROOT.encode())
    for path in [LOCK, os.path.abspath(__file__), os.path.join(HERE, "interpreter.py")]:
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def compile_lock(uv, options):
    """Write requirements.lock anew; `--upgrade` as an option moves what has no pin."""
    source = os.path.join(ROOT, "requirements.in")
    subprocess.check_call(
        [uv or fetch_uv(), "pip", "compile", source, "-o", LOCK, *LOCK_OPTIONS, *options]
    )


# What has to be right before anything starts


def load_env_file():
    """Lines NAME=value of .env, under what the environment says already."""
    path = os.path.join(ROOT, ".env")
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, sign, value = line.strip().partition("=")
            if sign and not name.startswith("#"):
                os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def make_private(folder):
    """Data is its owner's alone; others may only pass through, as root's database server must."""
    if not os.path.isdir(folder):
        os.makedirs(folder)
        os.chmod(folder, 0o711 if os.geteuid() == 0 else 0o700)


def take_run_lock(data_dir):
    """Held until the last of this run is gone; the file says who holds it."""
    lock = open(os.path.join(data_dir, "run.lock"), "a+")  # noqa: SIM115
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        raise Trouble(
            "Bahi is already running from this folder (process {}): stop it there with Ctrl-C, "
            "or set BAHI_DATA_DIR, BAHI_PORT and BAHI_SIMULATOR_PORT for a second one.".format(
                lock.read().strip() or "unknown"
            )
        ) from None
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def port_number(variable, default):
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Trouble(
            "{} is {!r}, which is no port: set it to a number up to 65535.".format(variable, text)
        )
    return int(text)


def wait_for_ports(ports, data_dir):
    """A run that was killed may take some seconds to let go; anyone else's port is a sentence."""
    patience = time.time() + (
        15 if os.path.exists(os.path.join(data_dir, "supervisord.pid")) else 0
    )
    if len(set(ports.values())) < len(ports):
        raise Trouble("{} are the same port: give each its own.".format(" and ".join(ports)))
    for variable, port in ports.items():
        while not port_is_free(port):
            if time.time() > patience:
                raise Trouble(
                    "Port {} is taken by another program: stop that one, or choose another port, "
                    "for example `{}={} make run`.".format(port, variable, port + 100)
                )
            time.sleep(0.3)


def port_is_free(port):
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise Trouble(
                    "Port {} is for root alone: choose one above 1023.".format(port)
                ) from None
            return False
        return True


def check_space(folder, needed, what):
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Trouble(
            "The disk is full: {} has {} left, and {} is needed for {}; free some space, "
            "then run the same command again.".format(
                folder, gigabytes(free), gigabytes(needed), what
            )
        )


def gigabytes(count):
    return "{:.1f} GB".format(count / 1024.0**3)


@contextlib.contextmanager
def only_one_setup():
    """Two commands may start at once; the second waits and then finds the work done."""
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, "setup.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# The page


@contextlib.contextmanager
def setup_page(port, progress):
    """Serve the set-up page on the simulator's port, until the simulator takes it."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/setup.json":
                self.answer(progress.path, "application/json")
            else:
                self.answer(os.path.join(HERE, "setup_page.html"), "text/html; charset=utf-8")

        def answer(self, path, kind):
            with open(path, "rb") as file:
                body = file.read()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    http.server.HTTPServer.allow_reuse_address = True
    server = http.server.HTTPServer(("127.0.0.1", port), Page)
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield
    except Trouble:
        time.sleep(PAGE_LOOKS_EVERY)
        raise
    finally:
        server.shutdown()
        server.server_close()


# Running other programs


def setup_log():
    return os.path.join(os.path.relpath(CACHE, ROOT), "setup.log")


def quiet(command):
    """Run it with its words kept in the log; True when it succeeded."""
    return follow(command, lambda _: None) is None


def follow(command, read):
    """Run it and hand each line to `read`; None when it succeeded, else its last lines."""
    os.makedirs(CACHE, exist_ok=True)
    lines = []
    with open(os.path.join(CACHE, "setup.log"), "a", encoding="utf-8") as log:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            return [str(error)]
        for raw in process.stdout:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            log.write(line + "\n")
            lines = [*lines[-40:], line]
            read(line)
    return None if process.wait() == 0 else lines


def say(line):
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
