"""A file that is wrong is refused in one sentence that says where, and changes nothing."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ('"79900.00"', '"abc"', "line 6 (products, row 1)", "price must be rupees"),
        ('"79900.00"', '"-5"', "line 6 (products, row 1)", "price must be rupees"),
        ('"79900.00"', '"1.005"', "line 6 (products, row 1)", "price must be rupees"),
        ('price: "150.00", ', "", "line 7 (products, row 2)", "price is missing"),
        ('stock: "8"', 'stock: "1.5"', "line 6", "stock must be a whole number of piece"),
        ('stock: "8"', 'stock: "-1"', "line 6", "stock must be a whole number of piece"),
        ("unit: kg", "unit: stone", "line 7", "unit must be one of piece"),
        ('"0713"', '"71x"', "line 7", "hsn must be 2, 4, 6 or 8 digits"),
        ('gst_rate: "18"', 'gst_rate: "eighteen"', "line 6", "gst_rate must be a rate"),
        ("sku: TOORDAL", "sku: iph15", "line 7", "sku is the same as in line 6"),
        ("role: owner", "role: king", "line 3 (users, row 1)", "role must be one of owner"),
        ("919876500002", "919876500001", "line 4", "phone is the same as in line 3"),
        ("919123456789", "12", "line 9 (customers, row 1)", "phone must be a phone number"),
        ("919123456789", "919876500001", "line 9", "phone is the same as in line 3"),
        ("name: Ravi Kumar", "name: ''", "line 9", "name is missing"),
        ("name: Ravi Kumar", "name: [Ravi]", "line 9", "name must be a single value"),
        ('state: "29"', 'state: "98"', "line 11", "state must be a GST state code"),
        ("27AAPFU0939F1ZV", "27AAPF", "line 1 (business)", "gstin must be 15"),
        ("27AAPFU0939F1ZV", "99AAPFU0939F1ZV", "line 1", "gstin begins with 99"),
        ("sharma@okaxis", "sharma", "line 1", "upi_vpa must be a UPI address"),
        ("language: hinglish", "language: tamil", "line 1", "language must be one of"),
        ("name: Sharma Electronics, ", "", "line 1", "name is missing"),
        ('"12500.00"', '"lots"', "line 10", "balance must be rupees"),
        ("{name: Meena", "{name: Meena: x", "line 4", "this is not YAML"),
        ("business:", "busines:", "shop.yml", "has no `business`"),
        ("users:\n", "users: everybody\nother:\n", "shop.yml", "`users` must be a list"),
        ("  - {name: Meena", "  - Meena\n  - {name: Meena", "users, row 2", "must have fields"),
    ],
)
def test_the_place_and_the_trouble_are_named(cli, shop_file, bahi, number, old, new, where, what):
    said = cli("shop", "load", shop_file(swap={old: new}))
    assert said.code == 1
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert where in said.err
    assert what in said.err
    assert bahi.business_for_number(number) is None


def test_a_missing_file(cli, tmp_path):
    said = cli("shop", "load", tmp_path / "nowhere.yml")
    assert said.code == 1
    assert said.err == f"{tmp_path / 'nowhere.yml'} cannot be read: No such file or directory.\n"


def test_a_file_that_is_no_text(cli, tmp_path):
    path = tmp_path / "shop.yml"
    path.write_bytes(b"\xff\xfe\x00")
    assert cli("shop", "load", path).err == f"{path} is not text in UTF-8.\n"


def test_an_empty_file(cli, tmp_path):
    path = tmp_path / "shop.yml"
    path.write_text("")
    assert cli("shop", "load", path).code == 1


def test_what_is_not_known_is_passed_over_aloud(cli, shop_file):
    said = cli("shop", "load", shop_file(swap={"sku: IPH15": "sku: IPH15, colour: black"}))
    assert said.code == 0
    assert "line 6 (products, row 1): 'colour' is not known, passed over." in said.err


def test_a_doubtful_gstin_is_loaded_with_a_word(cli, shop_file):
    said = cli("shop", "load", shop_file(swap={"27AAPFU0939F1ZV": "27AAPFU0939F1ZX"}))
    assert said.code == 0
    assert "the gstin's check character is wrong" in said.err


def test_a_number_that_is_taken_by_a_customer_rolls_everything_back(cli, show, shop_file, number):
    cli("shop", "load", shop_file())
    path = shop_file(swap={"79900.00": "1.00"})
    text = path.read_text().replace("919123456789", "919123456780")
    path.write_text(text.replace("919876500002", "919123456789"))
    said = cli("shop", "load", path)
    assert said.code == 1
    assert "belongs to somebody else of this shop" in said.err
    assert show(number)["products"][0]["price"] == "79900.00"
