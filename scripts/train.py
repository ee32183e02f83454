"""Train the language model that config.yml, domain.yml and data/ describe.

The model is named by the hash of all its inputs, so that an unchanged one is never trained twice.
What serving does not need is left out; how it does on the development messages is noted in it.

    scripts/train.py [--if-changed] [--release [--force]]

First the files are checked (scripts/check.py), which takes seconds. --release makes the model of
the present inputs the released one, unless its figures are lower; --force does so all the same.

Ends with 0 when a model was trained, 3 when there was nothing to train, 1 when something is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import structlog

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import once  # noqa: E402 - after the path

from erp_core import model_store  # noqa: E402

MODELS = ROOT / "models"
RELEASED = MODELS / f"{model_store.RELEASED}{model_store.SUFFIX}"
NOTHING_TO_TRAIN = 3
KEPT_MODELS = 3

DEVELOPMENT = ("tests/nlu/dev.jsonl", "tests/nlu/fresh/*.jsonl")
"""Messages that a model is measured on; none is trained on."""
MEASURES = ("intent", "entity_f1", "exact")
TOLERANCE = 0.005
"""Half a point up or down is chance."""


def inputs_hash() -> str:
    """Return the hash of all that a trained model depends on in this checkout."""
    return model_store.inputs_hash(ROOT)


def up_to_date(wanted: str) -> Path | None:
    """Return the model of these inputs, if there is one."""
    return model_store.matching(MODELS, wanted)


def train(wanted: str) -> Path:
    """Train, strip, measure and name the model; it appears in models/ only when it is whole."""
    quieten()
    with tempfile.TemporaryDirectory() as scratch:
        model = trained(ROOT, Path(scratch), wanted)
        say("taking out what serving does not need")
        parts = Path(scratch) / "parts"
        strip(model, parts)
        about = {"hash": wanted, "trained_at": now()}
        draft = Path(scratch) / f"draft{model_store.SUFFIX}"
        pack(parts, draft, about)
        say("measuring it on the development messages")
        pack(parts, draft, {**about, "figures": measured(draft)})
        MODELS.mkdir(exist_ok=True)
        target = MODELS / f"{wanted}{model_store.SUFFIX}"
        put(draft, target)
    return target


def trained(root: Path, folder: Path, name: str) -> Path:
    """Have Rasa train the model of a checkout into a folder; what did not change is not trained."""
    from rasa.model_training import train as rasa_train

    once.look_at_shapes_once()
    leave_out_stories()
    with steps_of(root / "config.yml"):
        result = rasa_train(
            domain=str(root / "domain.yml"),
            config=str(root / "config.yml"),
            training_files=[str(root / "data")],
            output=str(folder),
            fixed_model_name=name,
            # Stories run into each other would be made for policies that generalise: here is none.
            core_additional_arguments={"augmentation_factor": 0},
        )
    if result.model is None or result.code not in (0, 1):
        raise SystemExit("Training made no model; the lines above say why.")
    return Path(result.model)


def leave_out_stories() -> None:
    """Keep the actions of stories out of what the language components are shown.

    Rasa adds them for policies that read texts. Nothing here learns from them, but whatever is
    shown the examples would be trained again for a new story.
    """
    from rasa.shared.importers.importer import E2EImporter
    from rasa.shared.nlu.training_data.training_data import TrainingData

    E2EImporter._additional_training_data_from_stories = lambda _: TrainingData()


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def put(source: Path, target: Path) -> None:
    """Copy a file so that whoever looks sees all of it or the one before."""
    whole = target.with_suffix(".part")
    shutil.copyfile(source, whole)
    os.replace(whole, target)


def strip(model: Path, parts: Path) -> None:
    """Unpack a model without its optimiser's state."""
    with tarfile.open(model) as archive:
        archive.extractall(parts)
    for index in parts.glob("components/*/*.tf_model.index"):
        strip_checkpoint(index.with_suffix(""))


