"""Draw what nlu_report.py measured: a page with pictures."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nlu_report import Report

MEASURES = {"intent": "intent", "entity_f1": "entity F1", "exact": "all right"}
MOST_CONFUSIONS = 20


def draw(model: str, reports: Sequence[Report], folder: Path) -> Path:
    """Write index.html and its pictures into the folder; return the page."""
    import matplotlib

    matplotlib.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    sections = [f"<h1>How {html.escape(model)} understands</h1>"]
    for report in reports:
        pictures = [
            _groups(report, folder),
            _reliability(report, folder),
            _confusions(report, folder),
        ]
        images = "".join(f'<img src="{name}" alt="">' for name in pictures if name)
        whole = html.escape(str(report.earned["all together"]))
        sections.append(f"<h2>{html.escape(report.name)}</h2><p>{whole}</p>{images}")
    page = folder / "index.html"
    style = "body{font-family:sans-serif;max-width:70em;margin:auto}img{max-width:100%}"
    page.write_text(
        f"<!doctype html><meta charset=utf-8><title>{html.escape(model)}</title>"
        f"<style>{style}</style>{''.join(sections)}"
    )
    return page


def _file(report: Report, kind: str) -> str:
    return f"{report.name.replace(' ', '-')}-{kind}.png"


def _save(figure: Any, folder: Path, name: str) -> str:
    from matplotlib import pyplot

    figure.tight_layout()
    figure.savefig(folder / name, dpi=110)
    pyplot.close(figure)
    return name


def _groups(report: Report, folder: Path) -> str:
    """Draw the figures by learner, voice, script and trade."""
    from matplotlib import pyplot

    rows = [(f"learner: {name}", found) for name, found in report.earned.items()]
    for kind, groups in report.by.items():
        if len(groups) > 1:
            rows += [(f"{kind}: {name} ({found.count})", found) for name, found in groups.items()]
    figure, axes = pyplot.subplots(figsize=(9, 1 + 0.42 * len(rows)))
    for order, (measure, label) in enumerate(MEASURES.items()):
        places = [place + order * 0.27 for place in range(len(rows))]
        axes.barh(places, [getattr(found, measure) for _, found in rows], 0.25, label=label)
    axes.set_yticks([place + 0.27 for place in range(len(rows))], [name for name, _ in rows])
    axes.set_xlim(0, 1)
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.4)
    axes.legend(loc="lower left")
    return _save(figure, folder, _file(report, "figures"))


def _reliability(report: Report, folder: Path) -> str:
    """Draw how often a confidence is right, and how many messages have it."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--")
    most = max(one.count for one in report.bins)
    for one in report.bins:
        axes.scatter(one.sure, one.right, s=40 + 400 * one.count / most, color="C0", alpha=0.7)
        axes.annotate(str(one.count), (one.sure, one.right))
    for threshold, name in zip(report.thresholds, ("act from", "ask below"), strict=True):
        axes.axvline(threshold, color="C1", linewidth=1)
        axes.annotate(name, (threshold, 0.02), rotation=90, fontsize=8)
    axes.set_xlabel("confidence")
    axes.set_ylabel("share right")
    return _save(figure, folder, _file(report, "reliability"))


def _confusions(report: Report, folder: Path) -> str:
    """Draw which intents are taken for which."""
    from matplotlib import pyplot

    worst = report.confused.most_common(MOST_CONFUSIONS)
    if not worst:
        return ""
    figure, axes = pyplot.subplots(figsize=(9, 1 + 0.3 * len(worst)))
    axes.barh([f"{meant} for {taken}" for (meant, taken), _ in worst], [n for _, n in worst])
    axes.invert_yaxis()
    axes.set_xlabel("messages")
    return _save(figure, folder, _file(report, "confusions"))
