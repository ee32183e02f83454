"""Two who load one new shop at the same moment make one shop."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from erp_core.cli import shop_file as reading
from erp_core.cli.shop_load import load


def test_one_shop_comes_of_it(cli, show, shop_file, bahi, number):
    shop, _ = reading.read(shop_file())
    start = Barrier(4)

    def load_it(_: int):
        start.wait()
        return load(bahi, shop)

    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(load_it, range(4)))
    assert sorted(one["added"].get("shop", 0) for one in loaded) == [0, 0, 0, 1]
    facts = show(number)
    assert len(facts["products"]) == 2
    assert facts["products"][0]["stock"] == "8"
    assert cli("shop", "load", shop_file()).out.endswith("nothing to change.\n")