def pack(parts: Path, target: Path, about: Mapping[str, Any]) -> None:
    """Pack a model; what it tells of itself comes first, so that it is quickly read."""
    (parts / model_store.ABOUT).write_text(json.dumps(about))
    paths = sorted(parts.iterdir(), key=lambda path: (path.name != model_store.ABOUT, path.name))
    with tarfile.open(target, "w:gz") as archive:
        for path in paths:
            archive.add(path, arcname=path.name)


# Figures


def development_files() -> list[Path]:
    """Return the files that figures are measured on."""
    return sorted(path for pattern in DEVELOPMENT for path in ROOT.glob(pattern))


def set_id() -> str:
    """Return a short name of what is measured on: figures of different sets do not compare."""
    digest = hashlib.sha256()
    for path in development_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def measured(model: Path) -> dict[str, Any]:
    """Return a model's figures on the development messages; empty where there are none."""
    import nlu_report

    lines = [line for path in development_files() for line in path.read_text().splitlines()]
    cases = [nlu_report.read_case(line) for line in lines if line.strip()]
    if not cases:
        return {}
    nlu_report.understand(model, cases)
    found = nlu_report.figures(cases, nlu_report.whole)
    figures = {name: round(getattr(found, name), 4) for name in MEASURES}
    say(told(figures))
    return {**figures, "messages": len(cases), "set": set_id()}


def told(figures: Mapping[str, Any]) -> str:
    """Return figures as words."""
    return (
        f"intent {figures['intent']:.1%}, entity F1 {figures['entity_f1']:.3f}, "
        f"all right {figures['exact']:.1%}"
    )


def figures_of(model: Path) -> dict[str, Any]:
    """Return the figures noted in a model; measured now where they are of other messages."""
    noted: dict[str, Any] = model_store.about(model).get("figures") or {}
    if noted.get("set") == set_id():
        return noted
    say(f"measuring {model.name} on today's development messages")
    return measured(model)


def falls_back(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return which figures are lower than they were, in words."""
    return [
        f"{name} {before[name]:.1%} to {after[name]:.1%}"
        for name in MEASURES
        if name in before and after.get(name, 0.0) < before[name] - TOLERANCE
    ]


def release(model: Path, *, force: bool) -> bool:
    """Make a model the released one; False when its figures are lower and nobody insisted."""
    if not force and RELEASED.exists():
        try:
            before = figures_of(RELEASED)
        except Exception as error:
            say(f"the released model cannot be read any more ({type(error).__name__})")
            before = {}
        lower = falls_back(before, figures_of(model))
        if lower:
            say(f"not released: {', '.join(lower)} (--force releases it all the same)")
            return False
    put(model, RELEASED)
    say(f"released as models/{RELEASED.name}")
    return True


def strip_checkpoint(prefix: Path) -> None:
    """Rewrite a TensorFlow checkpoint without the optimiser's variables."""
    import tensorflow as tf
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

    graph_key = "_CHECKPOINTABLE_OBJECT_GRAPH"
    reader = tf.train.load_checkpoint(str(prefix))
    kept = {
        key: reader.get_tensor(key)
        for key in reader.get_variable_to_shape_map()
        if key != graph_key and "/optimizer/" not in key and ".OPTIMIZER_SLOT" not in key
    }
    graph = TrackableObjectGraph.FromString(reader.get_tensor(graph_key))
    for node in graph.nodes:
        del node.slot_variables[:]
        attributes = [one for one in node.attributes if one.checkpoint_key in kept]
        del node.attributes[:]
        node.attributes.extend(attributes)
    kept[graph_key] = tf.constant(graph.SerializeToString())
    for old in prefix.parent.glob(f"{prefix.name}.*"):
        if old.name.startswith((f"{prefix.name}.data", f"{prefix.name}.index")):
            old.unlink()
    names = sorted(kept)
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=[tf.convert_to_tensor(kept[name]) for name in names],
    )


def forget_old_models(keep: Path) -> None:
    """Delete all but the newest few models; the released one and what is chosen stay."""
    choice = model_store.chosen(data_dir())
    stay = {f"{name}{model_store.SUFFIX}" for name in (choice.use, choice.candidate) if name}
    others = [
        path
        for path in model_store.newest_first(MODELS)
        if path not in (keep, RELEASED) and path.name not in stay
    ]
    for path in others[KEPT_MODELS - 1 :]:
        path.unlink()


