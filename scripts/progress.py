"""How far set-up is: a line a step on the terminal, and progress.json for the page.

Runs on the system's Python 3.6 and newer, before the environment exists.
"""

import errno
import json
import os
import sys
import threading
import time

STEPS = [
    "Installer",
    "Python 3.10",
    "Libraries",
    "Database and queue",
    "Tables",
    "Demo shop",
    "Language model",
]
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PLAIN_LINE_EVERY = 10.0


class Progress:
    """Steps waiting, running, done or failed, written down at each change for the page."""

    def __init__(self, path, steps=STEPS, stream=sys.stderr):
        self.path = path
        self.stream = stream
        self.tty = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.steps = [_waiting(name) for name in steps]
        self.ready = False
        self._current = None
        self._began = 0.0
        self._said = 0.0
        self._lock = threading.RLock()
        self._spinner = None
        self._write()

    def skip(self, name):
        """What an earlier process did already counts as done, without a line on the terminal."""
        with self._lock:
            self._step(name).update(state="done", percent=100)
            self._write()

    def start(self, name):
        """Begin a step; the one before it is done."""
        with self._lock:
            self.done()
            self._current = name
            self._began = self._said = time.time()
            self._step(name).update(state="running", detail="", percent=None)
            self._write()
            if self.tty:
                self._spin()
            else:
                self._say("{} ...".format(self._title()))

    def update(self, detail="", percent=None):
        """Tell how far the running step is; percent is 0 to 100, or None where nobody can know."""
        with self._lock:
            self._step(self._current).update(detail=detail, percent=percent)
            self._write()
            if not self.tty and time.time() - self._said > PLAIN_LINE_EVERY:
                self._said = time.time()
                self._say("{}: {}".format(self._title(), self._how_far()))

    def done(self):
        """End the running step, if there is one."""
        with self._lock:
            if self._current is None:
                return
            self._step(self._current).update(state="done", detail="", percent=100)
            self._finish_line("done in {}".format(elapsed(self._began)))

    def fail(self, sentence):
        """End the running step with what went wrong and what to do about it."""
        with self._lock:
            if self._current is not None:
                self._step(self._current).update(state="failed", detail=sentence)
                self._finish_line("failed")

    def finish(self):
        """Everything is up: pages may hand over."""
        with self._lock:
            self.done()
            self.ready = True
            self._write()

    def _step(self, name):
        return next(step for step in self.steps if step["name"] == name)

    def _title(self):
        names = [step["name"] for step in self.steps]
        return "[{}/{}] {}".format(names.index(self._current) + 1, len(names), self._current)

    def _how_far(self):
        step = self._step(self._current)
        parts = [step["detail"], elapsed(self._began)]
        if step["percent"] is not None:
            parts.insert(0, "{:d}%".format(int(step["percent"])))
        return " · ".join(part for part in parts if part)

    def _finish_line(self, outcome):
        self._write()
        line = "{} {}".format(self._title(), outcome)
        self._current = None
        if self._spinner is not None:
            self._spinner.set()
            self._spinner = None
            self.stream.write("\r\x1b[K")
        self._say(line)

    def _say(self, line):
        self.stream.write(line + "\n")
        self.stream.flush()

    def _spin(self):
        stop = self._spinner = threading.Event()
        threading.Thread(target=self._draw, args=(stop,), daemon=True).start()

    def _draw(self, stop):
        turn = 0
        while not stop.wait(0.12):
            with self._lock:
                if stop.is_set():
                    return
                mark = SPINNER[turn % len(SPINNER)]
                line = "{} {} {}".format(mark, self._title(), self._how_far())
                self.stream.write("\r" + line[: _columns() - 1] + "\x1b[K")
                self.stream.flush()
            turn += 1

    def _write(self):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        draft = "{}.{}".format(self.path, os.getpid())
        try:
            with open(draft, "w", encoding="utf-8") as file:
                json.dump({"steps": self.steps, "ready": self.ready}, file)
            os.replace(draft, self.path)
        except OSError as error:
            # What went wrong is told on the terminal too, and a full disk must not hide it.
            if error.errno != errno.ENOSPC:
                raise


def elapsed(since):
    """Time since then, as 0:07 or 2:31."""
    seconds = int(time.time() - since)
    return "{}:{:02d}".format(seconds // 60, seconds % 60)


def _waiting(name):
    return {"name": name, "state": "waiting", "detail": "", "percent": None}


def _columns():
    try:
        return os.get_terminal_size(2).columns
    except OSError:
        return 80
