"""Finding a thing by what somebody calls it, in any script or spelling, with words left out."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import yaml
from rapidfuzz import fuzz, process

from erp_core.kernel.by_ear import heard, shaped_alike, spoken
from erp_core.kernel.spelling import fold, skeleton, sound

T = TypeVar("T")
Numbers = npt.NDArray[np.float64]

EXACT = 100.0
CERTAIN = 85.0
"""From here on every word that was said is in the name; below, a match is a "did you mean"."""
ALL_SAID = 95.0
"""From here on every word that was said stands in the name as it was said."""
WORTH_ASKING = 60.0

_NEARLY_NAMED = 80.0
"""A whole name looks so much like what was said, when it is that name mistyped."""
_NEARLY_SOUNDS = 88.0
"""Four consonants and a fifth between them."""
_SHORTLY_SOUNDS = 65.0
"""Vowels and all, of words with two consonants."""
_CLOSELY_SPOKEN = (EXACT, EXACT, EXACT, 80.0, 75.0, 70.0)
"""How alike words are, vowels and all, that have so many consonants in common."""
_SIMILAR = 75.0
_UNLIKE = 74.0
"""A short word that begins otherwise is another name, and is asked about: Varma, Sharma."""
_BEGINNING = 94.0
_SHORTEST = 3
_ABBREVIATED = (2, 3)
"""How many letters a model's name is cut to: "ip15", "rn13", "sgm34"."""
_LOOK_ALIKE = 5
"""Shorter words say too little to be taken for one another."""
_MOST_LOOK_ALIKES = 50
_DOING = "ing"
_NOT_IN_NUMBERS = re.compile(r"[^A-Z0-9]")
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_DENIED = re.compile(r"\bnon[ -](?=[a-z])")
"""What is "non veg" is no veg."""
_BOUNDARY = re.compile(r"(?<=\D)(?=\d)|(?<=\d)(?=\D)")
_ONE_SOUND = (
    frozenset("ckq"), frozenset("vw"), frozenset("jzg"), frozenset("sxz"), frozenset("fp"),
    frozenset("iey"), frozenset("ao"), frozenset("uo"),
)  # fmt: skip
"""First letters that stand for one another in how names are spelt."""
_VOWELS = "aeiouy"
_RUNS = re.compile(f"[{_VOWELS}]+|[^{_VOWELS}]")
FILLERS = frozenset({"vala", "vali", "vale", "wala", "wali", "wale"})
GOODS_FILLERS = FILLERS | {"ka", "ki", "ke", "patti", "pati"}
"""What says nothing in a name of goods: "sarson ka tel", "chai patti"."""


def _same(*groups: str) -> dict[str, frozenset[str]]:
    """Each word with those of its groups that mean the same."""
    others: dict[str, frozenset[str]] = {}
    for group in groups:
        folded = frozenset(fold(word) for word in group.split())
        for word in folded:
            others[word] = others.get(word, frozenset()) | folded - {word}
    return others


_SMALL, _LARGE = "small chhota chota chhoti choti chhote chote", "large big bada badi bade"
_SAME = _same(
    "black kala kaala kali kaali",
    "white safed safaid",
    "red lal laal",
    "blue neela nila neeli",
    "green hara hari",
    "yellow peela pila peeli",
    "pink gulabi",
    "brown bhura bhoora",
    "golden gold sunehra",
    "orange narangi santri",
    "purple baingani jamuni",
    _SMALL,
    _LARGE,
    "contractor कॉन्ट्रैक्टर कांट्रैक्टर thekedar",
    "saint st सेंट",
    "rao राव",
)
"""Colours and sizes, told in either language, and words of firms' names that sound otherwise than
they are written."""
_SIZES = {fold(word): sign for said, sign in ((_SMALL, -1), (_LARGE, 1)) for word in said.split()}
_GOODS_WORDS: Mapping[str, Sequence[str]] = yaml.safe_load(
    Path(__file__).with_name("goods_words.yml").read_text("utf-8")
)
_SAME_GOODS = _same(*chain.from_iterable(_GOODS_WORDS.values()))
"""Common goods, told in either language; a name that holds the word as it was said comes first."""


