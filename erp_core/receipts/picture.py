"""From a photo of a bill to a flat, straight, evenly lit grey picture that an engine reads well.

Every step can be left out, which is how the report measures what each of them is worth.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[Any]

STEPS = ("upright", "paper", "deskew", "crop", "contrast", "denoise", "scale")

LARGEST_SIDE = 3000
MOST_PIXELS = 4_500_000
"""An engine takes a second for so many."""

TEXT_HEIGHT = 30
"""Capitals of so many pixels are what Tesseract's network was trained on."""

SMALL = 800
LEAST_PAPER = 0.25
"""A sheet that fills less of the photo than this is more likely a box printed on the bill."""

MOST_SKEW = 15.0

MOST_PRINT = 0.9
"""The share of all letters that must lie on a sheet."""

HEADLINES = 0.28
"""The share of print that stands in one wide piece; English has 0.1, Hindi 0.35 and more."""

LEAST_SHEET, AROUND = 0.12, 6
"""Of several sheets each fills so much of the photo; pixels of a small picture left around it."""

APART = 70
"""By so many grey levels a ground is darker than the sheets that lie on it."""

ON_SIDE = 0.5
"""Where fewer letters have their nearest neighbour beside them, the picture lies on its side."""

READABLE, FEW_LETTERS, MOST_LETTERS = 1600, 40, 500

BESIDE_ROW, BETWEEN = 0.45, 12
"""Around a row that is read by itself: in heights of its letters, and in pixels."""

SOFT, LARGER = 1 / 22, 3.0
"""How soft such a row is made, in heights of its letters, and how much larger at most."""

EVEN_ENOUGH = 40
"""Paper whose light differs by fewer grey levels is left as it is: a correction costs sharpness."""


def decode(data: bytes) -> Image | None:
    """An RGB picture turned as its EXIF says, no side above LARGEST_SIDE; None when it is none."""
    raw = np.frombuffer(data, np.uint8)
    try:
        image = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
    except cv2.error:
        return None
    if image is None or min(image.shape[:2]) < 16:
        return None
    return cv2.cvtColor(shrunk(image, LARGEST_SIDE), cv2.COLOR_BGR2RGB)


def as_jpeg(image: Image) -> bytes:
    """An RGB picture as a file again."""
    _, data = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95]
    )
    return bytes(data)


def shrunk(image: Image, most: int) -> Image:
    """The picture with its longer side at most so long."""
    factor = most / max(image.shape[:2])
    return image if factor >= 1 else resized(image, factor)


def resized(image: Image, factor: float) -> Image:
    """The picture so many times as large, by the method that suits the direction."""
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=how)


def prepare(image: Image, steps: Collection[str] = STEPS, *, letters: int = TEXT_HEIGHT) -> Image:
    """The grey picture to read, after so many of the steps; `letters` is how high they become."""
    if "paper" in steps:
        image = flattened(image)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if "deskew" in steps:
        grey = straightened(grey)
    if "crop" in steps:
        grey = cropped(grey)
    if "contrast" in steps:
        grey = evenly_lit(grey)
    if "denoise" in steps:
        grey = denoised(grey)
    if "scale" in steps:
        grey = scaled(grey, letters)
    return grey


# Paper


def flattened(image: Image) -> Image:
    """The sheet alone, seen from above, where its four corners stand out of the background."""
    corners = paper(image)
    if corners is None or _leaves_print_out(image, corners):
        return image
    return seen_from_above(image, corners)


