"""Accounts as CSV: what a spreadsheet writes is read, and what is written is safe to open in one. Pure.

What is written reads back as it was: a text that a spreadsheet would take for a formula gets an apostrophe in front,
which reading takes off again.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 5 * 1024 * 1024, 10_000, 50
DELIMITERS = ",;\t"
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""Spreadsheets take the wide signs for the others."""
_NEEDS_QUOTES = re.compile(r'[,;"\r\n]|^\s|\s$|^$')


class TableError(ValueError):
    """The text says why, to the person who gave the file."""


def read(content: bytes) -> list[list[str]]:
    """The rows that have anything in them, with apostrophes against formulas taken off. UTF-8, UTF-16 or Windows-1252;
    comma, semicolon or tab, whichever the first line has most of. Raises TableError."""
    if len(content) > MOST_BYTES:
        raise TableError(_("The file is larger than %(most)d MB: split it.") % {"most": MOST_BYTES // 1024 // 1024})
    text = _decoded(content)
    if "\x00" in text:
        raise TableError(_("This is no CSV file: in a spreadsheet, choose “Save as” and “CSV UTF-8”."))
    rows: list[list[str]] = []
    csv.field_size_limit(MOST_BYTES)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True):
            if any(cell.strip() for cell in row):
                rows.append([_bare(cell) for cell in row[:MOST_COLUMNS]])
            if len(rows) > MOST_ROWS + 1:
                raise TableError(_("The file has more than %(most)d rows: split it.") % {"most": MOST_ROWS})
    except csv.Error as error:
        told = {"line": len(rows) + 1, "error": error}
        raise TableError(_("Row %(line)d can’t be read: %(error)s.") % told) from error
    if not rows:
        raise TableError(_("The file is empty."))
    return rows


def written(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Line by line, beginning with the mark by which spreadsheets know UTF-8."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    line.write("\ufeff")
    for row in rows:
        writer.writerow([_guarded(cell) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def listed(values: Sequence[str]) -> str:
    """Several in one cell, with commas between."""
    return ", ".join('"' + one.replace('"', '""') + '"' if _NEEDS_QUOTES.search(one) else one for one in values)


def unlisted(cell: str) -> list[str]:
    """Each once, also where they stand between semicolons. Raises TableError."""
    delimiter = ";" if ";" in cell and "," not in cell and '"' not in cell else ","
    try:
        rows = csv.reader(io.StringIO(cell, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
        return list(dict.fromkeys(value for row in rows for value in row if value.strip()))
    except csv.Error as error:
        raise TableError(_("“%(cell)s” can’t be read: %(error)s.") % {"cell": cell[:60], "error": error}) from error


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif content[1::2].count(0) > len(content) // 4:
        encodings = ["utf-16-le"]
    elif content[::2].count(0) > len(content) // 4:
        encodings = ["utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(_("The letters can’t be read: save the file as “CSV UTF-8”."))


def _delimiter(text: str) -> str:
    first = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").partition("\n")[0])
    return max(DELIMITERS, key=first.count)


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
