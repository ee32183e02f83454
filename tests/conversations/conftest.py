"""A model of rules and stories alone, trained once for these files; and a shop to talk to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import ROOT, Talk, agent_of, fingerprint, shop
from rasa.core.agent import Agent

from actions import context
from erp_core.db.engine import Database
from erp_core.kernel.clock import Clock
from erp_core.runtime import Bahi, default_listeners

CORE_ONLY = """\
recipe: default.v1
assistant_id: bahi
language: hi
pipeline: []
policies:
  - name: RulePolicy
    core_fallback_threshold: 0.3
    core_fallback_action_name: action_fallback
    enable_fallback_prediction: true
  - name: MemoizationPolicy
    max_history: 4
"""
TRAIN = """\
import sys, rasa
domain, config, rules, stories, out, name = sys.argv[1:]
rasa.train(domain=domain, config=config, training_files=[rules, stories], output=out,
           fixed_model_name=name)
"""


@pytest.fixture(scope="session")
def model() -> Path:
    """Kept while domain, rules and stories stay the same; trained in a process of its own."""
    files = [ROOT / "domain.yml", *sorted((ROOT / "data").glob("[rs]*/*.yml"))]
    folder = ROOT / ".cache" / "core-model"
    folder.mkdir(parents=True, exist_ok=True)
    name = fingerprint(files)
    path = folder / f"{name}.tar.gz"
    if not path.exists():
        config = folder / "config.yml"
        config.write_text(CORE_ONLY)
        draft = f"draft-{os.getpid()}"
        data = [str(ROOT / "data" / kind) for kind in ("rules", "stories")]
        environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
        sources = [str(ROOT / "domain.yml"), str(config), *data]
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", TRAIN, *sources, str(folder), draft],
            check=True,
            capture_output=True,
            env=environment,
            cwd=folder,
        )
        (folder / f"{draft}.tar.gz").rename(path)
    return path


@pytest.fixture(scope="session")
def agent(model: Path) -> Agent:
    return agent_of(model)


@pytest.fixture
def talk(agent: Agent, database: Database, clock: Clock, tmp_path: Path) -> Iterator[Talk]:
    """The demo shop, and everybody who may talk to it."""
    bahi = Bahi(database, clock, listeners=default_listeners())
    yield Talk(agent, bahi, shop(bahi, tmp_path))
    context.use(None)
