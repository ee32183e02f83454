"""GST state codes, with what the second half of an intra-state tax is called there."""

from __future__ import annotations

from erp_core.kernel.errors import Invalid

STATES = {
    "01": "Jammu and Kashmir",
    "02": "Himachal Pradesh",
    "03": "Punjab",
    "04": "Chandigarh",
    "05": "Uttarakhand",
    "06": "Haryana",
    "07": "Delhi",
    "08": "Rajasthan",
    "09": "Uttar Pradesh",
    "10": "Bihar",
    "11": "Sikkim",
    "12": "Arunachal Pradesh",
    "13": "Nagaland",
    "14": "Manipur",
    "15": "Mizoram",
    "16": "Tripura",
    "17": "Meghalaya",
    "18": "Assam",
    "19": "West Bengal",
    "20": "Jharkhand",
    "21": "Odisha",
    "22": "Chhattisgarh",
    "23": "Madhya Pradesh",
    "24": "Gujarat",
    "26": "Dadra and Nagar Haveli and Daman and Diu",
    "27": "Maharashtra",
    "29": "Karnataka",
    "30": "Goa",
    "31": "Lakshadweep",
    "32": "Kerala",
    "33": "Tamil Nadu",
    "34": "Puducherry",
    "35": "Andaman and Nicobar Islands",
    "36": "Telangana",
    "37": "Andhra Pradesh",
    "38": "Ladakh",
    "96": "Other Countries",
    "97": "Other Territory",
}

RETIRED = {"25": "26", "28": "37"}
"""Codes of old registrations, with the code in force: Daman and Diu, undivided Andhra."""

UNION_TERRITORIES = frozenset({"04", "26", "31", "35", "38", "97"})
"""No legislature, so the second half is UTGST. Delhi, Puducherry and J&K have one."""


def state_name(code: str) -> str:
    """The name of a state. Raises Invalid("bad_state")."""
    return STATES[checked(code)]


def checked(code: str) -> str:
    """The state code in force for a code. Raises Invalid("bad_state")."""
    code = RETIRED.get(code, code)
    if code not in STATES:
        raise Invalid("bad_state")
    return code


def second_head(code: str) -> str:
    """What the state's half of an intra-state tax is called."""
    return "UTGST" if code in UNION_TERRITORIES else "SGST"
