"""How long it takes to find what a name means among 5,000 products.

    python -m bench.names [--products N]

Names of many trades are looked up as people write them: whole, in part, misspelt, in Devanagari,
by brand, size and colour. The index is built once, as a worker does; the milliseconds are of one
look-up, by the clock and of the processor; on a busy machine only the latter says something. The
last line is one JSON object.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import time

from erp_core.kernel.matching import NameIndex, search_key


def _words(text: str) -> list[str]:
    return text.split()


BRANDS = _words(
    """
    Amul Britannia Parle Haldiram Dabur Patanjali Himalaya Nivea Dove Lux Lifebuoy Colgate
    Samsung Apple Vivo Oppo Realme Redmi Boat Philips Havells Crompton Bajaj Usha Prestige
    Cello Classmate Camlin Asian Berger Finolex Astral Raymond Jockey Rupa Cipla Mankind
    Zydus Tata Fortune Saffola Everest MDH Catch
    """
)
GOODS = _words(
    """
    butter biscuit namkeen hair oil face wash cream soap toothpaste phone charger
    earphones fan bulb mixer iron pressure cooker bottle notebook pen paint pipe shirt
    vest tablet syrup salt atta dal rice masala ghee juice chips shampoo detergent cable
    switch
    """
)
SIZES = ("50g", "100g", "250g", "500g", "1kg", "1L", "200ml", "64GB", "128GB", "20W", "M", "XL")
COLOURS = ("black", "white", "blue", "red", "green", "")
BAR_MS = 3.0


def catalogue(size: int, chance: random.Random) -> list[str]:
    """So many names that differ."""
    every = list(itertools.product(BRANDS, GOODS, SIZES, COLOURS))
    return [" ".join(filter(None, words)) for words in chance.sample(every, size)]


def said(name: str, chance: random.Random) -> str:
    """A name as somebody might write it."""
    words = name.split()
    kept = [word for word in words if chance.random() < 0.8] or words[:1]
    text = " ".join(chance.sample(kept, len(kept)))
    if chance.random() < 0.5 and len(text) > 4:
        at = chance.randrange(len(text) - 1)
        text = text[:at] + text[at + 1 :]
    return text


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=5_000)
    parser.add_argument("--lookups", type=int, default=2_000)
    parser.add_argument("--quick", action="store_true", help="fewer look-ups")
    options = parser.parse_args()
    lookups = 200 if options.quick else options.lookups
    chance = random.Random(1)
    names = catalogue(options.products, chance)
    begun = time.perf_counter()
    index = NameIndex((search_key(name), number) for number, name in enumerate(names))
    built = time.perf_counter() - begun
    times, cpu_times, found = [], [], 0
    for number in (chance.randrange(len(names)) for _ in range(lookups)):
        text = said(names[number], chance)
        begun, cpu = time.perf_counter(), time.thread_time()
        matches = index.rank(search_key(text), limit=10)
        times.append((time.perf_counter() - begun) * 1000)
        cpu_times.append((time.thread_time() - cpu) * 1000)
        found += number in [match.item for match in matches]
    times.sort()
    cpu_times.sort()
    result = {
        "bench": "names",
        "products": options.products,
        "lookups": lookups,
        "build_ms": round(built * 1000, 1),
        "p50_ms": round(statistics.median(times), 3),
        "p95_ms": round(times[int(len(times) * 0.95)], 3),
        "cpu_p50_ms": round(statistics.median(cpu_times), 3),
        "cpu_p95_ms": round(cpu_times[int(len(times) * 0.95)], 3),
        "among_the_first_ten": round(found / lookups, 3),
        "bar_ms": BAR_MS,
        "held": cpu_times[int(len(times) * 0.95)] < BAR_MS,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
