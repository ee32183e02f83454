"""A whole Bahi for a benchmark: a shop with goods enough, and the processes that serve it."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import yaml
from redis import Redis

from bench._chat import NUMBER, SECRETS, phone_of
from bench._servers import (
    ROOT,
    answers,
    free_port,
    process,
    say,
    temporary_folder,
    wait_until,
)
from channels.whatsapp import lean
from channels.whatsapp.leases import BEATS_PER_LEASE, LEASE_MS
from channels.whatsapp.metrics import TALLIES
from channels.whatsapp.process import metadata_of
from erp_core.stores import Stores

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "SQLALCHEMY_WARN_20": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONPATH": str(ROOT),
}
LOAD_SECONDS = 240.0
PROCESSES = ("gateway", "worker", "sender")
ROUNDS = 3
ADDED_BY_RASA = {"RegexMessageHandler"}
"""What stands in a trained pipeline and in no config."""


class NoModel(RuntimeError):
    """There is no trained model."""


def newest_model() -> Path:
    """The model to measure with: BAHI_MODEL, else the newest in models/. Raises NoModel."""
    if os.environ.get("BAHI_MODEL"):
        return Path(os.environ["BAHI_MODEL"]).resolve()
    found = sorted((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise NoModel("there is no model in models/: run `make train` first")
    return found[-1]


def pin_model() -> Path:
    """Have every process use this one model, whatever is trained meanwhile. Raises NoModel."""
    model = newest_model()
    os.environ["BAHI_MODEL"] = str(model)
    return model


def stock_model(*, earlier: bool = False) -> Path:
    """The model of this checkout with Rasa's own DIET in place of ours, trained once and kept.

    `earlier`: one that learned from earlier training files will do, as for default_model.

    Ours computes the same and costs a tenth, so that a model with it is no stock model.
    """
    config = (ROOT / "config.yml").read_text("utf-8")
    config = config.replace("nlu.joint.JointClassifier", "DIETClassifier")
    return _kept(config, earlier=earlier)


def default_model(*, earlier: bool = False) -> Path:
    """A model of the same examples with the pipeline that Rasa proposes, trained once and kept.

    For its speed only: it is trained for a few rounds, which say nothing of how well it reads.
    """
    proposed = files("rasa.engine.recipes.config_files") / "default_config.yml"
    config = yaml.safe_load(proposed.read_text("utf-8"))
    for component in config["pipeline"]:
        if "epochs" in component:
            component["epochs"] = ROUNDS
    config = yaml.safe_dump({**config, "policies": [{"name": "RulePolicy"}]})
    return _kept(config, earlier=earlier)


def offer_earlier_peers(parser: argparse.ArgumentParser) -> None:
    """Let a benchmark be run beside peers that were trained before."""
    parser.add_argument(
        "--earlier-peers",
        action="store_true",
        help="take stock models of earlier training files, if any: they take as long to read with",
    )


def _kept(config: str, *, earlier: bool) -> Path:
    """The model of this checkout's data by a config, from the cache or trained."""
    inputs = [ROOT / "domain.yml", *sorted((ROOT / "data").rglob("*.yml"))]
    digest = sha256(config.encode() + b"".join(path.read_bytes() for path in inputs))
    kept = ROOT / ".cache" / "stock-models" / f"{digest.hexdigest()[:12]}.tar.gz"
    if not kept.exists():
        before = newest_like(config, kept.parent) if earlier else None
        if before is not None:
            return before
        say("  training stock Rasa's model, once")
        _train(config, kept)
    return kept


def newest_like(config: str, folder: Path) -> Path | None:
    """The newest model there that has the components of a config's pipeline and no others."""
    wanted = {_class_name(component["name"]) for component in yaml.safe_load(config)["pipeline"]}
    for model in sorted(folder.glob("*.tar.gz"), key=lambda path: -path.stat().st_mtime):
        used = lean.components(metadata_of(model))
        reading = {_class_name(name) for name in used if ".nlu." in f".{name}"}
        if reading - ADDED_BY_RASA == wanted:
            return model
    return None


def _class_name(component: str) -> str:
    return component.rpartition(".")[2]


