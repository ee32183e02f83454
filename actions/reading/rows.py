"""Goods in a row, each with its numbers: "bata 8 black ek aur 9 brown ek", "500 gram khaman 250
fafda", "socks 80 2 laces 20 3".

Whether a number is a count, a size of the goods or their rate is told by the shop's own list: by
the names in it, the units, the rates and what there is. The reading that is the least strange is
taken where the one so far is much stranger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from actions.entities import Entity, is_for_one, lines_of, number_of
from actions.lexicon import only, says, which, words
from actions.reading.regional import without_regional
from actions.reading.row_goods import LOST_NAME, LOST_NUMBER, STEP, Item, RowGoods
from actions.reading.specifications import COUNTING
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import parse_unit

COMING = "inventory_update"
INTENTS = frozenset({"order_create", "order_modify", "invoice_generate", COMING})
NOT_OF_ROWS = (
    "negation",
    "cancel",
    "price.down",
    "rest",
    "percent",
    "undoing.not_this",
    "take_out",
)
"""What takes something off, or tells of other numbers than those of goods."""
_LINKS = ("rate_words", "postpositions", "at_a_rate_of")
READ = frozenset({"product_name", "quantity", "unit", "amount"})
MUCH_STRANGER = 20
FEWEST = 2
"""So many numbers are told apart; one alone may only be of a smaller unit."""
SWITCHED = 4
"""What it costs where counts stand now before their goods, now behind."""
MOST_THAT_COME = 1000
"""A greater number beside goods that came is what all of them cost, which no list tells."""
MOST_WORDS = 4
MOST_TOKENS = 60

_WORD = r"(?:[^\W\d_]|[\u0900-\u0963])"
_PIECE = re.compile(
    rf"\d+[x×*]\d+|\d+(?:\.\d+)?(?!{_WORD})|{_WORD}[\w'\u0900-\u0963-]*|\d+(?:\.\d+)?(?={_WORD})|[,;\n]"
)
_NOT_ROWS = re.compile(r"[%=@]|\d\s*[/:+]\s*\d|\d-\d")


@dataclass(frozen=True)
class Token:
    """A word of the message and what it may be in a row of goods."""

    text: str
    start: int
    end: int
    kind: str
    number: Decimal | None = None

    @property
    def is_filler(self) -> bool:
        """Whether it may say nothing: the "do" of "de do"."""
        return only(words(self.text) or ("-",), "filler")


def may_hold_rows(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether goods that are sold or ordered stand beside numbers."""
    named = any(one.name == "product_name" and one.end for one in entities)
    goods = named or which(text, "specifications") is not None
    read = intent in INTENTS and goods and not _NOT_ROWS.search(text)
    others = any(one.name == "vendor_name" or _is_strange_unit(one) for one in entities)
    others = others or sum(one.name == "payment_method" for one in entities) > 1
    said = words(text)
    apart = any(says(said, cue) for cue in NOT_OF_ROWS)
    return read and not others and not apart and any(one.isdigit() for one in text)


def _is_strange_unit(one: Entity) -> bool:
    return one.name == "unit" and parse_unit(one.value) is None and bool(one.end)


def with_rows(reader: Reader, text: str, intent: str, entities: list[Entity]) -> list[Entity]:
    """The entities of goods and numbers as they make the best sense to the shop."""
    goods = RowGoods(reader, text, leave=intent != COMING)
    tokens = _tokens(goods, text, entities)
    numbers = [one.number for one in tokens if one.number is not None and not one.is_filler]
    costs = intent == COMING and any(one > MOST_THAT_COME for one in numbers)
    alone = len(numbers) < FEWEST
    few = alone and all(one % STEP for one in numbers)
    if costs or few or len(tokens) > MOST_TOKENS:
        return entities
    best = _Search(goods, tokens).best
    if alone and not any(goods.small_unit(one) for one in best.items):
        return entities
    if not best.items or _cost_of(goods, text, tokens, entities) - best.cost < MUCH_STRANGER:
        return entities
    found = [one for item in best.items for one in _entities(goods, item)]
    kept = [one for one in entities if _is_beside(one, found)]
    return sorted([*kept, *found], key=_place)


def _is_beside(one: Entity, found: Sequence[Entity]) -> bool:
    """Whether an entity is of something else, or no place was found for it."""
    if one.name not in READ or not one.end:
        return True
    return not any(one.start < each.end and each.start < one.end for each in found)


def _place(one: Entity) -> tuple[int, int]:
    return one.start, one.end


