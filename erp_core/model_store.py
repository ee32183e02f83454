"""The language models at hand: which there are, which one serves, and which one is on trial.

A model is a .tar.gz in `models/`, named by the hash of all that it was made from. What was put
there last serves, unless somebody chose another, or Bahi was started since with files that another
was made from. What was chosen lies in the data directory, where every worker of the machine sees
it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RELEASED = "released"
SUFFIX = ".tar.gz"
ABOUT = "inputs.json"
"""The member of a model that tells of it: hash, trained_at, figures."""

INPUTS = ("config.yml", "domain.yml", "data/**/*.yml", "nlu/**/*.py", "nlu/**/*.yml")
INPUT_MODULES = (
    "erp_core/kernel/hindi_numbers.py",
    "erp_core/kernel/known_names.py",
    "erp_core/kernel/spelling.py",
)


class NoSuchModel(Exception):
    """No model, or more than one, goes by a name; the text is a sentence."""


def inputs_hash(root: Path = ROOT) -> str:
    """The hash of all that a model trained in this checkout depends on."""
    digest = hashlib.sha256()
    for path in sorted({*_input_files(root)}):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _input_files(root: Path) -> Iterator[Path]:
    for pattern in (*INPUTS, *INPUT_MODULES):
        yield from (path for path in root.glob(pattern) if path.is_file())


@dataclass(frozen=True)
class Model:
    """A model and what it tells of itself. figures: shares between 0 and 1 on the development set,
    empty for a model that `rasa train` made."""

    path: Path
    id: str
    trained_at: datetime | None
    figures: Mapping[str, Any] = field(hash=False)
    bytes: int


def about(path: Path) -> dict[str, Any]:
    """What a model tells of itself; empty where it tells nothing."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.name == ABOUT:
                    file = archive.extractfile(member)
                    found: dict[str, Any] = json.load(file) if file else {}
                    return found
    except (OSError, EOFError, ValueError, tarfile.TarError):
        pass
    return {}


def read(path: Path) -> Model:
    """A model by its file. Raises FileNotFoundError."""
    told = about(path)
    trained = told.get("trained_at")
    return Model(
        path=path,
        id=told.get("hash") or path.name.removesuffix(SUFFIX),
        trained_at=datetime.fromisoformat(trained) if trained else None,
        figures=told.get("figures") or {},
        bytes=path.stat().st_size,
    )


METADATA = "metadata.json"
"""The member of a model that names its components."""
OURS = "nlu."
"""What the names of our own components begin with."""


def misfit(path: Path, root: Path = ROOT) -> str | None:
    """Why a model cannot serve with the components of this checkout; None where it fits them.

    Names that are not in their source tell: a component that there is no more, or a file that none
    of them keeps any more.
    """
    try:
        with tarfile.open(path) as archive:
            told = {member.name.removeprefix("./"): member for member in archive}
            metadata = archive.extractfile(told[METADATA])
            nodes = json.load(metadata)["predict_schema"]["nodes"] if metadata else {}
    except (OSError, EOFError, KeyError, ValueError, tarfile.TarError):
        return "its file is damaged, or no model at all"
    for name in sorted({node["uses"] for node in nodes.values()}):
        module, _, component = name.rpartition(".")
        source = root.joinpath(*module.split(".")).with_suffix(".py")
        if name.startswith(OURS) and f"class {component}(" not in _text(source):
            return f"it needs {name}, which is not here"
    sources = "".join(map(_text, sorted((root / "nlu").glob("*.py"))))
    for file in sorted(map(PurePosixPath, told)):
        component = file.parent.name.removeprefix("train_").rstrip("0123456789")
        if component.startswith(OURS) and f'"{file.name}"' not in sources:
            return f"{component} has no {file.name} any more"
    return None


