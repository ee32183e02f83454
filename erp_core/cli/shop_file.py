"""Reading a shop from YAML. What is wrong is named by line and field before anything is written.

Every scalar is read as text, quoted or not: YAML would make the HSN code 0713 an octal number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import yaml

from erp_core.catalogue.queries import sku_key
from erp_core.catalogue.service import check_hsn, check_name, check_packs, parse_rate
from erp_core.kernel.actor import ROLES
from erp_core.kernel.errors import Invalid
from erp_core.kernel.money import parse_rupees
from erp_core.kernel.quantity import UNITS, Packing, parse_quantity, parse_unit, positive
from erp_core.parties.bootstrap import NewBusiness
from erp_core.parties.names import (
    SCHEMES,
    TREATMENTS,
    clean_colour,
    clean_drug_licence,
    clean_fssai,
    clean_gstin,
    clean_name,
    clean_scheme,
    clean_treatment,
    normal_phone,
)
from erp_core.parties.service import LANGUAGES
from erp_core.tax import gstin as gstins
from erp_core.tax import states

T = TypeVar("T")

LINE = "__line__"
NOTHING = ("", "~", "null", "Null", "NULL")
BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
PACKINGS: Mapping[str, Packing] = {"packed": "packed", "loose": "loose"}
FIELDS = {
    "business": (
        "name phone_number_id state gstin upi_vpa upi_verified address language prices_include_tax"
        " gst_scheme colour drug_licence fssai"
    ),
    "users": "name phone role language",
    "products": (
        "name sku price cost stock unit hsn gst_rate reorder_level mrp packing aliases packs"
    ),
    "customers": "name phone state gstin address language balance nicknames treatment",
}


class BadFile(Exception):
    """A file that cannot be loaded; the text says in one sentence where and why."""


@dataclass(frozen=True)
class UserRow:
    name: str
    phone: str
    role: str
    language: str | None


@dataclass(frozen=True)
class ProductRow:
    name: str
    sku: str | None
    price: int
    cost: int | None
    stock: Decimal
    unit: str
    hsn: str | None
    gst_rate: str | None
    reorder_level: Decimal | None
    mrp: int | None
    packing: Packing | None
    aliases: tuple[str, ...]
    packs: Mapping[str, Decimal]
    line: int


@dataclass(frozen=True)
class CustomerRow:
    name: str
    phone: str | None
    state: str | None
    gstin: str | None
    address: str | None
    language: str | None
    balance: int
    nicknames: tuple[str, ...]
    treatment: str | None
    line: int


@dataclass(frozen=True)
class ShopFile:
    """A shop as its file states it; money in paise, phone numbers as WhatsApp writes them."""

    business: NewBusiness
    users: tuple[UserRow, ...]
    products: tuple[ProductRow, ...]
    customers: tuple[CustomerRow, ...]


def read(path: Path) -> tuple[ShopFile, list[str]]:
    """The shop of a file, and what in it was passed over. Raises BadFile."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadFile(f"{path} is not text in UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadFile(f"{path}{line}: this is not YAML: {error.problem}.") from None
    except yaml.YAMLError:
        raise BadFile(f"{path} is not YAML.") from None
    return _Reading(path).shop(content)


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Plain text, lists and mappings; every mapping knows its line."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        mapping[LINE] = node.start_mark.line + 1
        return mapping


@dataclass
class _Row:
    """One mapping of the file, and where it stands."""

    reading: _Reading
    place: str
    values: Mapping[str, Any]
    line: int

    def fail(self, field_name: str, problem: str) -> BadFile:
        return BadFile(
            f"{self.reading.path}, line {self.line} ({self.place}): {field_name} {problem}."
        )

    def text(self, field_name: str) -> str | None:
        value = self.values.get(field_name)
        if value is None or value in NOTHING:
            return None
        if not isinstance(value, str):
            raise self.fail(field_name, "must be a single value")
        return value.strip()

    def get(self, field_name: str, parse: Callable[[str], T], expected: str) -> T | None:
        """The parsed value of a field, None without one."""
        text = self.text(field_name)
        if text is None:
            return None
        try:
            return parse(text)
        except Invalid:
            raise self.fail(field_name, f"must be {expected}, not {text!r}") from None

    def need(self, field_name: str, parse: Callable[[str], T], expected: str) -> T:
        """The parsed value of a field that must be there."""
        value = self.get(field_name, parse, expected)
        if value is None:
            raise self.fail(field_name, f"is missing; it must be {expected}")
        return value


