from __future__ import annotations

import pytest

from conversations.search.words import Filter, Query, Term, parse


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", Query()),
        ("export csv ", Query((Term("export"), Term("csv")))),
        ("export cs", Query((Term("export"), Term("cs", is_open=True)))),
        ('"shows yesterday" x ', Query((Term("shows yesterday", is_phrase=True), Term("x")))),
        ('“shows yesterday” ', Query((Term("shows yesterday", is_phrase=True),))),
        ('"not ended', Query((Term("not ended", is_phrase=True, is_open=True),))),
        ("export -csv ", Query((Term("export"), Term("csv", is_excluded=True)))),
        ('-"two words" ', Query((Term("two words", is_phrase=True, is_excluded=True),))),
        ("owner:me", Query((), (Filter("owner", "me"),))),
        (
            'Account:"Globex Corp" -status:closed',
            Query((), (Filter("account", "Globex Corp"), Filter("status", "closed", True))),
        ),
        ("https://a.example error:500 ", Query((Term("https://a.example"), Term("error:500")))),
        ("owner: export ", Query((Term("owner:"), Term("export")))),
        ("a\x00b ", Query((Term("ab"),))),
    ],
    ids=range(13),
)  # fmt: skip
def test_what_was_typed_is_taken_apart(typed: str, query: Query) -> None:
    assert parse(typed) == query


def test_a_query_is_written_as_it_can_be_read_again() -> None:
    query = parse('-tag:"how to" owner:me "two words" -csv export ')
    assert parse(f"{query} ") == query
    assert str(query.without(Filter("owner", "me"))) == '-tag:"how to" "two words" -csv export'


def test_a_query_has_an_end() -> None:
    assert len(parse("word " * 500).terms) == 10