def _tokens(goods: RowGoods, text: str, entities: Sequence[Entity]) -> list[Token]:
    named = [one for one in entities if one.name == "product_name" and one.end]
    named = [one for one in named if goods.knows(one.value)]
    apart = [one for one in entities if one.name not in READ and one.end]
    found: list[Token] = []
    for piece in _PIECE.finditer(text):
        if whole := _in_several_words(text, piece, entities):
            if not (found and found[-1].start == whole.start):
                found.append(whole)
            continue
        inside = any(one.start <= piece.start() < one.end for one in named)
        if any(one.start < piece.end() and piece.start() < one.end for one in apart):
            kind, number = "other", None
        else:
            behind = found[-1] if found else None
            kind, number = _kind(goods, piece[0], behind, inside=inside)
            if number is not None and _is_no_number(text, piece, entities):
                kind, number = "other", None
        found.append(Token(piece[0], piece.start(), piece.end(), kind, number))
    return found


def _in_several_words(text: str, piece: re.Match[str], entities: Sequence[Entity]) -> Token | None:
    """The whole sum of which a word is a part: "12 rupaye 50 paise"."""
    for one in entities:
        said = text[one.start : one.end]
        held = one.name == "amount" and one.start <= piece.start() < one.end and " " in said
        if held and (number := number_of(one)) is not None:
            return Token(said, one.start, one.end, "number", number)
    return None


def _is_no_number(text: str, piece: re.Match[str], entities: Sequence[Entity]) -> bool:
    """Whether a number counts people or hours, or is a letter or a word of a region for "of"."""
    behind = words(text[piece.end() :])[:1] or ("-",)
    if only(behind, "counted_beside") and not which(behind[0], "specifications"):
        return True
    if not piece[0].isalpha():
        return False
    before = words(text[: piece.start()])[-1:] or ("-",)
    if only(words(piece[0]) or ("-",), "joined_goods") and only(before, "postpositions"):
        return True  # the "saath" of "2 box ke saath" is no sixty
    said = Entity("quantity", piece[0], start=piece.start(), end=piece.end())
    return len(piece[0]) == 1 or said not in without_regional(text, [*entities, said])


def _kind(
    goods: RowGoods, word: str, before: Token | None, *, inside: bool
) -> tuple[str, Decimal | None]:
    if before is not None and before.kind == "number":
        measure = which(word, "specifications")
        if parse_unit(word) and measure not in COUNTING:
            return "unit", None
        if measure:
            return "measure", None
        if only(words(word) or ("-",), "servings"):
            return "link", None
    number = parse_number(word)
    if number is not None and (word[0].isdigit() == word[-1].isdigit()):
        return "number", number
    said = words(word)
    if word in ",;\n" or only(said or ("-",), "joining"):
        return "joint", None
    if any(only(said or ("-",), one) for one in _LINKS):
        return "link", None
    if goods.names_word(word) or (inside and not only(said or ("-",), "filler")):
        return "goods", None
    return "other", None


def _cost_of(
    goods: RowGoods, text: str, tokens: Sequence[Token], entities: Sequence[Entity]
) -> int:
    """How strange the reading so far is."""
    items, taken = [], 0
    mine = [one for one in entities if one.name in READ and one.end]
    for line in lines_of(text, mine):
        taken += (line.quantity is not None) + (line.amount is not None)
        if line.product and not goods.knows(line.product):
            continue
        known = goods.named(line.product or "")
        items.append(
            Item(
                goods=tuple(known),
                count=line.quantity,
                unit=line.unit,
                rate=line.amount,
                plain=True,
                marked=line.each,
            )
        )

    cost = sum(goods.cost_of(one) for one in items)
    for one in (each for each in mine if each.name == "product_name"):
        within = [each for each in tokens if one.start <= each.start < one.end and each.number]
        taken += len(within) if goods.named(one.value) else 0
    said = sum(each.number is not None and not each.is_filler for each in tokens)
    return cost + LOST_NUMBER * max(0, said - taken)


@dataclass(frozen=True)
class _Path:
    cost: int
    items: tuple[Item, ...] = ()