@dataclass
class _Reading:
    """One pass over one file."""

    path: Path
    warnings: list[str] = field(default_factory=list)
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def shop(self, content: Any) -> tuple[ShopFile, list[str]]:
        if not isinstance(content, dict):
            raise BadFile(f"{self.path} must have a `business` and what belongs to it.")
        for name in content.keys() - FIELDS.keys() - {LINE}:
            self.warnings.append(f"`{name}` is not known and was passed over.")
        if "business" not in content:
            raise BadFile(f"{self.path} has no `business`.")
        shop = ShopFile(
            business=self._business(self._row("business", content["business"], "business")),
            users=tuple(self._user(row) for row in self._rows(content, "users")),
            products=tuple(self._product(row) for row in self._rows(content, "products")),
            customers=tuple(self._customer(row) for row in self._rows(content, "customers")),
        )
        return shop, self.warnings

    def _rows(self, content: Mapping[str, Any], section: str) -> list[_Row]:
        value = content.get(section)
        if value is None or (isinstance(value, str) and value in NOTHING):
            return []
        if not isinstance(value, list):
            raise BadFile(f"{self.path}: `{section}` must be a list.")
        return [
            self._row(section, one, f"{section}, row {number}")
            for number, one in enumerate(value, start=1)
        ]

    def _row(self, section: str, value: Any, place: str) -> _Row:
        if not isinstance(value, dict):
            raise BadFile(f"{self.path} ({place}): must have fields such as name.")
        line = value[LINE]
        for name in sorted(value.keys() - set(FIELDS[section].split()) - {LINE}):
            self.warnings.append(f"line {line} ({place}): {name!r} is not known, passed over.")
        return _Row(self, place, value, line)

    def _once(self, row: _Row, field_name: str, value: str | None) -> None:
        """A value that tells rows apart may stand in one row only."""
        if value is None:
            return
        first = self._seen.setdefault((field_name, value), row.line)
        if first != row.line:
            raise row.fail(field_name, f"is the same as in line {first}")

    def _business(self, row: _Row) -> NewBusiness:
        gstin = self._gstin(row)
        return NewBusiness(
            name=row.need("name", clean_name, "a name"),
            phone_number_id=row.need("phone_number_id", _phone_number_id, "digits"),
            state=_state(row) or _state_of(gstin) or row.need("state", str, "a GST state code"),
            gstin=gstin,
            upi_vpa=row.get("upi_vpa", _vpa, "a UPI address such as sharma@okaxis"),
            upi_verified=row.get("upi_verified", _boolean, "true or false") or False,
            address=row.text("address"),
            language=_language(row) or LANGUAGES[0],
            prices_include_tax=row.get("prices_include_tax", _boolean, "true or false") or False,
            gst_scheme=row.get("gst_scheme", clean_scheme, f"one of {', '.join(SCHEMES)}")
            or SCHEMES[0],
            colour=row.get("colour", clean_colour, "a colour such as #921c24"),
            drug_licence=row.get("drug_licence", clean_drug_licence, "a licence with its number"),
            fssai=row.get("fssai", clean_fssai, "14 digits, the first 1 or 2"),
        )

    def _user(self, row: _Row) -> UserRow:
        phone = row.need("phone", normal_phone, "a phone number")
        self._once(row, "phone", phone)
        return UserRow(
            name=row.need("name", clean_name, "a name"),
            phone=phone,
            role=row.need("role", _one_of(ROLES), f"one of {', '.join(ROLES)}"),
            language=_language(row),
        )

    def _product(self, row: _Row) -> ProductRow:
        sku = row.text("sku")
        self._once(row, "sku", sku and sku_key(sku))
        name = row.need("name", check_name, "a name")
        if sku is None:
            self._once(row, "name", name.casefold())
        unit = row.get("unit", _unit, f"one of {', '.join(UNITS)}") or "piece"
        return ProductRow(
            name=name,
            sku=sku,
            price=row.need("price", _amount, "rupees such as 79900.00"),
            cost=row.get("cost", _amount, "rupees such as 71000.00"),
            stock=row.get("stock", _stock_of(unit), _quantity_expected(unit)) or Decimal(0),
            unit=unit,
            hsn=row.get("hsn", check_hsn, "2, 4, 6 or 8 digits"),
            gst_rate=self._rate(row),
            reorder_level=row.get("reorder_level", _quantity, "a quantity such as 5"),
            mrp=row.get("mrp", _amount, "rupees such as 20.00"),
            packing=row.get("packing", _packing, "packed or loose"),
            aliases=self._names(row, "aliases"),
            packs=self._packs(row, unit),
            line=row.line,
        )

    def _rate(self, row: _Row) -> str | None:
        """What the file says; with a code alone, what the law says of it; with neither, nil."""
        stated = row.get("gst_rate", _rate, "a rate in percent such as 18")
        if stated is not None or row.text("hsn"):
            return stated
        self.warnings.append(f"line {row.line} ({row.place}): no hsn and no gst_rate: GST 0 %.")
        return "0"

    def _names(self, row: _Row, field_name: str) -> tuple[str, ...]:
        value = row.values.get(field_name)
        if value is None or value in NOTHING:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise row.fail(field_name, "must be a list of names")
        return tuple(value)

    def _packs(self, row: _Row, own_unit: str) -> dict[str, Decimal]:
        value = row.values.get("packs")
        if value is None or value in NOTHING:
            return {}
        expected = "must say what bigger units hold, such as {carton: 24}"
        if not isinstance(value, dict):
            raise row.fail("packs", expected)
        try:
            packs = {unit: parse_quantity(str(n)) for unit, n in value.items() if unit != LINE}
            return {unit: Decimal(n) for unit, n in check_packs(packs, own_unit).items()}
        except Invalid:
            raise row.fail("packs", expected) from None

    def _customer(self, row: _Row) -> CustomerRow:
        phone = row.get("phone", normal_phone, "a phone number")
        name = row.need("name", clean_name, "a name")
        self._once(row, "phone", phone)
        if phone is None:
            self._once(row, "name", name.casefold())
        return CustomerRow(
            name=name,
            phone=phone,
            state=_state(row),
            gstin=self._gstin(row),
            address=row.text("address"),
            language=_language(row),
            balance=row.get("balance", parse_rupees, "rupees such as 0.00") or 0,
            nicknames=self._names(row, "nicknames"),
            treatment=row.get("treatment", clean_treatment, f"one of {', '.join(TREATMENTS)}"),
            line=row.line,
        )

    def _gstin(self, row: _Row) -> str | None:
        gstin = row.get("gstin", clean_gstin, "15 letters and digits beginning with a state code")
        if gstin is not None and gstin[:2] not in states.STATES:
            raise row.fail("gstin", f"begins with {gstin[:2]}, which is no GST state code")
        if gstin is not None and not gstins.is_valid(gstin):
            self.warnings.append(
                f"line {row.line} ({row.place}): the gstin's check character is wrong."
            )
        return gstin