def _leaves_print_out(image: Image, corners: Image) -> bool:
    """Whether print lies outside of the supposed sheet, which was a patch of light then."""
    factor = min(1.0, 1200 / max(image.shape[:2]))
    grey = cv2.cvtColor(resized(image, factor) if factor < 1 else image, cv2.COLOR_RGB2GRAY)
    inside = np.zeros_like(grey)
    cv2.fillConvexPoly(inside, (corners * factor).astype(np.int32), (1,))
    left, top, wide, high, _ = letters_of(grey).T
    middle_x = np.clip(left + wide // 2, 0, grey.shape[1] - 1)
    middle_y = np.clip(top + high // 2, 0, grey.shape[0] - 1)
    within = inside[middle_y, middle_x] > 0
    return bool(within.size == 0 or within.mean() < MOST_PRINT)


def paper(image: Image) -> Image | None:
    """The corners of the sheet (4, 2), from the top left clockwise; None where it is not clear."""
    factor = min(1.0, SMALL / max(image.shape[:2]))
    small = resized(image, factor) if factor < 1 else image
    area = small.shape[0] * small.shape[1]
    for mask in _masks(small):
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:2]:
            corners = _four_corners(cv2.convexHull(contour), area)
            if corners is not None:
                return corners / factor
    return None


def sheets(image: Image) -> int:
    """How many sheets of paper lie apart from each other in the picture."""
    return max(1, len(_sheets(shrunk(image, SMALL))))


def apart(image: Image) -> list[Image]:
    """Each of several sheets by itself, from the top, those beside each other from the left."""
    small = shrunk(image, SMALL)
    factor = image.shape[1] / small.shape[1]
    boxes = [cv2.boundingRect(contour) for contour in _sheets(small)]
    rows = sorted(boxes, key=lambda box: (round(2 * box[1] / max(1, box[3])), box[0]))
    parts = []
    for left, top, wide, high in rows:
        x0, y0 = (max(0, int((at - AROUND) * factor)) for at in (left, top))
        x1, y1 = int((left + wide + AROUND) * factor), int((top + high + AROUND) * factor)
        parts.append(np.ascontiguousarray(image[y0:y1, x0:x1]))
    return parts


def _sheets(small: Image) -> list[Image]:
    """The outlines of sheets that lie apart on a darker ground; none where there is no telling."""
    area = small.shape[0] * small.shape[1]
    mask = _masks(small)[0]
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    light, dark = grey[mask > 0], grey[mask == 0]
    if not light.size or dark.size < 0.1 * area or light.mean() - dark.mean() < APART:
        return []
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        box = cv2.contourArea(cv2.boxPoints(cv2.minAreaRect(contour)))
        size = cv2.contourArea(contour)
        if size > LEAST_SHEET * area and size > 0.85 * box:
            found.append(contour)
    return found


def _masks(small: Image) -> list[Image]:
    """Where the paper may be: what is light and has little colour, against a darker ground."""
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    light = cv2.GaussianBlur(hsv[:, :, 2], (5, 5), 0)
    # Print is dark too: closing fills the letters in, so that the sheet is one piece.
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    _, by_light = cv2.threshold(closed, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    pale = cv2.subtract(closed, cv2.morphologyEx(hsv[:, :, 1], cv2.MORPH_OPEN, np.ones((9, 9))))
    _, by_colour = cv2.threshold(pale, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return [cv2.morphologyEx(m, cv2.MORPH_OPEN, np.ones((9, 9))) for m in (by_light, by_colour)]


def _four_corners(hull: Image, area: int) -> Image | None:
    size = cv2.contourArea(hull)
    if not LEAST_PAPER * area < size < 0.97 * area:
        return None
    length = cv2.arcLength(hull, True)
    for precision in (0.02, 0.04, 0.06):
        shape = cv2.approxPolyDP(hull, precision * length, True)
        if len(shape) == 4 and cv2.contourArea(shape) > 0.85 * size:
            return _in_order(shape.reshape(4, 2).astype(np.float32))
    box = cv2.boxPoints(cv2.minAreaRect(hull))
    if size > 0.85 * cv2.contourArea(box):
        return _in_order(box.astype(np.float32))
    return None


def _in_order(corners: Image) -> Image:
    """Top left, top right, bottom right, bottom left."""
    sums, differences = corners.sum(axis=1), corners[:, 1] - corners[:, 0]
    order = [sums.argmin(), differences.argmin(), sums.argmax(), differences.argmax()]
    return corners[order]


def seen_from_above(image: Image, corners: Image) -> Image:
    """The sheet with these corners as a rectangle."""
    top_left, top_right, bottom_right, bottom_left = corners
    width = max(np.hypot(*(top_right - top_left)), np.hypot(*(bottom_right - bottom_left)))
    height = max(np.hypot(*(bottom_left - top_left)), np.hypot(*(bottom_right - top_right)))
    if min(width, height) < 50:
        return image
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return cv2.warpPerspective(
        image, matrix, (int(width), int(height)), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)
    )


# Which way up


def lies_on_side(image: Image) -> bool:
    """Whether rows of print run from top to bottom instead of from left to right."""
    share = beside_rather_than_below(image)
    return share is not None and share < ON_SIDE


def beside_rather_than_below(image: Image) -> float | None:
    """The share of letters whose nearest neighbour stands beside them; None for too few letters."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    letters = letters_of(shrunk(grey, READABLE))
    if len(letters) < FEW_LETTERS:
        return None
    some = letters[:: 1 + len(letters) // MOST_LETTERS].astype(np.float32)
    beside, below = _gaps(some, letters, 0), _gaps(some, letters, 1)
    told = np.minimum(beside, below) < 3 * some[:, 3]
    return float((beside < below)[told].mean()) if told.sum() >= FEW_LETTERS else None


def _gaps(some: Image, letters: Image, axis: int) -> Image:
    """From each letter to the nearest one along an axis (0 is across), among those in its row."""
    start, size = some[:, axis, None], some[:, 2 + axis, None]
    other, length = letters[None, :, axis], letters[None, :, 2 + axis]
    apart = np.abs(start + size / 2 - other - length / 2) - (size + length) / 2
    across = 1 - axis
    middle, half = some[:, across, None] + some[:, 2 + across, None] / 2, some[:, 2 + across, None]
    level = np.abs(middle - letters[None, :, across] - letters[None, :, 2 + across] / 2) < half / 2
    gaps: Image = np.where(level & (apart > 0), apart, np.inf).min(axis=1)
    return gaps


def turned(image: Image, quarters: int) -> Image:
    """The picture turned to the left by so many quarters."""
    return np.ascontiguousarray(np.rot90(image, quarters))


def middle_of(grey: Image, share: float) -> Image:
    """The part of the picture around its middle row that is so high."""
    margin = int(grey.shape[0] * (1 - share) / 2)
    return np.ascontiguousarray(grey[margin : grey.shape[0] - margin])


# Skew


def straightened(grey: Image) -> Image:
    """The picture turned so that its lines of text lie flat."""
    angle = skew(grey)
    if abs(angle) < 0.3:
        return grey
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    wide, high = int(height * sin + width * cos), int(height * cos + width * sin)
    matrix[0, 2] += (wide - width) / 2
    matrix[1, 2] += (high - height) / 2
    return cv2.warpAffine(
        grey, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def skew(grey: Image) -> float:
    """By how many degrees to turn the picture back: the angle at which rows of ink stand apart."""
    ink = _ink(shrunk(grey, SMALL))
    if ink.mean() < 0.002:
        return 0.0
    coarse = max(np.arange(-MOST_SKEW, MOST_SKEW + 0.5, 1.0), key=lambda a: _contrast(ink, a))
    return float(max(np.arange(coarse - 0.8, coarse + 0.9, 0.2), key=lambda a: _contrast(ink, a)))


def _ink(grey: Image) -> Image:
    """1 where there is print, 0 on paper, thick borders left out."""
    block = 25
    dark = cv2.adaptiveThreshold(
        grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 15
    )
    return dark.astype(np.float32)


def _contrast(ink: Image, angle: float) -> float:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), 1.0)
    rows = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_NEAREST).sum(axis=1)
    return float(np.square(np.diff(rows)).sum())


# Empty margins


def cropped(grey: Image) -> Image:
    """The part that is printed on: a small bill on a large sheet is mostly nothing."""
    factor = min(1.0, 1200 / max(grey.shape))
    ink = (_ink(resized(grey, factor) if factor < 1 else grey) * 255).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, wide, high, filled = stats[1:].T
    tall = ink.shape[0]
    letters = (high >= 4) & (high < tall / 8) & (wide < 12 * high) & (filled >= 6)
    if letters.sum() < 40:
        return grey
    rows = _most_of(top[letters], (top + high)[letters])
    columns = _most_of(left[letters], (left + wide)[letters])
    margin = 20
    y0, y1 = (max(0, rows[0] - margin), rows[1] + margin)
    x0, x1 = (max(0, columns[0] - margin), columns[1] + margin)
    return grey[int(y0 / factor) : int(y1 / factor), int(x0 / factor) : int(x1 / factor)]


def _most_of(starts: Image, ends: Image) -> tuple[int, int]:
    """From the first to the last letter, a few far-off specks left out."""
    return int(np.percentile(starts, 0.7)), int(np.percentile(ends, 99.3))


def strips(grey: Image, rows: Sequence[tuple[float, float, float]], letters: int) -> Image:
    """These rows (top, bottom, height of a letter), one under the other on white.

    Each is brought to the same height of letters, and softened: dots of a printer grow together.
    """
    parts = []
    for top, bottom, high in rows:
        margin = BESIDE_ROW * high
        part = grey[max(0, int(top - margin)) : int(bottom + margin)]
        part = cv2.GaussianBlur(resized(part, min(LARGER, letters / high)), (0, 0), SOFT * letters)
        around = BETWEEN, BETWEEN, BETWEEN, BETWEEN
        parts.append(cv2.copyMakeBorder(part, *around, cv2.BORDER_REPLICATE))
    wide = max(part.shape[1] for part in parts)
    return np.vstack([_filled(part, wide) for part in parts])


def _filled(part: Image, wide: int) -> Image:
    """A strip as wide as the widest, with white below."""
    missing = wide - part.shape[1]
    return cv2.copyMakeBorder(part, 0, BETWEEN, 0, missing, cv2.BORDER_CONSTANT, value=(255,))


# Light, noise and size


def evenly_lit(grey: Image) -> Image:
    """Shadow and fading taken out: each pixel against the paper around it."""
    side = max(15, min(grey.shape) // 25 | 1)
    small = shrunk(grey, 1000)
    paper_there = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), min(side, 51) | 1)
    if np.percentile(paper_there, 90) - np.percentile(paper_there, 10) < EVEN_ENOUGH:
        return stretched(grey)
    ground = cv2.resize(paper_there, (grey.shape[1], grey.shape[0]))
    even = cv2.divide(grey, np.maximum(ground, 1), scale=255)
    return stretched(even)


def stretched(grey: Image) -> Image:
    """Pale print made black and the paper white."""
    low, high = np.percentile(grey, (0.5, 60))
    if high - low < 20 or (low < 40 and high > 215):
        return grey
    wider = (grey.astype(np.float32) - low) * (255.0 / (high - low))
    blacker: Image = np.clip(wider, 0, 255).astype(np.uint8)
    return blacker


def denoised(grey: Image) -> Image:
    """Specks taken out where there are any; a clean picture stays sharp."""
    if noise(grey) < 6.0:
        return grey
    return cv2.bilateralFilter(cv2.medianBlur(grey, 3), 5, 40, 40)


def noise(grey: Image) -> float:
    """How grainy the picture is, in grey levels: what a small median takes away."""
    return float(np.median(cv2.absdiff(grey, cv2.medianBlur(grey, 3)).astype(np.float32)[::2, ::2]))


def scaled(grey: Image, height: int = TEXT_HEIGHT) -> Image:
    """The picture at the size at which its letters are as high as the engine likes them."""
    letters = text_height(grey)
    factor = 2.0 if letters is None else min(3.0, max(0.6, height / letters))
    factor = min(factor, float(np.sqrt(MOST_PIXELS / grey.size)))
    return resized(grey, factor) if abs(factor - 1) > 0.1 else grey


def text_height(grey: Image) -> float | None:
    """The height in pixels of most letters; None where there are too few to tell."""
    high = letters_of(grey)[:, 3]
    return float(np.percentile(high, 70)) if high.size >= 30 else None


def letters_of(grey: Image) -> Image:
    """What looks like a letter, as rows of (left, top, width, height, pixels of ink)."""
    ink = (_ink(grey) * 255).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    wide, high, filled = stats[1:, 2], stats[1:, 3], stats[1:, 4]
    like = (high >= 6) & (high <= 120) & (wide < 3 * high) & (filled > 0.15 * wide * high)
    letters: Image = stats[1:][like]
    return letters


def has_headlines(grey: Image) -> bool:
    """Whether the print hangs from lines, as Devanagari does: its words are one piece, and wide."""
    ink = (_ink(grey) * 255).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    usual = text_height(grey)
    if usual is None:
        return False
    wide, high, filled = stats[1:, 2], stats[1:, 3], stats[1:, 4]
    print_like = (high > 0.6 * usual) & (high < 3 * usual) & (filled > 0.2 * wide * high)
    print_like &= wide < 15 * high
    words = print_like & (wide > 1.6 * high)
    return bool(wide[words].sum() > HEADLINES * max(1, wide[print_like].sum()))
