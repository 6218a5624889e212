"""The sandbox's own SQLite file: schema, small query helpers, ids and timestamps."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
TABLES = [
    "meta",
    "teams",
    "users",
    "tokens",
    "refresh_tokens",
    "channels",
    "channel_teams",
    "members",
    "messages",
    "reactions",
    "files",
    "views",
    "triggers",
    "response_urls",
    "oauth_codes",
    "openid_codes",
    "calls",
    "deliveries",
    "attempts",
]
LOG_ROWS_KEPT = 50_000
BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Store:
    """One connection, used from the event loop's thread only, so that a verb's steps never interleave."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(SCHEMA)
        self._depth = 0
        for table in ("calls", "deliveries"):
            self.run(f"DELETE FROM {table} WHERE id <= (SELECT max(id) FROM {table}) - ?", LOG_ROWS_KEPT)  # noqa: S608

    def run(self, sql: str, *values: object) -> int:
        """Execute one statement and return the number of rows it touched."""
        return self._db.execute(sql, values).rowcount

    def add(self, table: str, **row: object) -> int:
        """Insert a row and return its id."""
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
        return self._db.execute(statement, tuple(row.values())).lastrowid or 0

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def column(self, sql: str, *values: object) -> list[Any]:
        return [row[0] for row in self._db.execute(sql, values)]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything inside together; may be nested, the outermost one commits."""
        if self._depth == 0:
            self._db.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            self._db.execute("COMMIT")

    def get_meta(self, key: str, default: Any = None) -> Any:
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return default if row is None else json.loads(row["value"])

    def set_meta(self, key: str, value: Any) -> None:
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, json.dumps(value))

    def next_id(self, prefix: str) -> str:
        """A new Slack-like id: the prefix and eight characters, for example ``UMVA3K2P1``.

        The count begins at the present millisecond, so that another home does not repeat the ids of this one.
        """
        number = self.get_meta("last_id", int(time.time() * 1000)) + 1
        self.set_meta("last_id", number)
        return f"{prefix}{_base36(number)}"

    def new_ts(self, channel_id: str, at: float | None = None) -> str:
        """A message timestamp that no other message of the channel has (``1512085950.000216``)."""
        microseconds = round((time.time() if at is None else at) * 1_000_000)
        while True:
            ts = f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"
            taken = self.one("SELECT 1 FROM messages WHERE channel_id = ? AND ts = ?", channel_id, ts)
            if taken is None:
                return ts
            microseconds += 1

    def clear(self) -> None:
        """Forget everything but the last id: an app remembers the ids of events it has seen."""
        last_id = self.get_meta("last_id", 0)
        with self.transaction():
            for table in TABLES:
                self.run(f"DELETE FROM {table}")  # noqa: S608
            if last_id:
                self.set_meta("last_id", last_id)

    def close(self) -> None:
        self._db.close()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = BASE36[digit] + digits
    return digits or "0"
