"""Tesseract on this machine, one thread a picture: many pictures are read beside one another.

Its library is asked in this process, which loads a language once instead of at each picture; where
the library is not found, the program is run through pytesseract. Both say the same.
"""

from __future__ import annotations

import csv
import ctypes
import os
import shutil
import threading
from collections.abc import Sequence
from ctypes import c_char_p, c_int, c_void_p
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pytesseract
from numpy.typing import NDArray

from erp_core.kernel.errors import Unavailable
from erp_core.receipts.ports import Word

SECONDS = 12.0
PAGE = 6
"""Page segmentation: one block of text, so that rows stay whole across empty columns."""

WORD = "5"
"""The level of Tesseract's table at which its rows are words."""

LIBRARIES = ("libtesseract.so.5", "libtesseract.5.dylib", "libtesseract-5.dll")

# More threads make one picture hardly faster and all others slower.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")


class Tesseract:
    """The engine that needs nothing but Debian's tesseract-ocr and tesseract-ocr-hin."""

    name = "tesseract"

    def __init__(self, *, page: int = PAGE, seconds: float = SECONDS) -> None:
        self._page = page
        self._seconds = seconds

    def words(
        self, image: NDArray[Any], languages: Sequence[str], *, page: int | None = None
    ) -> list[Word]:
        """The words of a picture; a language that is not installed is left out."""
        known = installed_languages()
        wanted = "+".join(language for language in languages if language in known)
        if not wanted:
            raise Unavailable("ocr_unavailable")
        loaded = _loaded(wanted)
        read = loaded.table if loaded is not None else partial(_table_of_program, wanted)
        return _words(read(image, page or self._page, self._seconds))


def is_installed() -> bool:
    """Whether Tesseract can be run here."""
    return shutil.which("tesseract") is not None


def installed_languages() -> frozenset[str]:
    """The languages that Tesseract can read here; empty where there is none yet."""
    return _languages() if is_installed() else frozenset()


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    return frozenset(pytesseract.get_languages())


# The program


def _table_of_program(languages: str, image: NDArray[Any], page: int, seconds: float) -> str:
    try:
        found = pytesseract.image_to_data(
            image,
            lang=languages,
            config=f"--psm {page} -c tessedit_do_invert=0",
            timeout=seconds,
        )
    except pytesseract.TesseractError:
        raise Unavailable("ocr_failed") from None
    except RuntimeError:
        raise Unavailable("ocr_too_slow") from None
    return str(found).partition("\n")[2]


# The library

_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "TessBaseAPICreate": (c_void_p, ()),
    "TessBaseAPIInit3": (c_int, (c_void_p, c_char_p, c_char_p)),
    "TessBaseAPISetVariable": (c_int, (c_void_p, c_char_p, c_char_p)),
    "TessBaseAPISetPageSegMode": (None, (c_void_p, c_int)),
    "TessBaseAPISetImage": (None, (c_void_p, c_char_p, c_int, c_int, c_int, c_int)),
    "TessBaseAPIRecognize": (c_int, (c_void_p, c_void_p)),
    "TessBaseAPIGetTsvText": (c_void_p, (c_void_p, c_int)),
    "TessBaseAPIClear": (None, (c_void_p,)),
    "TessDeleteText": (None, (c_void_p,)),
    "TessMonitorCreate": (c_void_p, ()),
    "TessMonitorSetDeadlineMSecs": (None, (c_void_p, c_int)),
    "TessMonitorDelete": (None, (c_void_p,)),
}


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL | None:
    """Tesseract's library with the types of what is called; None where it is not found."""
    for name in LIBRARIES:
        try:
            library = ctypes.CDLL(name)
            for function, (result, arguments) in _FUNCTIONS.items():
                known = getattr(library, function)
                known.restype, known.argtypes = result, arguments
        except (OSError, AttributeError):
            continue
        return library
    return None


class _Loaded:
    """Tesseract with its languages loaded, for as long as the process lives."""

    def __init__(self, library: ctypes.CDLL, languages: str) -> None:
        self._library = library
        self._one_at_a_time = threading.Lock()
        self._api = library.TessBaseAPICreate()
        if library.TessBaseAPIInit3(self._api, None, languages.encode()):
            raise Unavailable("ocr_failed")
        for name, value in ((b"tessedit_do_invert", b"0"), (b"debug_file", b"/dev/null")):
            library.TessBaseAPISetVariable(self._api, name, value)

    def table(self, image: NDArray[Any], page: int, seconds: float) -> str:
        """The words of a picture as Tesseract's table, without its heading."""
        with self._one_at_a_time:
            return self._table(image, page, seconds)

    def _table(self, image: NDArray[Any], page: int, seconds: float) -> str:
        library, api = self._library, self._api
        high, wide = image.shape[:2]
        deep = image.shape[2] if image.ndim == 3 else 1
        library.TessBaseAPISetPageSegMode(api, page)
        pixels = np.ascontiguousarray(image).tobytes()
        library.TessBaseAPISetImage(api, pixels, wide, high, deep, deep * wide)
        watch = library.TessMonitorCreate()
        library.TessMonitorSetDeadlineMSecs(watch, int(seconds * 1000))
        try:
            if library.TessBaseAPIRecognize(api, watch):
                raise Unavailable("ocr_too_slow")
            text = library.TessBaseAPIGetTsvText(api, 0)
            try:
                return ctypes.string_at(text).decode(errors="replace")
            finally:
                library.TessDeleteText(text)
        finally:
            library.TessMonitorDelete(watch)
            library.TessBaseAPIClear(api)


@lru_cache(maxsize=4)
def _loaded(languages: str) -> _Loaded | None:
    library = _library()
    return None if library is None else _Loaded(library, languages)


def _words(table: str) -> list[Word]:
    """The words of Tesseract's table: level, page, block, paragraph, line, word, left, top, width,
    height, confidence in per cent, text."""
    words = []
    for row in csv.reader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        if len(row) != 12 or row[0] != WORD or not row[11].strip():
            continue
        block, paragraph, line = map(int, row[2:5])
        left, top, width, height = map(int, row[6:10])
        words.append(
            Word(
                text=row[11].strip(),
                left=left,
                top=top,
                width=width,
                height=height,
                confidence=max(0.0, float(row[10]) / 100),
                line=paragraph * 1000 + line,
                block=block,
            )
        )
    return words