@dataclass(frozen=True)
class Match(Generic[T]):
    """Something found, and how well it fits: 0 to 100, see EXACT and CERTAIN."""

    item: T
    score: float


def search_key(name: str, *, without: frozenset[str] = FILLERS) -> str:
    """The form in which names are compared: folded, numbers apart from letters, no filler words.

    "iPhone15" and "आईफोन 15" have one key. A name of fillers alone keeps them.
    """
    folded = _DENIED.sub("non", fold(name))
    words = " ".join(_BOUNDARY.sub(" ", word) for word in folded.split()).split()
    return " ".join([word for word in words if word not in without] or words)


def of_size(matches: Sequence[Match[T]], said: str, name_of: Callable[[T], str]) -> list[Match[T]]:
    """What a name without its size has found, narrowed to the size that was said: where names
    differ in one number alone, the least is the "chhota" one, and the greatest the "bada" one."""
    signs = {_SIZES[word] for word in search_key(said).split() if word in _SIZES}
    keys = [search_key(name_of(one.item)).split() for one in matches]
    if any(word in _SIZES for key in keys for word in key):
        return []
    numbers = [[int(word) for word in key if word.isdigit()] for key in keys]
    alike = {" ".join("" if word.isdigit() else word for word in key) for key in keys}
    if len(signs) != 1 or len(alike) != 1 or any(len(one) != 1 for one in numbers):
        return list(matches)
    sign = signs.pop()
    best = max(range(len(matches)), key=lambda at: sign * numbers[at][0])
    return [matches[best]]


def without_size(said: str) -> str:
    """What was said without "bada" and "chhota"; nothing is left of these alone."""
    return " ".join(word for word in said.split() if fold(word) not in _SIZES)


def bears(name: str, said: str) -> bool:
    """Whether the name of goods has each word that was said, by its sound, or another word for the
    same goods."""
    known = set().union(*(heard(word) for word in search_key(name).split()))
    return all(
        any(
            sound(one) in known
            for one in (word, _one_of(word), *_SAME.get(word, ()), *_SAME_GOODS.get(word, ()))
            if one
        )
        for word in search_key(said).split()
    )


