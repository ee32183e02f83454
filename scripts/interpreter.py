"""A Python 3.10 that calls its own functions straight.

pyenv and others often build Python as a shared library, in which each call of one of its functions
by another goes through a table, for whoever might want to put a function of their own in between.
Nobody does here. Such a build leaves an archive of the same functions beside the library: linked
from that, Python takes less time over the same program; `bench.interpreter` tells how much less.
"""

import json
import os
import shlex
import subprocess

PROBE = """
import json, sys, sysconfig
value = sysconfig.get_config_var
maps = open("/proc/self/maps").read()
print(json.dumps({
    "shared": "/libpython" in maps,
    "folder": value("LIBPL") or "",
    "archive": value("LIBRARY") or "",
    "linker": value("LINKCC") or value("CC") or "cc",
    "options": " ".join(value(name) or "" for name in ("LINKFORSHARED", "LIBS", "SYSLIBS")),
}))
"""

SAME = "import sys, ssl, ctypes, sqlite3, lzma, bz2; print(sys.version, sys.prefix)"


def link_straight(python):
    """Put an environment's own executable in place of its link to a shared Python.

    True when that was done. Nothing is changed where Python is no shared library, where there is
    no linker or no archive, or where what comes out is not the same Python.
    """
    try:
        build = json.loads(output_of([python, "-c", PROBE]))
        linker, options = shlex.split(build["linker"]), shlex.split(build["options"])
    except ValueError:
        return False
    main = os.path.join(build["folder"], "python.o")
    archive = os.path.join(build["folder"], build["archive"])
    if not build["shared"] or not os.path.exists(main) or not os.path.exists(archive):
        return False
    made = python + ".linked"
    # All of the archive: what the program itself does not call, the libraries may.
    whole = ["-Wl,--whole-archive", archive, "-Wl,--no-whole-archive"]
    try:
        output_of([*linker, "-o", made, main, *whole, *options])
        same = output_of([python, "-c", SAME])
        if not same or output_of([made, "-c", SAME]) != same:
            return False
        os.replace(made, python)
        return True
    finally:
        if os.path.exists(made):
            os.remove(made)


def output_of(command):
    """What it prints; "" when it fails."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
