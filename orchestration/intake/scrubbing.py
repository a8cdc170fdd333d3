"""Takes personnummer out of texts that come from outside: file names, column names, free text.

Free text inside a delivery is scrubbed set-based by the SQL macro `scrubbed` (macros.sql), which hides as much.
"""

from __future__ import annotations

import re

HIDDEN = "[dolt]"

# A digit is one of any script. Six to eight digits, at most a sign or blanks, four digits.
_PLAIN = re.compile(r"\d{6,8}\s*[-+–]?\s*\d{4}")
# Ten or more digits with nothing but a few marks between them: everything a personnummer can be spread out to.
_LOOSE = re.compile(r"\d(?:[\W_]{0,5}\d){9,}")
# A reserve number: a date, at most a sign or blanks, one or two letters and two or three digits.
_RESERVE = re.compile(r"(?:\d{8}|\d{6})\s*[-+–]?\s*[^\W\d_]{1,2}\d{2,3}(?!\w)")
# Ten digits with at most three marks between any two: what a personnummer can be spread out to in a file name.
_TEN_DIGITS = re.compile(r"(?=(\d(?:[\W_]{0,3}\d){9}))")


def scrub_text(text: str, max_length: int = 200) -> str:
    """`text` with everything that looks like a personnummer replaced by `[dolt]`, cut to `max_length`."""
    return _printable(_RESERVE.sub(HIDDEN, _LOOSE.sub(HIDDEN, text)))[:max_length]


def scrub_file_name(name: str, max_length: int = 300) -> str:
    """As `scrub_text`, but dates and municipality codes joined by `_` or `.` survive.

    `2019-07-01_0180.csv` has the shape of a personnummer; with such marks between only digits with a possible
    date and a right check digit are hidden, so that the ledger can still tell files apart.
    """
    hidden = _RESERVE.sub(HIDDEN, _PLAIN.sub(HIDDEN, name))
    spans = [match.span(1) for match in _TEN_DIGITS.finditer(hidden) if _could_be_real(match[1])]
    for start, end in reversed(spans):
        hidden = hidden[:start] + "\0" * (end - start) + hidden[end:]
    return _printable(re.sub("\0+", HIDDEN, hidden))[:max_length]


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _could_be_real(text: str) -> bool:
    digits = [int(character) for character in text if character.isdecimal()]
    month, day = digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]
    if not (1 <= month <= 12 and (1 <= day <= 31 or 61 <= day <= 91)):
        return False
    doubled = [digit * 2 if place % 2 == 0 else digit for place, digit in enumerate(digits)]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0
