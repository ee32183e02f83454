"""`bahi model …`: which models there are, which one serves, and how a candidate does beside it."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from redis import Redis
from redis.exceptions import RedisError

from erp_core import model_store as store
from erp_core.kernel.settings import Settings
from erp_core.model_store import Choice, Model, NoSuchModel

WORKERS = "bahi:workers"
TALLIES = "bahi:tallies"
"""What workers tell of themselves, and what they count (channels.whatsapp.keys and metrics)."""

ALIVE_SECONDS = 15.0
ZONE = ZoneInfo("Asia/Kolkata")
FIGURES = {"intent": "intent", "entity_f1": "entity F1", "exact": "all right"}
NEWEST = "newest"


def add_to(commands: Any) -> None:
    """Add `model` to the commands of `bahi`."""
    model = commands.add_parser("model", help="list, choose and compare language models")
    actions = model.add_subparsers(title="commands", required=True, metavar="COMMAND")

    names = actions.add_parser("list", help="which models there are, and which one serves")
    names.set_defaults(run=_list)

    use = actions.add_parser("use", help="serve this model, or the newest again")
    use.add_argument("model", metavar="MODEL", help="an id from the list, `released` or `newest`")
    use.set_defaults(run=_use)

    try_ = actions.add_parser("try", help="let a share of the chats talk to another model")
    try_.add_argument("model", metavar="MODEL", help="an id from the list, or `released`")
    try_.add_argument("--share", type=_percent, default=10, help="percent of the chats; 0 ends it")
    try_.set_defaults(run=_try)

    figures = actions.add_parser("figures", help="how the models that serve do, side by side")
    figures.add_argument("--json", action="store_true", help="as JSON")
    figures.set_defaults(run=_figures)


def _percent(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 100:
        raise argparse.ArgumentTypeError("a share is a whole number from 0 to 100")
    return int(text)


class Options(Protocol):
    """What was typed."""

    model: str
    share: int
    json: bool


def _list(_: Options) -> int:
    settings = Settings.load()
    folder = _folder()
    choice = store.chosen(settings.data_dir)
    serving = _serving_now(settings)
    here = store.inputs_hash()
    known = _once_each(store.models(folder))
    if not known:
        raise NoSuchModel(f"There is no model in {folder} yet: `make train` makes one.")
    rows = [["model", "trained", *FIGURES.values(), "size", ""]]
    for model, released in known:
        notes = _notes(model, released=released, choice=choice, serving=serving, here=here)
        rows.append([model.id, _when(model), *_shares(model), f"{model.bytes / 1e6:.1f} MB", notes])
    _print_table(rows)
    if serving is None:
        print("No worker runs.")
    return 0


def _folder() -> Path:
    folder = store.models_folder()
    if folder.is_file():
        raise NoSuchModel(f"BAHI_MODEL names one file, {folder}, which is all that is served.")
    return folder


def _once_each(models: Sequence[Model]) -> list[tuple[Model, bool]]:
    """Models by id, the file of that name before the released copy of it."""
    released = {model.id for model in models if model.path.name == f"{store.RELEASED}.tar.gz"}
    found: dict[str, Model] = {}
    for model in models:
        if model.id not in found or model.path.name.startswith(model.id):
            found[model.id] = model
    return [(model, model.id in released) for model in found.values()]


def _notes(
    model: Model,
    *,
    released: bool,
    choice: Choice,
    serving: Sequence[Mapping[str, str]] | None,
    here: str,
) -> str:
    workers = serving or []
    current = sum(one.get("model") == model.id for one in workers)
    tried = sum(one.get("candidate") == model.id for one in workers)
    notes = {
        f"serves in {current} of {len(workers)} workers": current,
        f"tried in {tried} of {len(workers)} workers": tried,
        f"candidate for {choice.share} %": choice.share and choice.candidate == model.id,
        "chosen": choice.use == model.id,
        "released": released,
        "made of the files as they are": model.id == here,
    }
    return ", ".join(note for note, holds in notes.items() if holds)


def _when(model: Model) -> str:
    return f"{model.trained_at.astimezone(ZONE):%Y-%m-%d %H:%M}" if model.trained_at else "–"


def _shares(model: Model) -> list[str]:
    return [
        "–" if name not in model.figures else f"{100 * model.figures[name]:.1f} %"
        for name in FIGURES
    ]


def _use(options: Options) -> int:
    settings = Settings.load()
    folder = _folder()
    before = store.chosen(settings.data_dir)
    if options.model == NEWEST:
        choice = replace(before, use=None, start=None, started=0.0)
        said = "The model that was put in place last serves."
    else:
        model = _fitting(folder, options.model)
        choice = replace(before, use=model.id)
        if model.id == before.candidate:
            choice = choice.without_trial()
        said = f"{model.id} serves until `bahi model use {NEWEST}`."
    store.choose(settings.data_dir, choice)
    print(said, _ROLL_OUT)
    return 0


def _fitting(folder: Path, name: str) -> Model:
    """Return the model of a name. Raises NoSuchModel, also for one that cannot serve here."""
    model = store.find(folder, name)
    why = store.misfit(model.path)
    if why:
        raise NoSuchModel(
            f"{model.id} cannot serve, and nothing was changed: {why}. "
            "Take another from `bahi model list`, or make one with `make train`."
        )
    return model


_ROLL_OUT = (
    "Workers take it up one after the other, each when it has loaded it; "
    "`bahi model list` shows how far they are."
)


def _try(options: Options) -> int:
    settings = Settings.load()
    before = store.chosen(settings.data_dir)
    if options.share == 0:
        model = store.find(_folder(), options.model)
        store.choose(settings.data_dir, before.without_trial())
        print(f"{model.id} is tried no more.", _ROLL_OUT)
        return 0
    model = _fitting(_folder(), options.model)
    since = before.since
    if before.candidate != model.id or since is None:
        since = datetime.now(timezone.utc).isoformat(timespec="seconds")
        _count_anew(settings)
    trial = replace(before, candidate=model.id, share=options.share, since=since)
    store.choose(settings.data_dir, trial)
    print(f"{options.share} % of the chats talk to {model.id}.", _ROLL_OUT)
    return 0


def _count_anew(settings: Settings) -> None:
    """Both models are compared over the same time."""
    redis = _redis(settings)
    try:
        fields = [field for field in redis.hkeys(TALLIES) if field.startswith(b"bahi_model_")]
        if fields:
            redis.hdel(TALLIES, *fields)
    except RedisError:
        return


def _redis(settings: Settings) -> Any:
    if not settings.redis_url:
        raise NoSuchModel("No queue is running: start `make run`, or set REDIS_URL.")
    return Redis.from_url(settings.redis_url, socket_connect_timeout=3, socket_timeout=5)


def _serving_now(settings: Settings) -> list[dict[str, str]] | None:
    """What each worker alive serves; None without one."""
    try:
        beats = [json.loads(beat) for beat in _redis(settings).hvals(WORKERS)]
    except (NoSuchModel, RedisError):
        return None
    now = datetime.now(timezone.utc).timestamp()
    return [beat for beat in beats if now - beat["at"] < ALIVE_SECONDS] or None


# Figures


@dataclass
class Counted:
    """What was counted of one model."""

    turns: float = 0
    seconds: float = 0
    texts: float = 0
    confidence: float = 0
    fallbacks: float = 0
    confirmed: float = 0
    refused: float = 0

    def __post_init__(self) -> None:
        self.within: dict[float, float] = defaultdict(float)

    def facts(self) -> dict[str, float | None]:
        """Shares between 0 and 1, times in seconds; None where there is nothing to divide by."""
        answered = self.confirmed + self.refused
        return {
            "turns": self.turns,
            "texts": self.texts,
            "fallback": _ratio(self.fallbacks, self.texts),
            "confidence": _ratio(self.confidence, self.texts),
            "seconds": _ratio(self.seconds, self.turns),
            "seconds_p95": _percentile(self.within, 0.95),
            "confirmations": answered,
            "refused": _ratio(self.refused, answered),
        }


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _percentile(within: Mapping[float, float], share: float) -> float | None:
    """The bound that this share stays within; the buckets count each turn once."""
    left = share * sum(within.values())
    for bound in sorted(within):
        left -= within[bound]
        if left <= 0:
            return bound
    return None


def counted(tallies: Mapping[bytes, bytes]) -> dict[str, Counted]:
    """The workers' tallies by model."""
    found: dict[str, Counted] = defaultdict(Counted)
    for field, amount in tallies.items():
        name, *pairs = field.decode().split("|")
        labels = dict(pair.split("=", 1) for pair in pairs)
        if not name.startswith("bahi_model_") or "model" not in labels:
            continue
        model, number = found[labels["model"]], float(amount)
        part = name[len("bahi_model_") :]
        if part == "turns_within":
            model.within[float(labels["le"].replace("+Inf", "inf"))] += number
        elif part == "confirmations":
            answer = "refused" if labels.get("answer") == "deny" else "confirmed"
            setattr(model, answer, getattr(model, answer) + number)
        elif part in Counted.__dataclass_fields__:
            setattr(model, part, number)
    return found