class NameIndex(Generic[T]):
    """Many names, made ready for many searches.

    For each word that was said, one row of numbers says how well each name holds it; so thousands
    of names are weighed at once.
    """

    def __init__(self, candidates: Iterable[tuple[str, T]]) -> None:
        """Take (key, item) pairs; an item may have several keys."""
        self._items: list[T] = []
        self._keys: list[str] = []
        by_word: dict[str, list[int]] = {}
        for number, (key, item) in enumerate(candidates):
            self._items.append(item)
            self._keys.append(key)
            for word in set(key.split()):
                by_word.setdefault(word, []).append(number)
        self._lengths = np.array([max(1, len(key.split())) for key in self._keys], dtype=np.float64)
        self._joined = [key.replace(" ", "") for key in self._keys]
        self._by_joined: dict[str, list[int]] = {}
        for number, joined in enumerate(self._joined):
            self._by_joined.setdefault(joined, []).append(number)
        self._by_word = {word: np.array(numbers) for word, numbers in by_word.items()}
        self._vocabulary = sorted(self._by_word)
        self._by_skeleton: dict[str, list[str]] = {}
        for word in self._vocabulary:
            self._by_skeleton.setdefault(skeleton(word), []).append(word)

    def __len__(self) -> int:
        return len(self._items)

    def keys(self) -> Iterator[str]:
        """The names' keys."""
        return iter(self._keys)

    def named(self, key: str) -> set[T]:
        """The items with just this key."""
        numbers = self._by_joined.get(key.replace(" ", ""), ())
        return {self._items[one] for one in numbers if self._keys[one] == key}

    def holds(self, word: str) -> bool:
        """Whether a word of a key stands in some name."""
        return word in self._by_word

    def rank(
        self, query: str, *, limit: int, by_sound: bool = False, closely: bool = False
    ) -> list[Match[T]]:
        """The items that fit a query's key, best first, each once.

        One that is named exactly leaves out all others; those that hold every word just as it was
        said leave out those that hold words like them, and these leave out what merely looks alike;
        a name that was said as a whole but mistyped counts as said.
        So "iphone" gives each iPhone, "iphone 15" not the 15 Pro, and "rampur" not Sitapur.
        `by_sound` takes words for one another that have the same consonants, as where an English
        name was written in Devanagari; `closely` asks for most of their vowels too, as names of
        people do: Sonal is no Sunil.
        """
        words = query.split()
        if not words or not self._items:
            return []
        scores = self._word_by_word(words, by_sound=by_sound, closely=closely)
        exact = self._by_joined.get("".join(words), [])
        if not exact and by_sound and len(words) == 1:
            exact = self._sounding_as_one(words[0])
        if exact:
            scores[exact] = EXACT
        elif scores.max() < CERTAIN and (
            meant := self._in_haste(words) or self._abbreviated(words)
        ):
            scores[meant] = CERTAIN
        elif scores.max() < CERTAIN:
            self._add_look_alikes(words, scores)
        elif scores.max() < ALL_SAID:
            self._prefer_whole_names(words, scores)
        best: dict[T, float] = {}
        for number in _best_kind(scores):
            best.setdefault(self._items[number], float(scores[number]))
            if len(best) == limit:
                break
        return [Match(item, score) for item, score in best.items()]

    def _add_look_alikes(self, words: Sequence[str], scores: Numbers) -> None:
        """Names that look like all that was said, spaces aside."""
        alike = process.extract(
            "".join(words),
            self._joined,
            scorer=fuzz.ratio,
            score_cutoff=WORTH_ASKING,
            limit=_MOST_LOOK_ALIKES,
        )
        for _, score, number in alike:
            scores[number] = max(scores[number], min(score, CERTAIN - 1))

    @cached_property
    def _by_joined_skeleton(self) -> dict[str, list[int]]:
        """Made when it is needed first: an index is built anew whenever a name changes."""
        found: dict[str, list[int]] = {}
        for number, joined in enumerate(self._joined):
            found.setdefault(skeleton(joined), []).append(number)
        return found

    def _in_haste(self, words: Sequence[str]) -> list[int]:
        """Names of several words that were written as one, vowels left out: "tshrt"."""
        said = "".join(words)
        alike = self._by_joined_skeleton.get(skeleton(said), ()) if len(said) >= _SHORTEST else ()
        return [one for one in alike if leaves_vowels_out(said, self._joined[one])]

    def _abbreviated(self, words: Sequence[str]) -> list[int]:
        """Names of models whose number was said in full, and their letters in short: "ip 15" is the
        iPhone 15, "rn 13" the Redmi Note 13."""
        numbers = [word for word in words if word.isdigit()]
        letters = [word for word in words if not word.isdigit()]
        if not numbers or not letters or any(len(one) not in _ABBREVIATED for one in letters):
            return []
        meant = [
            int(number)
            for number in self._by_word.get(numbers[0], ())
            if set(numbers) <= set(known := self._keys[number].split())
            and all(_stands_for(one, known) for one in letters)
        ]
        return [one for one in meant if self._lengths[one] == len(words)] or meant

    def _prefer_whole_names(self, words: Sequence[str], scores: Numbers) -> None:
        """A name that was said as a whole, but mistyped: "iphon 15" is the 15, not the 15 Pro.

        One word mistyped may as well stand for all of a family.
        """
        said = "".join(words)
        if len(words) == 1:
            return
        for number in np.flatnonzero((scores >= CERTAIN) & (self._lengths == len(words))):
            if fuzz.ratio(said, self._joined[number]) >= _NEARLY_NAMED:
                scores[number] = ALL_SAID

    def _word_by_word(self, words: Sequence[str], *, by_sound: bool, closely: bool) -> Numbers:
        """How well each name holds the words that were said; 0 below what is worth asking."""
        found = np.zeros((len(words), len(self._items)))
        telling = by_sound and any(self._tells(word) for word in words)
        for row, word in zip(found, words, strict=True):
            similar = self._similar(word)
            if by_sound:
                alike = self._sounding(word) if telling else self._shortly_sounding(word)
                for known, score in alike.items():
                    if closely and not _closely_spoken(word, known):
                        continue
                    similar[known] = max(similar.get(known, 0.0), score)
            for known, score in similar.items():
                numbers = self._by_word[known]
                row[numbers] = np.maximum(row[numbers], score)
        self._written_apart(words, found, by_sound=by_sound and not closely)
        return _scores(words, found, self._lengths)

    def _written_apart(self, words: Sequence[str], found: Numbers, *, by_sound: bool) -> None:
        """Weigh two words of a name that were written as one, and one that was written as two:
        "powerbank", "coco peat"."""
        for at, word in enumerate(words):
            for number, score in self._as_two(word, by_sound=by_sound):
                found[at, number] = max(found[at, number], score)
        for at, (one, other) in enumerate(pairwise(words)):
            if one.isdigit() or other.isdigit():
                continue
            rows, joined = slice(at, at + 2), one + other
            for known, score in self._as_one(joined, by_sound=by_sound):
                numbers = self._by_word[known]
                found[rows, numbers] = np.maximum(found[rows, numbers], score)
            if by_sound:
                for number, score in self._as_two(joined, by_sound=True):
                    found[rows, number] = np.maximum(found[rows, number], score)

    def _as_two(self, said: str, *, by_sound: bool) -> Iterator[tuple[int, float]]:
        """The names with two words that are one together, and how surely."""
        if len(said) <= _SHORTEST or said in self._by_word:
            return
        exactly, sounding = self._by_pair
        for one in (said, *_SAME_GOODS.get(said, ())):
            yield from ((number, EXACT) for number in exactly.get(one, ()))
        wanted = sound(said)
        if by_sound and len(wanted) >= _SHORTEST:
            enough = 0.0 if len(wanted) > _SHORTEST else _SHORTLY_SOUNDS
            for number, joined in sounding.get(wanted, ()):
                if shaped_alike(said, joined) and fuzz.ratio(joined, said) >= enough:
                    yield number, _BEGINNING

    def _as_one(self, said: str, *, by_sound: bool) -> Iterator[tuple[str, float]]:
        """The words that are two together, and how surely."""
        if len(said) > _SHORTEST and said in self._by_word:
            yield said, EXACT
        if by_sound and len(sound(said)) > _SHORTEST:
            yield from ((one, _BEGINNING) for one in self._by_sound.get(sound(said), ()))

    @cached_property
    def _by_pair(self) -> tuple[dict[str, list[int]], dict[str, list[tuple[int, str]]]]:
        """The names by two words in a row as one, as they are spelt and as they are heard."""
        exactly: dict[str, list[int]] = {}
        sounding: dict[str, list[tuple[int, str]]] = {}
        for number, key in enumerate(self._keys):
            for one, other in pairwise(key.split()):
                if one.isdigit() or other.isdigit():
                    continue
                joined = one + other
                exactly.setdefault(joined, []).append(number)
                for each in {a + b for a in heard(one) for b in heard(other)}:
                    sounding.setdefault(each, []).append((number, joined))
        return exactly, sounding

    @cached_property
    def _by_sound(self) -> dict[str, list[str]]:
        """The words of names by how they are heard."""
        found: dict[str, list[str]] = {}
        for word in self._vocabulary:
            for one in heard(word):
                found.setdefault(one, []).append(word)
        return found

    def _tells(self, said: str) -> bool:
        """Whether a word can be known by its sound, or is one of a name's; a short one beside it
        may then be heard as well: "टाटा टी"."""
        return len(sound(said)) >= _SHORTEST or said in self._by_word

    def _similar(self, said: str) -> dict[str, float]:
        """The words of names for which a word that was said may stand."""
        if said.isdigit() or len(said) < _SHORTEST:
            return {said: EXACT} if said in self._by_word else {}
        similar = self._alike(said)
        same = _SAME.get(said, frozenset())
        goods = _SAME_GOODS.get(said, frozenset())
        if said not in self._by_word:
            same |= goods
        similar.update((word, _BEGINNING) for word in goods if word in self._by_word)
        similar.update((word, EXACT) for word in same if word in self._by_word)
        work = _work_of(said)
        meant = (work, f"{work}e" if work else "", _one_of(said))
        similar.update((word, _BEGINNING) for word in meant if word in self._by_word)
        return similar

    def _sounding_as_one(self, said: str) -> list[int]:
        """Names of several words that sound like one: "टीशर्ट"."""
        wanted = sound(said)
        if len(wanted) <= _SHORTEST:
            return []
        joined = enumerate(self._joined)
        return [at for at, one in joined if one[0] == said[0] and sound(one) == wanted]

    def _sounding(self, said: str) -> dict[str, float]:
        """Words with the same consonants, if need be of several; else long ones with one that is
        not heard: designer."""
        wanted = sound(said)
        alike = (wanted, f"{wanted}s") if len(wanted) > 1 else (wanted,)
        known = chain.from_iterable(self._by_sound.get(one, ()) for one in alike if wanted)
        same = {one: _BEGINNING for one in known if shaped_alike(said, one)}
        if not same and (work := _work_of(said)):
            return self._sounding(work)
        if same or len(wanted) <= _SHORTEST:
            return same
        near = process.extract(
            wanted,
            self._sounds,
            scorer=fuzz.ratio,
            score_cutoff=_NEARLY_SOUNDS,
            limit=None,
        )
        return {one: _NEARLY_SOUNDS for each, _, _ in near for one in self._by_sound[each]}

    @cached_property
    def _sounds(self) -> list[str]:
        return list(self._by_sound)

    def _shortly_sounding(self, said: str) -> dict[str, float]:
        """Words with the same two consonants, of which most letters are the same too: "tayar" is
        tyre, "tyub" tube, but "daliya" is no Dolo."""
        wanted = sound(said)
        if len(wanted) + 1 != _SHORTEST or len(said) < _SHORTEST:
            return {}
        return {
            one: _BEGINNING
            for one in self._by_sound.get(wanted, ())
            if len(one) >= _SHORTEST and _starts_alike(said, one) and _mostly_spoken(said, one)
        }

    def _alike(self, said: str) -> dict[str, float]:
        similar = {
            known: score if score >= _NEARLY_SOUNDS or _begin_alike(said, known) else _UNLIKE
            for known, score, _ in process.extract(
                said, self._vocabulary, scorer=fuzz.ratio, score_cutoff=_SIMILAR, limit=None
            )
            if (len(said) >= _LOOK_ALIKE and score >= _NEARLY_NAMED) or _begin_alike(said, known)
        }
        for place in range(bisect_left(self._vocabulary, said), len(self._vocabulary)):
            known = self._vocabulary[place]
            if not known.startswith(said):
                break
            if known != said:
                similar[known] = _BEGINNING
        for known in self._by_skeleton.get(skeleton(said), ()):
            if leaves_vowels_out(said, known) or _ends_otherwise(said, known):
                similar[known] = _BEGINNING
        return similar


