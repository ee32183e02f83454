"""Rasa's files are read in a time that grows with their length."""

from __future__ import annotations

import yaml
from rasa.shared.utils.io import read_yaml
from ruamel.yaml import YAML

from nlu.quick_yaml import mend_reader

LINES = "\n".join(
    f"utter_{number}: [text {number}, {number}, {number}.5, true, ~]" for number in range(500)
)


def patterns_of(reader: YAML) -> int:
    """How many patterns a reader tries, over all first letters."""
    return sum(len(each) for each in reader.resolver.versioned_resolver.values())


def test_a_reader_keeps_its_patterns_as_they_are() -> None:
    reader = YAML(typ="safe", pure=True)
    reader.load("a: 1")
    before = patterns_of(reader)
    reader.load(LINES)
    assert patterns_of(reader) == before


def test_what_is_read_is_the_same() -> None:
    mend_reader()
    mend_reader()
    assert read_yaml(LINES) == yaml.safe_load(LINES)


def test_variables_of_the_environment_are_still_put_in(monkeypatch) -> None:
    monkeypatch.setenv("BAHI_TEST_PORT", "1065")
    assert read_yaml("url: http://localhost:${BAHI_TEST_PORT}/x") == {
        "url": "http://localhost:1065/x"
    }
