"""Train the language model that config.yml, domain.yml and data/ describe.

The model is named by the hash of all its inputs, so that an unchanged one is never trained twice.
What serving does not need is left out of it.

    scripts/train.py [--if-changed] [--release]

Ends with 0 when a model was trained, 3 when there was nothing to train.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import shutil
import sys
import tarfile
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "models"
RELEASED = MODELS / "released.tar.gz"
INPUTS_MEMBER = "inputs.json"
NOTHING_TO_TRAIN = 3
KEPT_MODELS = 3

INPUTS = ("config.yml", "domain.yml", "data/**/*.yml", "nlu/**/*.py")
INPUT_MODULES = (
    "erp_core/kernel/hindi_numbers.py",
    "erp_core/kernel/known_names.py",
    "erp_core/kernel/spelling.py",
)


def inputs_hash() -> str:
    """Return the hash of all that a trained model depends on in this checkout."""
    digest = hashlib.sha256()
    for path in sorted({*_input_files()}):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _input_files() -> Iterator[Path]:
    for pattern in (*INPUTS, *INPUT_MODULES):
        yield from (path for path in ROOT.glob(pattern) if path.is_file())


def hash_of_model(model: Path) -> str | None:
    """Return the inputs' hash that is written in a model, or None."""
    try:
        with tarfile.open(model) as archive:
            member = archive.extractfile(INPUTS_MEMBER)
            return str(json.load(member)["hash"]) if member else None
    except (OSError, KeyError, ValueError, tarfile.TarError):
        return None


def up_to_date(wanted: str) -> Path | None:
    """Return the model of these inputs, if there is one."""
    trained = MODELS / f"{wanted}.tar.gz"
    if trained.exists():
        return trained
    return RELEASED if hash_of_model(RELEASED) == wanted else None


def train(wanted: str) -> Path:
    """Train, strip and name the model; a model appears in models/ only when it is whole."""
    quieten()
    from rasa.model_training import train as rasa_train

    with tempfile.TemporaryDirectory() as scratch:
        result = rasa_train(
            domain=str(ROOT / "domain.yml"),
            config=str(ROOT / "config.yml"),
            training_files=[str(ROOT / "data")],
            output=scratch,
            fixed_model_name=wanted,
        )
        if result.model is None or result.code not in (0, 1):
            raise SystemExit("Training made no model; the lines above say why.")
        say("taking out what serving does not need")
        slim = Path(scratch) / "slim.tar.gz"
        strip(Path(result.model), slim, wanted)
        MODELS.mkdir(exist_ok=True)
        target = MODELS / f"{wanted}.tar.gz"
        whole = target.with_suffix(".part")
        shutil.copyfile(slim, whole)
        os.replace(whole, target)
    return target


def strip(model: Path, slim: Path, wanted: str) -> None:
    """Copy a model without its optimiser's state, and write the hash of its inputs into it."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        with tarfile.open(model) as archive:
            archive.extractall(root)
        for index in root.glob("components/*/*.tf_model.index"):
            strip_checkpoint(index.with_suffix(""))
        (root / INPUTS_MEMBER).write_text(json.dumps({"hash": wanted}))
        with tarfile.open(slim, "w:gz") as archive:
            for path in sorted(root.iterdir()):
                archive.add(path, arcname=path.name)


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
    """Delete all but the newest few models; the released one stays."""
    others = [path for path in MODELS.glob("*.tar.gz") if path not in (keep, RELEASED)]
    others.sort(key=_modified, reverse=True)
    for path in others[KEPT_MODELS - 1 :]:
        path.unlink()


def _modified(path: Path) -> float:
    return path.stat().st_mtime


BEGAN = time.monotonic()


def say(text: str) -> None:
    """Print a line with the time since the start."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", flush=True)


class Steps(logging.Handler):
    """Turns Rasa's training log into one line a component."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say which component begins."""
        message = record.getMessage()
        if message.startswith("Starting to train component"):
            say(f"training {message.split(chr(39))[1].rsplit('.', 1)[-1]}")
        elif "Restored component" in message:
            say(f"{message.split(chr(39))[1].rsplit('.', 1)[-1]} has not changed")


def _unheard(*_: Any, **__: Any) -> None:
    """Libraries turn their warnings on again while they load."""


def quieten() -> None:
    """Keep the libraries' chatter away, and show the steps instead."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(ROOT / ".rasa" / "cache"))
    warnings.showwarning = _unheard
    logging.basicConfig(level=logging.ERROR)
    hooks = logging.getLogger("rasa.engine.training.hooks")
    hooks.setLevel(logging.INFO)
    hooks.propagate = False
    hooks.addHandler(Steps())


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description="Train the language model.")
    parser.add_argument("--if-changed", action="store_true", help="only when the inputs changed")
    parser.add_argument("--release", action="store_true", help="also make it the released model")
    options: Any = parser.parse_args(arguments)

    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    wanted = inputs_hash()
    model = up_to_date(wanted)
    if model is not None and options.if_changed:
        say(f"models/{model.name} is up to date")
        return NOTHING_TO_TRAIN
    if model is None or model == RELEASED:
        say(f"training model {wanted}")
        model = train(wanted)
        forget_old_models(keep=model)
    say(f"models/{model.name}, {model.stat().st_size / 1e6:.1f} MB")
    if options.release:
        shutil.copyfile(model, RELEASED)
        say(f"released as models/{RELEASED.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