def _text(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def models(folder: Path) -> list[Model]:
    """All models of a folder, the one put there last first."""
    return [read(path) for path in newest_first(folder)]


def newest_first(folder: Path) -> list[Path]:
    """The files of a folder's models; one that vanishes meanwhile is the oldest."""
    return sorted(folder.glob(f"*{SUFFIX}"), key=_placed, reverse=True)


def _placed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def find(folder: Path, name: str) -> Model:
    """The model of an id, an id's beginning, or a file's name. Raises NoSuchModel."""
    known = models(folder)
    for fits in (_is_file, _is_id, _begins):
        found = [model for model in known if fits(model, name)]
        if found:
            if len({model.id for model in found}) > 1:
                ids = ", ".join(sorted({model.id for model in found}))
                raise NoSuchModel(f"More than one model begins with {name}: {ids}.")
            return found[0]
    raise NoSuchModel(f"There is no model {name}: `bahi model list` names them all.")


def _is_file(model: Model, name: str) -> bool:
    return model.path.name in (name, name + SUFFIX)


def _is_id(model: Model, name: str) -> bool:
    return model.id == name


def _begins(model: Model, name: str) -> bool:
    return bool(name) and model.id.startswith(name)


def matching(folder: Path, wanted: str) -> Path | None:
    """The model of these inputs, if there is one."""
    trained = folder / f"{wanted}{SUFFIX}"
    if trained.exists():
        return trained
    released = folder / f"{RELEASED}{SUFFIX}"
    return released if about(released).get("hash") == wanted else None


# What somebody chose


@dataclass(frozen=True)
class Choice:
    """What somebody decided. use: the model's id, None for whatever was put in place last.
    share: percent of the chats that talk to the candidate. since: when the trial began (ISO).
    start: the file that served from the start on, until a later one was put in place;
    started: when that was (epoch seconds)."""

    use: str | None = None
    candidate: str | None = None
    share: int = 0
    since: str | None = None
    start: str | None = None
    started: float = 0.0

    def without_trial(self) -> Choice:
        """No candidate any more."""
        return replace(self, candidate=None, share=0, since=None)


def choice_file(data_dir: Path) -> Path:
    """Where the choice lies."""
    return data_dir / "model.json"


def chosen(data_dir: Path) -> Choice:
    """What was decided; nothing, where nobody did."""
    try:
        return Choice(**json.loads(choice_file(data_dir).read_text()))
    except (OSError, ValueError, TypeError):
        return Choice()


def choose(data_dir: Path, choice: Choice) -> None:
    """Decide; workers see the whole of it or nothing."""
    data_dir.mkdir(parents=True, exist_ok=True)
    draft = data_dir / f"model.json.{os.getpid()}"
    draft.write_text(json.dumps(asdict(choice)))
    draft.replace(choice_file(data_dir))


@dataclass(frozen=True)
class Serving:
    """What a worker serves: a model, and for a share of the chats (percent) a candidate.

    stamp: tells a file from the one that it replaced.
    """

    model: Path
    candidate: Path | None = None
    share: int = 0
    stamp: tuple[int, ...] = ()

    def __str__(self) -> str:
        tried = f" with {self.candidate.name} for {self.share} %" if self.candidate else ""
        return f"{self.model.name}{tried}"


def models_folder() -> Path:
    """Where models are looked for: BAHI_MODEL, else models/."""
    return Path(os.environ.get("BAHI_MODEL") or "models")


def wanted(folder: Path, data_dir: Path, *, without: Collection[Serving] = ()) -> Serving | None:
    """What is to be served now; `without` what cannot be loaded. A folder that is a file is it."""
    if not folder.is_dir():
        only = _serving(folder) if folder.exists() else None
        return only if only not in without else None
    choice = chosen(data_dir)
    order = newest_first(folder)
    first = _file_of(folder, choice.use)
    if first is None and choice.start and not (order and _placed(order[0]) > choice.started):
        first = next((path for path in order if path.name == choice.start), None)
    if first:
        order = [first, *(path for path in order if path != first)]
    candidate = _file_of(folder, choice.candidate) if choice.share else None
    for path in order:
        both = _serving(path, candidate, choice.share)
        alone = _serving(path)
        for serving in (both, alone) if candidate not in (None, path) else (alone,):
            if serving not in without:
                return serving
    return None


def _serving(path: Path, candidate: Path | None = None, share: int = 0) -> Serving:
    stamps = [_stamp(one) for one in (path, candidate) if one]
    return Serving(path, candidate, share, tuple(number for one in stamps for number in one))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (status.st_ino, status.st_size)


_known_ids: dict[tuple[Path, tuple[int, int]], str] = {}


def _file_of(folder: Path, wanted_id: str | None) -> Path | None:
    """The file of an id; looked at often, so each file is opened once."""
    if wanted_id is None:
        return None
    named = folder / f"{wanted_id}{SUFFIX}"
    if named.exists():
        return named
    for path in newest_first(folder):
        key = (path, _stamp(path))
        if key not in _known_ids:
            _known_ids[key] = about(path).get("hash") or ""
        if _known_ids[key] == wanted_id:
            return path
    return None