def _state(row: _Row) -> str | None:
    return row.get("state", states.checked, "a GST state code such as 27")


def _state_of(gstin: str | None) -> str | None:
    return gstin[:2] if gstin else None


def _language(row: _Row) -> str | None:
    return row.get("language", _one_of(LANGUAGES), f"one of {', '.join(LANGUAGES)}")


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in known:
            raise Invalid("unknown_word")
        return text.lower()

    return parse


def _phone_number_id(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= 32):
        raise Invalid("bad_number_id")
    return text


def _vpa(text: str) -> str:
    name, _, bank = text.partition("@")
    if not name or not bank or " " in text:
        raise Invalid("bad_vpa")
    return text


def _boolean(text: str) -> bool:
    if text.lower() not in BOOLEANS:
        raise Invalid("bad_boolean")
    return BOOLEANS[text.lower()]


def _unit(text: str) -> str:
    unit = parse_unit(text)
    if unit is None:
        raise Invalid("bad_unit")
    return unit


def _amount(text: str) -> int:
    paise = parse_rupees(text)
    if paise < 0:
        raise Invalid("bad_amount")
    return paise


def _rate(text: str) -> str:
    percent = text.rstrip("% ")
    parse_rate(percent)
    return percent


def _packing(text: str) -> Packing:
    found = PACKINGS.get(text.lower())
    if found is None:
        raise Invalid("bad_packing")
    return found


def _quantity(text: str) -> Decimal:
    quantity = parse_quantity(text)
    if quantity < 0:
        raise Invalid("bad_quantity")
    return quantity


def _stock_of(unit: str) -> Callable[[str], Decimal]:
    def parse(text: str) -> Decimal:
        quantity = _quantity(text)
        return positive(quantity, unit) if quantity else quantity

    return parse


def _quantity_expected(unit: str) -> str:
    return f"a whole number of {unit}" if UNITS[unit].whole else f"a quantity of {unit}"