def _closely_spoken(said: str, known: str) -> bool:
    """Whether so many letters of a word are those of another as it is spoken, as tell a name of
    its length: of a short one all."""
    enough = _CLOSELY_SPOKEN[min(len(sound(said)), len(_CLOSELY_SPOKEN) - 1)]
    forms = {said, said.replace("ai", "a")}
    ends = {one for form in spoken(known) for one in (form, form.removesuffix("s"))}
    return any(fuzz.ratio(one, form) >= enough for one in ends for form in forms)


def _starts_alike(said: str, known: str) -> bool:
    """Whether two words begin with one letter, or both with a vowel, which English leaves open:
    "एपोलो"."""
    return said[0] == known[0] or (said[0] in _VOWELS and known[0] in _VOWELS)


def _work_of(said: str) -> str:
    """The word of what is done: the repair of "repairing"; nothing of another word."""
    return said[: -len(_DOING)] if said.endswith(_DOING) and len(said) > len(_DOING) + 3 else ""


def _one_of(said: str) -> str:
    """The word of which English made several: the bun of "buns"; nothing of another word."""
    stem = said.removesuffix("s")
    return stem if len(stem) >= _SHORTEST and stem != said and not stem.endswith("s") else ""


def _mostly_spoken(said: str, known: str) -> bool:
    """Whether most letters of a word are those of another, as it is spelt or spoken; of a short
    one all."""
    enough = _SHORTLY_SOUNDS if len(said) > _SHORTEST else EXACT
    return any(fuzz.ratio(one, said) >= enough for one in spoken(known))