LINES = {
    "turns": ("turns", "{:.0f}", 1),
    "texts": ("texts read", "{:.0f}", 1),
    "fallback": ("not understood", "{:.1f} %", 100),
    "confidence": ("mean confidence", "{:.3f}", 1),
    "seconds": ("a turn, mean", "{:.1f} ms", 1000),
    "seconds_p95": ("95 % within", "{:.0f} ms", 1000),
    "confirmations": ("confirmations answered", "{:.0f}", 1),
    "refused": ("  with no", "{:.1f} %", 100),
}


def _figures(options: Options) -> int:
    settings = Settings.load()
    try:
        tallies = _redis(settings).hgetall(TALLIES)
    except RedisError:
        raise NoSuchModel(
            "The queue cannot be reached: check REDIS_URL and that it runs."
        ) from None
    by_model = counted(tallies)
    choice = store.chosen(settings.data_dir)
    known = {model.id: model for model, _ in _once_each(store.models(_folder()))}
    serving = _serving_now(settings) or []
    ids = _in_order(by_model, serving, choice)
    facts = {one: by_model[one].facts() if one in by_model else Counted().facts() for one in ids}
    on_trial = choice.candidate if choice.share else None
    if options.json:
        print(json.dumps({"since": choice.since, "candidate": on_trial, "models": facts}, indent=2))
        return 0
    if not ids:
        print("Nothing has been counted yet.")
        return 0
    if choice.since:
        since = datetime.fromisoformat(choice.since).astimezone(ZONE)
        print(f"since {since:%Y-%m-%d %H:%M}")
    rows = [["", *(f"{one} ({choice.share} %)" if one == on_trial else one for one in ids)]]
    for name, label in FIGURES.items():
        told = [known[one].figures.get(name) if one in known else None for one in ids]
        rows.append([f"development set: {label}", *(_shown(t, "{:.1f} %", 100) for t in told)])
    for name, (label, form, factor) in LINES.items():
        rows.append([label, *(_shown(facts[one][name], form, factor) for one in ids)])
    _print_table(rows)
    return 0


def _in_order(
    by_model: Mapping[str, Counted], serving: Sequence[Mapping[str, str]], choice: Choice
) -> list[str]:
    """What serves first, the candidate next, then what served before."""
    now = [one["model"] for one in serving if "model" in one]
    tried = [choice.candidate] if choice.candidate and choice.share else []
    current = [one for one in now if one not in tried]
    return list(dict.fromkeys([*current, *tried, *now, *sorted(by_model)]))


def _shown(value: float | None, form: str, factor: float) -> str:
    if value is None:
        return "–"
    if value == float("inf"):
        return "more"
    return form.format(value * factor)


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())
