"""What the sides of bench.nlu read before they are measured, and which peers are fair."""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from bench._bahi import ROOT, newest_like
from bench.nlu import WARM_UP, training_texts
from channels.whatsapp.process import METADATA

CONFIG = yaml.safe_dump({"pipeline": [{"name": "nlu.look.Look"}, {"name": "DIETClassifier"}]})
LOOK, MORE = "nlu.look.Look", "nlu.more.More"
DIET = "rasa.nlu.classifiers.diet_classifier.DIETClassifier"
OTHERS = (
    "rasa.nlu.classifiers.regex_message_handler.RegexMessageHandler",
    "rasa.graph_components.converters.nlu_message_converter.NLUMessageConverter",
    "rasa.core.policies.rule_policy.RulePolicy",
)


def model(path: Path, components: Sequence[str], *, age: int) -> Path:
    nodes = {str(number): {"uses": name} for number, name in enumerate(components)}
    told = json.dumps({"predict_schema": {"nodes": nodes}}).encode()
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(METADATA)
        member.size = len(told)
        archive.addfile(member, io.BytesIO(told))
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


def test_an_earlier_peer_has_the_same_components(tmp_path: Path) -> None:
    model(tmp_path / "more.tar.gz", [LOOK, DIET, MORE, *OTHERS], age=1)
    model(tmp_path / "less.tar.gz", [DIET, *OTHERS], age=2)
    assert newest_like(CONFIG, tmp_path) is None
    like = model(tmp_path / "like.tar.gz", [LOOK, DIET, *OTHERS], age=3)
    model(tmp_path / "older.tar.gz", [LOOK, DIET, *OTHERS], age=4)
    assert newest_like(CONFIG, tmp_path) == like


def test_what_is_read_before_are_messages_that_are_taught() -> None:
    texts = training_texts(WARM_UP)
    assert len(set(texts)) == len(texts) == WARM_UP
    files = [yaml.safe_load(path.read_bytes()) for path in (ROOT / "data" / "nlu").glob("*.yml")]
    taught = "".join(
        block["examples"] for file in files for block in file["nlu"] if "intent" in block
    )
    plain = set(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", taught).splitlines())
    assert [text for text in texts if f"- {text}" not in plain] == []
