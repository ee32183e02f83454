"""What happens to a bill between the till and the chat, one kind at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[Any]
Chance = np.random.Generator

LIGHT = ("none", "fade", "shadow", "skew", "noise")


def damaged(picture: Picture, kind: str, seed: int) -> Picture:
    """A grey picture (h, w) of uint8 after a kind of damage; the same seed does the same."""
    chance = np.random.default_rng(seed)
    return DAMAGES[kind](picture, chance)


def _none(picture: Picture, _: Chance) -> Picture:
    return picture


def _fade(picture: Picture, chance: Chance) -> Picture:
    """Thermal print that lay in the sun: pale, and paler in bands."""
    strength = chance.uniform(0.3, 0.55)
    bands = 1 - 0.25 * _smooth(chance, (picture.shape[0], 1), 120)
    ink = (255.0 - picture) * strength * bands
    return _byte(245 - ink + chance.normal(0, 3, picture.shape))


def _shadow(picture: Picture, chance: Chance) -> Picture:
    """A hand or a phone between lamp and paper."""
    height, width = picture.shape
    y, x = np.mgrid[0:height, 0:width]
    angle = chance.uniform(0, 2 * np.pi)
    across = (x - width * chance.uniform(0.3, 0.7)) * np.cos(angle)
    across += (y - height * chance.uniform(0.3, 0.7)) * np.sin(angle)
    light = 1 - chance.uniform(0.35, 0.6) / (1 + np.exp(-across / (width * 0.05)))
    return _byte(picture * light)


def _skew(picture: Picture, chance: Chance) -> Picture:
    angle = chance.uniform(2, 7) * chance.choice([-1, 1])
    return _turned(picture, angle, 250)


def _noise(picture: Picture, chance: Chance) -> Picture:
    noisy = _byte(picture + chance.normal(0, 14, picture.shape))
    _, packed = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 35])
    return cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)


def _blur(picture: Picture, chance: Chance) -> Picture:
    """Out of focus, or moved."""
    soft = cv2.GaussianBlur(picture, (0, 0), chance.uniform(1.2, 1.9))
    length = int(chance.integers(2, 5))
    return cv2.filter2D(soft, -1, np.full((1, length), 1 / length))


def _crumple(picture: Picture, chance: Chance) -> Picture:
    """Folds that bend the lines and throw shade."""
    height, width = picture.shape
    bend = _smooth(chance, picture.shape, 70) * 2 - 1
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shifted = cv2.remap(
        picture,
        (x + 5 * bend).astype(np.float32),
        (y + 6 * (_smooth(chance, picture.shape, 90) * 2 - 1)).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    slope = cv2.Sobel(bend.astype(np.float32), cv2.CV_32F, 1, 1, ksize=5)
    shade = 1 - 0.3 * np.clip(np.abs(slope) / (np.abs(slope).max() + 1e-6), 0, 1)
    return _byte(shifted * shade * (0.85 + 0.15 * _smooth(chance, picture.shape, 60)))


def _camera(picture: Picture, chance: Chance) -> Picture:
    """On a dark desk, from the side, in a lamp's light, with a phone's noise."""
    height, width = picture.shape
    pad_x, pad_y = int(width * 0.2), int(height * 0.12)
    desk = 60 + 40 * _smooth(chance, (height + 2 * pad_y, width + 2 * pad_x), 40)
    far = chance.uniform(-0.07, 0.07, (4, 2)) * (width, min(height, 2 * width))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    target = (corners + np.array([pad_x, pad_y]) + far).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    size = (desk.shape[1], desk.shape[0])
    sheet = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_AREA)
    there = cv2.warpPerspective(np.full_like(picture, 255), matrix, size) / 255.0
    photo = desk * (1 - there) + sheet * there
    photo = _shadow(_byte(photo * 0.95), chance) if chance.random() < 0.5 else _byte(photo)
    photo = cv2.GaussianBlur(photo, (0, 0), chance.uniform(0.5, 0.9))
    return _byte(photo + chance.normal(0, 4, photo.shape))


def _turned(picture: Picture, angle: float, ground: int) -> Picture:
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    pad = int(max(height, width) * 0.08)
    matrix[:, 2] += pad
    size = (width + 2 * pad, height + 2 * pad)
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderValue=ground)


def _smooth(chance: Chance, shape: tuple[int, ...], cell: int) -> Picture:
    """Random hills of 0..1, about `cell` pixels apart."""
    height, width = shape[0], shape[1]
    rough = chance.random((max(2, height // cell + 2), max(2, width // cell + 2)))
    hills = cv2.resize(rough.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(hills, 0, 1)


def _byte(values: Picture) -> Picture:
    return np.clip(values, 0, 255).astype(np.uint8)


def _side(picture: Picture, chance: Chance) -> Picture:
    """A phone held the other way, which no EXIF tells: by a quarter or a half."""
    leaning = _turned(picture, chance.uniform(-2, 2), 250)
    return np.ascontiguousarray(np.rot90(leaning, 1 + sum(picture.shape) % 3))


DAMAGES: dict[str, Callable[[Picture, Chance], Picture]] = {
    "none": _none,
    "fade": _fade,
    "shadow": _shadow,
    "skew": _skew,
    "noise": _noise,
    "blur": _blur,
    "crumple": _crumple,
    "camera": _camera,
    "side": _side,
}