def data_dir() -> Path:
    """Return where the choice of a model lies."""
    return Path(os.environ.get("BAHI_DATA_DIR") or ROOT / ".bahi").resolve()


BEGAN = time.monotonic()
STILL_AT_IT = 15.0
"""Seconds after which a long step says again that it goes on."""


def say(text: str) -> None:
    """Print a line with the time since the start."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", flush=True)


class Steps(logging.Handler):
    """Turns Rasa's training log into one line a component, and says when one takes long."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self._done = 0
        self._doing = ""
        self._since = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        """Say which component begins."""
        message = record.getMessage()
        if message.startswith("Starting to train component"):
            self._doing = message.split(chr(39))[1].rsplit(".", 1)[-1]
            self._next(f"training {self._doing}")
        elif "Restored component" in message:
            self._doing = ""
            self._next(f"{message.split(chr(39))[1].rsplit('.', 1)[-1]} has not changed")

    def _next(self, text: str) -> None:
        self._done += 1
        self._since = time.monotonic()
        say(f"[{self._done}/{max(self._count, self._done)}] {text}")

    def remind(self, stop: threading.Event) -> None:
        """Say now and then how long the present component has been at it."""
        while not stop.wait(STILL_AT_IT):
            if self._doing:
                say(f"      {self._doing} for {time.monotonic() - self._since:.0f} s")


@contextmanager
def steps_of(config: Path) -> Iterator[None]:
    """Within it the steps of a training are shown."""
    steps = Steps(trained_components(config))
    hooks = logging.getLogger("rasa.engine.training.hooks")
    hooks.setLevel(logging.INFO)
    hooks.propagate = False
    hooks.addHandler(steps)
    stop = threading.Event()
    threading.Thread(target=steps.remind, args=(stop,), daemon=True).start()
    try:
        yield
    finally:
        stop.set()
        hooks.removeHandler(steps)


def trained_components(config: Path) -> int:
    """Return how many components of a config learn something."""
    import yaml
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe

    parts = yaml.safe_load(config.read_text(encoding="utf-8"))
    names = [one["name"] for kind in ("pipeline", "policies") for one in parts[kind]]
    return sum(DefaultV1Recipe._from_registry(name).is_trainable for name in names)


def _unheard(*_: Any, **__: Any) -> None:
    """Libraries turn their warnings on again while they load."""


def quieten() -> None:
    """Keep the libraries' chatter away, and show the steps instead."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["LOG_LEVEL"] = "ERROR"  # by this Rasa draws no bars, which are noise in a file
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(ROOT / ".rasa" / "cache"))
    warnings.showwarning = _unheard
    logging.basicConfig(level=logging.ERROR)
    # Rasa's rule policy prints whole conversations where nobody has told structlog how much to say.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description="Train the language model.")
    parser.add_argument("--if-changed", action="store_true", help="only when the inputs changed")
    parser.add_argument("--release", action="store_true", help="also make it the released model")
    parser.add_argument("--force", action="store_true", help="release it though figures fall")
    options: Any = parser.parse_args(arguments)

    os.chdir(ROOT)
    wanted = inputs_hash()
    model = up_to_date(wanted)
    if model is not None and options.if_changed:
        say(f"models/{model.name} is up to date")
        return NOTHING_TO_TRAIN
    if model is None or model == RELEASED:
        if not files_are_right():
            return 1
        say(f"training model {wanted}")
        model = train(wanted)
        forget_old_models(keep=model)
    say(f"models/{model.name}, {model.stat().st_size / 1e6:.1f} MB")
    if options.release and not release(model, force=options.force):
        return 1
    return 0


def files_are_right() -> bool:
    """Say what is wrong with the files before minutes are spent on them.

    What trains is imported meanwhile: it takes as long.
    """
    looking = subprocess.Popen([sys.executable, str(ROOT / "scripts" / "check.py")])
    quieten()
    import rasa.model_training  # noqa: F401

    return looking.wait() == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
