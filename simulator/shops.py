"""Who is on the other end: the people of the shop files, and anybody who writes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from simulator.ids import user_id_of

DEMO = Path(__file__).parent.parent / "demo" / "sharma_electronics.yml"
GUEST = "guest"


@dataclass
class Person:
    """Somebody with a phone. `role` is what a shop file calls them, "customer" or "guest"."""

    phone: str
    name: str
    role: str = GUEST
    home: str | None = None
    state: str | None = None
    username: str | None = None
    hides_phone: bool = False
    reachable: bool = True
    user_id: str = field(default="")

    def __post_init__(self) -> None:
        self.user_id = self.user_id or user_id_of(self.phone)

    def shown(self) -> dict[str, Any]:
        """As the control API and the page show it."""
        return {
            "phone": self.phone,
            "name": self.name,
            "role": self.role,
            "home": self.home,
            "state": self.state,
            "username": self.username,
            "hides_phone": self.hides_phone,
            "reachable": self.reachable,
            "user_id": self.user_id,
        }


@dataclass
class Shop:
    """A business's WhatsApp number."""

    phone_number_id: str
    name: str
    display_phone: str = ""

    def __post_init__(self) -> None:
        self.display_phone = self.display_phone or "912255" + self.phone_number_id[-6:].zfill(6)

    def shown(self) -> dict[str, str]:
        """As the control API and the page show it."""
        return {
            "phone_number_id": self.phone_number_id,
            "name": self.name,
            "display_phone": self.display_phone,
        }


def read_shop_file(path: Path) -> tuple[Shop, list[Person]]:
    """The shop and the people of a `bahi shop load` file; its products are not needed here."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        return read_shop(yaml.load(file, Loader=loader))  # noqa: S506 (a safe loader)


def read_shop(content: Mapping[str, Any]) -> tuple[Shop, list[Person]]:
    """The shop and the people of a shop file's content."""
    business = content["business"]
    shop = Shop(str(business["phone_number_id"]), str(business["name"]))
    return shop, list(_people(content, shop.phone_number_id))


def _people(content: Mapping[str, Any], home: str) -> Iterator[Person]:
    for user in content.get("users") or ():
        yield Person(str(user["phone"]), str(user["name"]), str(user["role"]), home)
    for customer in content.get("customers") or ():
        if customer.get("phone"):
            state = customer.get("state")
            yield Person(str(customer["phone"]), str(customer["name"]), "customer", home, state)
