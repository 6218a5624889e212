"""Tables and lists as CSV files, streamed, safe to be opened by a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet would run when a cell begins with it."""
BOM = "\ufeff"
"""Without it Excel reads names with other than English letters wrongly."""
LINES = 500
"""Written at once."""

Cell = str | int | float | None


def as_file(request: HttpRequest, name: str, rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """Answer with rows, the first being the headings, as `name`.csv."""
    chunks = lines(rows)
    disposition = content_disposition_header(as_attachment=True, filename=f"{name}.csv")
    return StreamingHttpResponse(
        handed_over(chunks) if isinstance(request, ASGIRequest) else chunks,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": disposition or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    writer, left = csv.writer(_Echo()), iter(rows)
    begin = BOM
    while part := [writer.writerow([safe(cell) for cell in row]) for row in islice(left, LINES)]:
        yield begin + "".join(part)
        begin = ""


def safe(cell: Cell) -> str | int | float:
    """Text that would be a formula gets an apostrophe before it; numbers stay numbers."""
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA):
        return f"'{cell}"
    return round(cell, 4) if isinstance(cell, float) else cell


class _Echo:
    """A file whose lines are handed back."""

    def write(self, line: str) -> str:
        return line


async def handed_over(chunks: Iterator[str]) -> AsyncIterator[str]:
    """Read in threads, so that a long file holds up no other request."""
    read = sync_to_async(lambda: next(chunks, ""), thread_sensitive=True)
    while chunk := await read():
        yield chunk
