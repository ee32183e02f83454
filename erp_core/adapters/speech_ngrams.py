"""A model of three words in a row, counted from sentences (Witten and Bell's smoothing)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

Run = tuple[str, ...]

START, END = "<s>", "</s>"
NEVER = -99.0
LEAST = 1e-6


def arpa(sentences: Iterable[str]) -> str:
    """The model in ARPA's form, as decoders read it."""
    counts = _counted(sentences)
    chances: list[dict[Run, float]] = []
    backoffs: list[dict[Run, float]] = []
    total = sum(counts[0].values())
    chances.append({run: count / total for run, count in counts[0].items()})
    for order in (1, 2):
        followers, seen = _contexts(counts[order])
        lower = chances[order - 1]
        chances.append(
            {
                run: (count + followers[run[:-1]] * lower[run[1:]])
                / (seen[run[:-1]] + followers[run[:-1]])
                for run, count in counts[order].items()
            }
        )
        backoffs.append(_left_over(chances[order], lower))
    return _written(chances, backoffs)


def _counted(sentences: Iterable[str]) -> list[Counter[Run]]:
    counts: list[Counter[Run]] = [Counter(), Counter(), Counter()]
    for sentence, times in Counter(sentences).items():
        words = (START, *sentence.split(), END)
        for size in (1, 2, 3):
            for at in range(len(words) - size + 1):
                run = words[at : at + size]
                if run != (START,):
                    counts[size - 1][run] += times
    return counts


def _contexts(counts: Counter[Run]) -> tuple[Counter[Run], Counter[Run]]:
    """For each run of words, how many different ones follow it, and how often."""
    followers: Counter[Run] = Counter()
    seen: Counter[Run] = Counter()
    for run, count in counts.items():
        followers[run[:-1]] += 1
        seen[run[:-1]] += count
    return followers, seen


def _left_over(chances: dict[Run, float], lower: dict[Run, float]) -> dict[Run, float]:
    """What is left for words that never followed, against what they have in the lower order."""
    taken: Counter[Run] = Counter()
    below: Counter[Run] = Counter()
    for run, chance in chances.items():
        taken[run[:-1]] += chance  # type: ignore[assignment]
        below[run[:-1]] += lower[run[1:]]  # type: ignore[assignment]
    return {run: max(1 - taken[run], LEAST) / max(1 - below[run], LEAST) for run in taken}


def _written(chances: list[dict[Run, float]], backoffs: list[dict[Run, float]]) -> str:
    lines = ["\\data\\", f"ngram 1={len(chances[0]) + 1}"]
    lines += [f"ngram {order}={len(chances[order - 1])}" for order in (2, 3)]
    for order in (1, 2, 3):
        lines += ["", f"\\{order}-grams:"]
        back = backoffs[order - 1] if order < 3 else {}
        rows: dict[Run, float] = {(START,): NEVER} if order == 1 else {}
        rows |= {run: math.log10(chance) for run, chance in chances[order - 1].items()}
        for run, chance in sorted(rows.items()):
            tail = f" {math.log10(back.get(run, 1.0)):.4f}" if order < 3 else ""
            lines.append(f"{chance:.4f} {' '.join(run)}{tail}")
    return "\n".join([*lines, "", "\\end\\", ""])