def _begin_alike(one: str, other: str) -> bool:
    """Whether two words begin with one letter, or with two that are written for one sound: oats are
    no boat, and chocolate no Colgate."""
    first, second = one[0], other[0]
    if one.startswith("ch") != other.startswith("ch"):
        return False
    return first == second or any({first, second} <= sounds for sounds in _ONE_SOUND)


def _stands_for(letters: str, known: Sequence[str]) -> bool:
    """Whether letters begin one of a name's words, or are the first ones of some in a row.

    An f may have been a "ph" before it was folded.
    """
    if any(f.startswith(letters) for one in known for f in (one, one.replace("f", "p"))):
        return True
    initials = "".join(" " if one.isdigit() else one[0] for one in known)
    return letters in initials


def leaves_vowels_out(said: str, known: str) -> bool:
    """Whether a word was written as people type in haste, vowels left out where consonants stand
    together or at the end: "chni" is chini and "iphn" iphone, but "ram" is not raim."""
    at = 0
    for run in _RUNS.findall(known):
        if said.startswith(run, at):
            at += len(run)
        elif run[0] not in _VOWELS or (at and said[at - 1] in _VOWELS):
            return False
    return at == len(said) < len(known)


def _ends_otherwise(said: str, known: str) -> bool:
    """Whether two words differ in an "e" for a double one at the end: "coffe" is coffee."""
    return said[:-1] == known[:-1] and {said[-1], known[-1]} == {"e", "i"}


