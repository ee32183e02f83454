"""What a bill over a bare amount is for, when no goods are named."""

from __future__ import annotations

DESCRIPTIONS = {
    "goods": {"english": "Goods as supplied", "hindi": "सामान"},
    "services": {"english": "Services as rendered", "hindi": "सेवा"},
    "repair": {"english": "Repair charges", "hindi": "मरम्मत"},
    "delivery": {"english": "Delivery charges", "hindi": "डिलीवरी"},
    "old_dues": {"english": "Previous dues", "hindi": "पिछला बकाया"},
}
