"""Measure the reading of bills by kind and by damage, beside plain Tesseract, and draw it.

    python scripts/receipts_report.py [--each 1] [--seed 5] [--workers 2]

Bills are drawn anew; what is found goes to results/receipts: report.json, report.md and two
pictures. What each step of the preparation and the model is worth is measured by leaving it out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_THREAD_LIMIT", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import receipts  # noqa: E402
from bench._bills import KINDS, make  # noqa: E402
from bench._damage import DAMAGES, LIGHT  # noqa: E402
from bench.receipts import Outcome  # noqa: E402
from erp_core.adapters.tesseract import is_installed  # noqa: E402
from erp_core.receipts.picture import STEPS  # noqa: E402

TARGET = ROOT / "results" / "receipts"
STEPS_ON = {
    "kinds": ("retail", "kirana"),
    "damages": ("fade", "shadow", "skew", "camera", "side"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=1)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if not is_installed():
        print("There is no Tesseract: `sudo apt-get install tesseract-ocr tesseract-ocr-hin`.")
        return 1
    with tempfile.TemporaryDirectory() as made, ProcessPoolExecutor(options.workers) as pool:
        folder = Path(made)
        make(
            folder,
            each=options.each,
            seed=options.seed,
            kinds=KINDS,
            damages=tuple(DAMAGES),
            today=receipts.DRAWN,
        )
        report = measure(sorted(folder.glob("*.jpg")), pool.map)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "report.json").write_text(json.dumps(report, indent=1))
    text = words(report)
    (TARGET / "report.md").write_text(text)
    draw(report)
    print(text)
    print(f"Drawn in {TARGET.relative_to(ROOT)}.")
    return 0


def measure(paths: Sequence[Path], pool_map: Callable[..., Any]) -> dict[str, Any]:
    """All figures of the report."""

    def judged(chosen: Sequence[Path], *, naive: bool = False, without: str = "") -> list[Outcome]:
        tasks = [(path, naive, receipts.DRAWN, [without]) for path in chosen]
        print(
            f"{len(tasks)} pictures {'naively' if naive else 'without ' + (without or 'nothing')}"
        )
        return list(pool_map(receipts.judge, tasks))

    ours, naive = judged(paths), judged(paths, naive=True)
    some = [path for path in paths if all(one in STEPS_ON[key] for key, one in _parts(path))]
    without = {part: judged(some, without=part) for part in (*STEPS, "model")}
    chosen = {path.stem for path in some}
    return {
        "pictures": len(paths),
        "all": shares(ours),
        "clean_and_lightly_damaged": shares([o for o in ours if o.name.split("-")[1] in LIGHT]),
        "naive": shares(naive),
        "by_kind": _grouped(ours, 0),
        "naive_by_kind": _grouped(naive, 0),
        "by_damage": _grouped(ours, 1),
        "naive_by_damage": _grouped(naive, 1),
        "with_all_steps": shares([o for o in ours if o.name in chosen]),
        "without_step": {step: shares(outcomes) for step, outcomes in without.items()},
        "seconds": receipts.figures(ours)["seconds"],
    }


def _parts(path: Path) -> list[tuple[str, str]]:
    kind, damage, _ = path.stem.split("-")
    return [("kinds", kind), ("damages", damage)]


def _grouped(outcomes: Sequence[Outcome], part: int) -> dict[str, dict[str, float]]:
    names = dict.fromkeys(outcome.name.split("-")[part] for outcome in outcomes)
    return {n: shares([o for o in outcomes if o.name.split("-")[part] == n]) for n in names}


def shares(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The share of bills with date and total right, and so on."""
    found = receipts.figures(outcomes)
    fields = found["fields"]
    total = fields.get("total_paise", {})
    return {
        "date_and_total": found["date_and_total"],
        "vendor": fields.get("vendor", {}).get("right", 0.0),
        "gstin": fields.get("vendor_gstin", {}).get("right", 1.0),
        "gst": min(
            (fields[key]["right"] for key in ("cgst_paise", "igst_paise") if key in fields),
            default=1.0,
        ),
        "confident": total.get("not_asked", 0.0),
        "wrong_if_confident": total.get("wrong_of_not_asked", 0.0),
    }


def words(report: Mapping[str, Any]) -> str:
    """The report as text."""
    lines = [f"# Reading bills: {report['pictures']} pictures", ""]
    lines += ["| | date and total | naive | vendor | GST | total not asked | of these wrong |"]
    lines += ["|---|---|---|---|---|---|---|"]
    lines.append(_line("all", report["all"], report["naive"]))
    light = report["clean_and_lightly_damaged"]
    lines.append(_line("clean and lightly damaged", light, None))
    for key in ("kind", "damage"):
        for name, figures in report[f"by_{key}"].items():
            lines.append(_line(name, figures, report[f"naive_by_{key}"][name]))
    lines += ["", "| left out | date and total | vendor |", "|---|---|---|"]
    steps = {"nothing": report["with_all_steps"], **report["without_step"]}
    for name, figures in steps.items():
        lines.append(f"| {name} | {figures['date_and_total']:.0%} | {figures['vendor']:.0%} |")
    lines += ["", f"Seconds by stage: {json.dumps(report['seconds'])}", ""]
    return "\n".join(lines)


def _line(name: str, ours: Mapping[str, float], naive: Mapping[str, float] | None) -> str:
    beside = f"{naive['date_and_total']:.0%}" if naive else ""
    return (
        f"| {name} | {ours['date_and_total']:.0%} | {beside} | {ours['vendor']:.0%} | "
        f"{ours['gst']:.0%} | {ours['confident']:.0%} | {ours['wrong_if_confident']:.1%} |"
    )


def draw(report: Mapping[str, Any]) -> None:
    """Bars by kind and by damage, ours beside the naive ones."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    for key in ("kind", "damage"):
        ours, naive = report[f"by_{key}"], report[f"naive_by_{key}"]
        figure, axes = pyplot.subplots(figsize=(8, 3.6))
        places = range(len(ours))
        axes.bar([p - 0.2 for p in places], _values(ours), 0.4, label="Bahi", color="#128c7e")
        axes.bar([p + 0.2 for p in places], _values(naive), 0.4, label="naive", color="#c9c9c9")
        axes.set_xticks(list(places), [name.replace("_", "-") for name in ours])
        axes.set_ylim(0, 1.05)
        axes.set_title(f"Date and total both right, by {key}")
        axes.legend(loc="lower right")
        figure.tight_layout()
        figure.savefig(TARGET / f"by_{key}.png", dpi=110)
        pyplot.close(figure)


def _values(figures: Mapping[str, Mapping[str, float]]) -> list[float]:
    return [one["date_and_total"] for one in figures.values()]


if __name__ == "__main__":
    sys.exit(main())
