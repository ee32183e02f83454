"""A worker's process imports what its model is served with."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from channels.whatsapp import lean
from channels.whatsapp.process import metadata_of

ROOT = Path(__file__).resolve().parents[2]
RELEASED = ROOT / "models" / "released.tar.gz"
JOINT = "nlu.joint.JointClassifier"
RULES = "rasa.core.policies.rule_policy.RulePolicy"

LOADING = """
import asyncio, json, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from channels.whatsapp import lean
lean.do_without()
from channels.whatsapp.serving import load_agent
from channels.whatsapp.sessions import SessionTrackerStore
agent = load_agent(Path(sys.argv[1]), SessionTrackerStore(), ThreadPoolExecutor(1))
lean.relent()
parsed = asyncio.run(agent.parse_message("namaste"))
held = sorted(name for name in lean.ABSENT if name in sys.modules)
import scipy.stats
print(json.dumps([parsed["intent"]["name"], held, scipy.stats.norm.cdf(0)]))
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_the_released_model_is_served_without_tensorflow() -> None:
    assert lean.can_serve(lean.components(metadata_of(RELEASED)))
    done = run(LOADING, str(RELEASED))
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == ["greeting", [], 0.5]


@pytest.mark.parametrize(
    "component",
    [
        "rasa.nlu.classifiers.diet_classifier.DIETClassifier",
        "rasa.core.policies.ted_policy.TEDPolicy",
        "somebody.elses.Component",
    ],
)
def test_other_components_get_all_that_they_import(component: str) -> None:
    assert lean.can_serve([JOINT, RULES])
    assert not lean.can_serve([JOINT, RULES, component])


def test_a_stand_in_is_a_name_and_no_more() -> None:
    code = """
from channels.whatsapp import lean
lean.do_without()
import tensorflow as tf
from keras.layers import Layer
class Own(tf.keras.Model, Layer):
    kind: tf.Tensor | None = None
try:
    Own()
except lean.NotHeld as error:
    print(error)
lean.relent()
import sys
print([name for name in sys.modules if name.startswith(("tensorflow", "keras"))])
"""
    done = run(code)
    assert done.stdout.splitlines() == ["Own", "[]"], done.stderr


def test_a_model_describes_itself(tmp_path: Path) -> None:
    nodes = {"one": {"uses": JOINT}, "two": {"uses": RULES}}
    content = json.dumps({"predict_schema": {"nodes": nodes}}).encode()
    path = tmp_path / "model.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("metadata.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    assert lean.components(metadata_of(path)) == {JOINT, RULES}


def test_a_broken_model_has_no_description(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(b"not an archive")
    assert metadata_of(path) == {}