class _Search:
    """The best way to read the tokens as goods in a row."""

    def __init__(self, goods: RowGoods, tokens: Sequence[Token]) -> None:
        self.goods = goods
        self.tokens = tokens

    @cached_property
    def best(self) -> _Path:
        """The reading that costs least."""
        paths: dict[int, dict[tuple[object, ...], _Path]] = {0: {(None, None): _Path(0)}}
        for at in range(len(self.tokens)):
            for path in list(paths.get(at, {}).values()):
                for until, item in self._steps(at, path):
                    self._note(paths, until, path, item)
        return min(paths[len(self.tokens)].values(), key=self._cost_with_total)

    def _cost_with_total(self, path: _Path) -> int:
        """What a reading costs; a number that all its goods come to is not lost, but a total."""
        taken = {
            one.start
            for item in path.items
            for one in (*item.name, item.counted, item.rated)
            if one
        }
        left = [
            one.number
            for one in self.tokens
            if one.kind == "number" and one.start not in taken and not one.is_filler
        ]
        total = _comes_to(path.items)
        return path.cost - (LOST_NUMBER if total is not None and total in left else 0)

    def _note(
        self,
        paths: dict[int, dict[tuple[object, ...], _Path]],
        until: int,
        path: _Path,
        item: tuple[int, Item | None],
    ) -> None:
        cost, new = item
        items = (*path.items, new) if new else path.items
        last = items[-1] if items else None
        key = (last.ids if last else None, last.front if last else None)
        known = paths.setdefault(until, {}).get(key)
        if known is None or path.cost + cost < known.cost:
            paths[until][key] = _Path(path.cost + cost, items)

    def _steps(self, at: int, path: _Path) -> Iterator[tuple[int, tuple[int, Item | None]]]:
        token = self.tokens[at]
        lost = {"number": 0 if token.is_filler else LOST_NUMBER, "goods": LOST_NAME}
        yield at + 1, (lost.get(token.kind, 0), None)
        former = path.items[-1] if path.items else None
        for until, item in self._items(at, former):
            fronts = {former.front, item.front} if former else set()
            turned = SWITCHED if fronts == {True, False} else 0
            yield until, (self.goods.cost_of(item) + turned, item)

    def _items(self, at: int, former: Item | None) -> Iterator[tuple[int, Item]]:
        """What goods with their numbers may begin there, and where they end."""
        begun = [(at, Item(front=None))]
        if self._is(at, "number"):
            begun += [self._counted(at, Item(), front=True)]
        for begin, item in begun:
            for until, name in self._names(begin):
                known = self.goods.meant(name, former)
                if known is None:
                    continue
                whole = replace(item, goods=known.goods, said=known.said, name=name)
                yield from self._behind(until, whole)

    def _names(self, at: int) -> Iterator[tuple[int, tuple[Token, ...]]]:
        row: list[Token] = []
        while len(row) < 2 * MOST_WORDS and at < len(self.tokens):
            token = self.tokens[at]
            if token.kind not in ("goods", "number", "measure", "unit"):
                break
            if token.kind in ("measure", "unit") and not (row and row[-1].kind == "number"):
                break
            row.append(token)
            at += 1
            follows = at < len(self.tokens) and self.tokens[at].kind == "measure"
            if not follows:
                yield at, tuple(row)

    def _behind(self, at: int, item: Item) -> Iterator[tuple[int, Item]]:
        yield at, item
        while self._is(at, "link"):
            at += 1
        if not self._is(at, "number"):
            return
        if item.count is None:
            until, counted = self._counted(at, item, front=False)
            yield from self._behind(until, counted)
        if item.rate is None and not self._is(at + 1, "unit"):
            yield from self._behind(at + 1, self._rated(at, item))

    def _counted(self, at: int, item: Item, *, front: bool) -> tuple[int, Item]:
        number, until = self.tokens[at], at + 1
        unit = self.tokens[until] if self._is(until, "unit") else None
        until += unit is not None
        while front and self._is(until, "link"):
            until += 1
        said = parse_unit(unit.text) if unit else None
        return until, replace(
            item, count=number.number, unit=said, front=front, counted=number, unit_at=unit
        )

    def _rated(self, at: int, item: Item) -> Item:
        said = self.tokens[at]
        amount = Entity("amount", said.text, start=said.start, end=said.end)
        marked = is_for_one(self.goods.text, amount)
        return replace(item, rate=int((said.number or 0) * 100), marked=marked, rated=said)

    def _is(self, at: int, kind: str) -> bool:
        return at < len(self.tokens) and self.tokens[at].kind == kind


def _comes_to(items: Sequence[Item]) -> Decimal | None:
    """What several goods come to in rupees at their rates, or at the list's; None where one of
    them is not known."""
    if len(items) < FEWEST or any(len(one.goods) != 1 for one in items):
        return None
    worth = ((one.rate or one.goods[0].price_paise) * Decimal(one.count or 1) for one in items)
    return sum(worth, Decimal(0)) / 100


def _entities(goods: RowGoods, item: Item) -> Iterator[Entity]:
    yield Entity("product_name", item.said, start=item.name[0].start, end=item.name[-1].end)
    if item.counted:
        yield _marked("quantity", item.counted)
        end = item.counted.end
        if item.unit_at:
            yield _marked("unit", item.unit_at)
        elif small := goods.small_unit(item):
            yield Entity("unit", small, start=end, end=end)
    if item.rated:
        yield _marked("amount", item.rated)


def _marked(name: str, token: Token) -> Entity:
    return Entity(name, token.text, start=token.start, end=token.end)
