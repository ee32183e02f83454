"""A training looks at the shape of a file once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from rasa.shared.constants import DOMAIN_SCHEMA_FILE
from rasa.shared.utils import io, validation
from rasa.shared.utils.validation import YamlValidationException

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

import once

RIGHT = "intents:\n- greeting\n"
WRONG = "intents: greeting\n"


@pytest.fixture(autouse=True)
def looked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process does is as before afterwards."""
    monkeypatch.setattr(validation, "validate_yaml_schema", validation.validate_yaml_schema)
    once.look_at_shapes_once()
    once.look_at_shapes_once()


def test_what_is_right_is_read_for_its_shape_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    reader = io.read_yaml
    monkeypatch.setattr(io, "read_yaml", lambda *a, **k: read.append(a[0]) or reader(*a, **k))
    for _ in range(3):
        validation.validate_yaml_schema(RIGHT, DOMAIN_SCHEMA_FILE)
    assert read.count(RIGHT) == 1


def test_what_is_wrong_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(YamlValidationException):
            validation.validate_yaml_schema(WRONG, DOMAIN_SCHEMA_FILE)
