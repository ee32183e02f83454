"""The pipeline without one of its parts, trained so that it can be seen what the part earns.

`scripts/nlu_report.py --without PART` sets it beside the whole. A model without a part is kept in
.cache/ablations until another is trained from other files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nlu_compare
import train
import yaml
from nlu_report import Case

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".cache" / "ablations"
LEARN = """\
import sys
from rasa.model_training import train_nlu
config, data, out, name = sys.argv[1:]
train_nlu(config, data, out, fixed_model_name=name)
"""


@dataclass(frozen=True)
class Part:
    """What is changed to go without a part.

    `dropped` components, other `settings` of a component, `files` of data/nlu that are not read.
    """

    told: str
    dropped: Collection[str] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Collection[str] = ()


PARTS = {
    "mean": Part(
        "one field instead of the mean of several",
        settings={"nlu.extractor.IntentAwareExtractor": {"fields": 1}},
    ),
    "intents": Part(
        "a field that is not told of intents",
        settings={"nlu.extractor.IntentAwareExtractor": {"intents": 0}},
    ),
    "look": Part(
        "intents without a first look at the entities",
        settings={"nlu.featurizer.MessageFeaturizer": {"look": False}},
    ),
    "lists": Part("without the lists of words", files={"words.yml"}),
    "variants": Part("without mistyped variants", dropped={"nlu.augmenter.TypingAugmenter"}),
    "joint": Part(
        "without the joint model",
        dropped={"nlu.joint.JointClassifier", "nlu.fusion.IntentFusion"},
    ),
    "guard": Part("without the words that must be said", dropped={"nlu.guard.ClearWords"}),
}


def configured(config: Mapping[str, Any], part: Part) -> dict[str, Any]:
    """Return the config without a part; every component that the part names must be in it."""
    changed = deepcopy(dict(config))
    named = {*part.dropped, *part.settings}
    missing = named.difference(one["name"] for one in changed["pipeline"])
    if missing:
        raise SystemExit(f"config.yml has no {', '.join(sorted(missing))}")
    changed["pipeline"] = [
        {**one, **part.settings.get(one["name"], {})}
        for one in changed["pipeline"]
        if one["name"] not in part.dropped
    ]
    return changed


def model_without(name: str) -> Path:
    """Return the model without a part of PARTS; trained now unless it was before."""
    inputs = train.inputs_hash()
    kept = KEPT / f"{inputs}-{name}.tar.gz"
    if not kept.exists():
        began = time.monotonic()
        print(f"training {PARTS[name].told}", flush=True)
        KEPT.mkdir(parents=True, exist_ok=True)
        forget_others(inputs, KEPT)
        with tempfile.TemporaryDirectory() as scratch:
            train.put(_trained(PARTS[name], Path(scratch)), kept)
        print(f"  took {(time.monotonic() - began) / 60:.1f} min", flush=True)
    return kept


def forget_others(inputs: str, folder: Path) -> None:
    """Remove the models that were trained from other files than those of this hash."""
    for model in folder.glob("*.tar.gz"):
        if not model.name.startswith(f"{inputs}-"):
            model.unlink()


def _trained(part: Part, folder: Path) -> Path:
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    (folder / "config.yml").write_text(yaml.safe_dump(configured(config, part), allow_unicode=True))
    data = folder / "data"
    data.mkdir()
    for path in (ROOT / "data" / "nlu").glob("*.yml"):
        if path.name not in part.files:
            (data / path.name).symlink_to(path)
    command = [sys.executable, "-W", "ignore", "-c", LEARN]
    done = subprocess.run(
        [*command, str(folder / "config.yml"), str(data), str(folder), "without"],
        check=False,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "RASA_CACHE_DIRECTORY": str(ROOT / ".rasa" / "cache"),
        },
        cwd=ROOT,
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr[-3000:])
    return folder / "without.tar.gz"


def main(names: Sequence[str], sets: Mapping[str, Sequence[Case]]) -> int:
    """Set the pipeline without each of the named parts beside the whole; return the exit code."""
    wanted = list(PARTS) if "all" in names else names
    if unknown := set(wanted) - set(PARTS):
        raise SystemExit(
            f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}"
        )
    whole = train.up_to_date(train.inputs_hash())
    if whole is None:
        raise SystemExit("There is no model of the present files yet: make train makes one.")
    every = {**sets, "all sets": [case for cases in sets.values() for case in cases]}
    cases = every["all sets"]
    answers = dict(zip(map(id, cases), nlu_compare.answers(whole, cases), strict=True))
    for name in wanted:
        less = nlu_compare.answers(model_without(name), cases)
        others = dict(zip(map(id, cases), less, strict=True))
        print(f"\nA  {PARTS[name].told}\nB  all together")
        for title, part in every.items():
            nlu_compare.compare(
                title, part, [others[id(one)] for one in part], [answers[id(one)] for one in part]
            )
    return 0