def _best_kind(scores: Numbers) -> Iterator[int]:
    """The numbers of the best kind that there is, best first, earlier names before later ones."""
    floor = next((one for one in (EXACT, ALL_SAID, CERTAIN) if scores.max() >= one), WORTH_ASKING)
    kind = np.flatnonzero(scores >= floor)
    order = np.argsort(-scores[kind], kind="stable")
    return (int(number) for number in kind[order])


def _scores(words: Sequence[str], found: Numbers, lengths: Numbers) -> Numbers:
    """How well names of so many words fit, by the best similarity of each word that was said.

    One letter of a short word makes another word ("ata" is not "tata"), so that only long words
    count as said when they are merely alike.
    """
    letters = np.array([[len(word)] for word in words], dtype=np.float64)
    sure = ((found >= _BEGINNING) | ((found >= _SIMILAR) & (letters >= _LOOK_ALIKE))).all(axis=0)
    mean = found.mean(axis=0)
    fullness = np.minimum(1.0, len(words) / lengths)
    whole = CERTAIN + (mean - _SIMILAR) / (EXACT - _SIMILAR) * 10 + 4 * fullness
    whole = np.where(mean >= EXACT, whole, np.minimum(whole, ALL_SAID - 0.1))
    covered = (found * letters).sum(axis=0) / letters.sum()
    telling = ((found >= EXACT) & (letters >= _SHORTEST)).any(axis=0)
    covered = np.where(telling, np.maximum(covered, WORTH_ASKING), covered)
    part = np.where(covered >= WORTH_ASKING, np.minimum(covered, CERTAIN - 1), 0.0)
    result: Numbers = np.where(sure, whole, part)
    return result


def bare_number(number: str) -> str:
    """The number of a paper however it is written: "INV/0012" is "inv-12"."""
    return _NOT_IN_NUMBERS.sub("", _ZEROS.sub("", number.upper()))
