"""The environment's Python: linked straight where it came as a shared library, else left alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from interpreter import PROBE, link_straight, output_of

ITSELF = """
import ctypes, sys
number = ctypes.pythonapi.PyLong_FromLong
number.restype = ctypes.py_object
print(sys.version, sys.prefix, number(7))
"""


@pytest.fixture
def python(tmp_path: Path) -> str:
    """The Python of a bare environment, a link to the one that this environment was made from."""
    base = Path(sys.prefix, "pyvenv.cfg").read_text().partition("home = ")[2].split("\n")[0]
    subprocess.check_call([f"{base}/python3.10", "-m", "venv", "--without-pip", tmp_path / "env"])
    return str(tmp_path / "env" / "bin" / "python")


@pytest.fixture
def shared(python: str) -> dict[str, str]:
    """How this machine's Python was built, where it is a shared library that can be linked."""
    build = json.loads(output_of([python, "-c", PROBE]))
    parts = [Path(build["folder"], name) for name in ("python.o", build["archive"])]
    linkable = all(part.is_file() for part in parts) and shutil.which(build["linker"].split()[0])
    if not build["shared"] or not linkable:
        assert link_straight(python) is False
        pytest.skip("this machine's Python is linked straight already, or cannot be")
    return build


def test_a_shared_python_is_replaced_by_the_same_one(python: str, shared: dict[str, str]) -> None:
    before = output_of([python, "-c", ITSELF])
    assert link_straight(python) is True
    assert output_of([python, "-c", ITSELF]) == before != ""
    assert json.loads(output_of([python, "-c", PROBE])) == {**shared, "shared": False}
    assert not Path(python).is_symlink()
    assert link_straight(python) is False, "once is enough"


def test_without_a_linker_it_stays(
    python: str, shared: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if Path(shared["linker"]).is_absolute():
        pytest.skip("this machine's linker is found without a PATH")
    monkeypatch.setenv("PATH", "")
    assert link_straight(python) is False
    assert Path(python).is_symlink()
    assert [one.name for one in Path(python).parent.glob("*.linked")] == []


@pytest.mark.parametrize("does", ["exit 1", "echo welcome"])
def test_what_tells_nothing_of_itself_is_left_alone(does: str, tmp_path: Path) -> None:
    other = tmp_path / "python"
    other.write_text(f"#!/bin/sh\n{does}\n")
    other.chmod(0o755)
    assert link_straight(str(other)) is False
    assert other.read_text() == f"#!/bin/sh\n{does}\n"
