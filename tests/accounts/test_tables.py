"""Accounts as CSV, read and written."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import tables

TEXT = "name;notes\r\nMüller;„Ja“\r\n"
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_what_spreadsheets_write_is_read(encoding: str) -> None:
    assert tables.read(TEXT.encode(encoding)) == [["name", "notes"], ["Müller", "„Ja“"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = delimiter.join(["name", '"a,b;c,d;e,f;g"', "tags"]) + "\n\n" + delimiter.join("123") + "\n"
    assert tables.read(text.encode()) == [["name", "a,b;c,d;e,f;g", "tags"], ["1", "2", "3"]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"), (b"\n \n", "empty"), (b'name\n"x', "Row 2"), (b"PK\x03\x04\x00\x00\x00\x00", "no CSV"),
        (b"a" * (tables.MOST_BYTES + 1), "5 MB"), (b"x\n" * (tables.MOST_ROWS + 2), "10000 rows"),
        (b"name\n\x81", "letters"),
    ],
    ids=["empty", "blank", "quote", "zip", "bytes", "rows", "letters"],
)  # fmt: skip
def test_what_cant_be_read_is_said(content: bytes, told: str) -> None:
    with pytest.raises(tables.TableError, match=told):
        tables.read(content)


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1"], ids=range(7))
def test_no_cell_begins_as_a_formula(formula: str) -> None:
    (row,) = csv.reader(io.StringIO("".join(tables.written([[formula, "x"]])).removeprefix("\ufeff"), newline=""))
    assert row == [f"'{formula}", "x"]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=4))
def test_what_is_written_reads_back(rows: list[list[str]]) -> None:
    table = [["name", "tags", "notes"], *(["x", *row] for row in rows)]
    assert tables.read("".join(tables.written(table)).encode()) == table


@given(st.lists(CELLS.filter(str.strip), unique=True, min_size=1, max_size=4))
def test_several_in_a_cell_read_back(values: list[str]) -> None:
    assert tables.unlisted(tables.listed(values)) == values
