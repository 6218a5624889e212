"""SOQL queries with their values bound, so that no text can be taken for a part of the query.

In a literal the quote and the backslash are reserved; in LIKE, so are % and _ (SOQL and SOSL Reference: Reserved
Characters, Quoted String Escape Sequences). Any other escape is an error there, so other control characters are left
out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

_CONTROL = "".join(map(chr, [*range(32), 127]))
_LITERAL: dict[int, str] = str.maketrans(dict.fromkeys(_CONTROL, ""))
_LITERAL |= str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_LIKE = _LITERAL | str.maketrans({"%": "\\%", "_": "\\_"})
_NAMES = re.compile(r"\w+(\.\w+)*(, \w+(\.\w+)*)*\Z", re.ASCII)


class Names(str):
    """Fields or an object, rather than a value."""

    __slots__ = ()


class Containing(str):
    """A text to be found anywhere in a field, by LIKE."""

    __slots__ = ()


Value = str | int | datetime | Iterable[str]


def bound(query: str, values: Mapping[str, Value]) -> str:
    """The query with each `:name` replaced by what is meant."""
    return re.sub(r":(\w+)", lambda found: _written(values[found[1]]), query)


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _written(value: Value) -> str:
    if isinstance(value, Names):
        if not _NAMES.match(value):
            raise ValueError("these are no names of fields")
        return str(value)
    if isinstance(value, Containing):
        return f"'%{value.translate(_LIKE)}%'"
    if isinstance(value, str):
        return f"'{value.translate(_LITERAL)}'"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return moment(value)
    return f"({', '.join(_written(one) for one in value)})"