def _train(config: str, model: Path) -> None:
    model.parent.mkdir(parents=True, exist_ok=True)
    with temporary_folder() as folder:
        (folder / "config.yml").write_text(config, "utf-8")
        subprocess.run(
            [
                *(sys.executable, "-m", "rasa", "train", "--config", str(folder / "config.yml")),
                *("--out", str(folder), "--fixed-model-name", "stock"),
            ],
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        shutil.move(folder / "stock.tar.gz", model)


@dataclass
class Site:
    """Where one Bahi lives, and the environment of its processes."""

    folder: Path
    stores: Stores
    port: int
    graph_port: int
    graph_path: str = ""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **ONE_THREAD,
            **SECRETS,
            "BAHI_DATA_DIR": str(self.folder),
            "BAHI_PORT": str(self.port),
            "DATABASE_URL": self.stores.urls["database_url"],
            "REDIS_URL": self.stores.urls["redis_url"],
            "WHATSAPP_API_URL": f"http://127.0.0.1:{self.graph_port}{self.graph_path}",
            "BAHI_MESSAGES_PER_SECOND": "100000",
            "BAHI_LOG_LEVEL": os.environ.get("BAHI_LOG_LEVEL", "WARNING"),
        }

    @contextlib.contextmanager
    def start(self, name: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """One of Bahi's processes; its log is in the folder."""
        log = self.folder / f"{name}.log"
        with process([sys.executable, *command], environment=self.environment, log=log) as running:
            self.running[name] = running
            yield running

    def bahi(self, *arguments: str) -> None:
        """Run a command of the command line."""
        done = subprocess.run(
            [sys.executable, "-m", "erp_core", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"bahi {' '.join(arguments)}: {done.stderr.strip()[-500:]}")

    def logs(self) -> str:
        """The ends of all logs, for when something went wrong."""
        parts = [
            f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}"
            for path in sorted(self.folder.glob("*.log"))
        ]
        return "\n".join(parts)


def texts_known(site: Site) -> float:
    """The share of texts so far that the worker had just read before, so that it need not again."""
    time.sleep(1.5 * LEASE_MS / BEATS_PER_LEASE / 1000)
    counts = Redis.from_url(site.stores.urls["redis_url"]).hgetall(TALLIES)
    known, new = (float(counts.get(b"bahi_parses|text=" + one, 0)) for one in (b"known", b"new"))
    return round(known / max(1.0, known + new), 3)


def open_shop(site: Site, *, writers: int) -> None:
    """Migrate, and load the demo shop with goods without end and so many owners who write."""
    shop = yaml.safe_load((ROOT / "demo" / "sharma_electronics.yml").read_text("utf-8"))
    shop["business"]["phone_number_id"] = NUMBER
    for product in shop["products"]:
        product["stock"] = "1000000"
    shop["users"] += [
        {"name": "Sharma", "phone": phone_of(number), "role": "owner"} for number in range(writers)
    ]
    path = site.folder / "shop.yml"
    path.write_text(yaml.safe_dump(shop, allow_unicode=True), "utf-8")
    site.bahi("migrate")
    site.bahi("shop", "load", str(path))


@contextlib.contextmanager
def serving(
    folder: Path,
    stores: Stores,
    *,
    graph_port: int,
    writers: int,
    processes: Sequence[str] = PROCESSES,
) -> Iterator[Site]:
    """Bahi's processes, ready to take messages."""
    site = Site(folder, stores, free_port(), graph_port)
    open_shop(site, writers=writers)
    with processes_of(site, processes):
        yield site


@contextlib.contextmanager
def processes_of(
    site: Site, names: Sequence[str] = PROCESSES, *, workers: int = 1
) -> Iterator[None]:
    """The processes of a site whose shops are open, from when they are ready until they ended."""
    more = {f"worker {number}": "worker" for number in range(2, workers + 1)}
    with contextlib.ExitStack() as stack:
        for name, module in {**{name: name for name in names}, **more}.items():
            stack.enter_context(site.start(name, "-m", f"channels.whatsapp.{module}"))
        ready = "readyz" if "worker" in names else "healthz"
        url = f"http://127.0.0.1:{site.port}/{ready}"
        try:
            wait_until(lambda: answers(url), LOAD_SECONDS, ready, list(site.running.values()))
            yield
        except BaseException:
            print(site.logs(), file=sys.stderr)
            raise
