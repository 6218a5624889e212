"""The console behind a line that breaks: what is called is counted, and may fail before or after it was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from integrations.console.adapter import ConsoleAdapter
from integrations.models import Installation
from integrations.tools.protocol import Adapter, Counterpart

CALLS = {
    "create", "created", "get", "comments", "add", "edit", "delete", "set_status", "set_owner", "changes", "find",
}  # fmt: skip
WRITES = {"create", "add", "edit", "delete", "set_status", "set_owner"}


class Crash(BaseException):
    """The worker dies."""


class Line:
    """Between us and the tool. `before` and `after`: what the next call meets there; `only`: of these calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.before: BaseException | None = None
        self.after: BaseException | None = None
        self.lasts = False
        self.only = CALLS
        self.merged: dict[str, str] = {}
        """What the tool has merged: by a ticket's id the other's."""

    def breaks(
        self, *, before: BaseException | None = None, after: BaseException | None = None, only: set[str] = CALLS,
        lasts: bool = False,
    ) -> None:  # fmt: skip
        self.before, self.after, self.only, self.lasts = before, after, only, lasts

    def mends(self) -> None:
        self.before = self.after = None

    def adapter(self, installation: Installation) -> Adapter:
        return Faulty(ConsoleAdapter(installation), self)


class Faulty:
    def __init__(self, real: ConsoleAdapter, line: Line) -> None:
        self._real, self._line = real, line

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        return self._through(name, found) if name in CALLS else found

    def _through(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            line = self._line
            line.calls.append(name)
            meets = name in line.only
            if meets and line.before:
                error, line.before = line.before, line.before if line.lasts else None
                raise error
            answer = real(*args)
            if isinstance(answer, Counterpart) and name == "get":
                answer = replace(answer, merged_into=line.merged.get(answer.external_id, ""))
            if meets and line.after:
                error, line.after = line.after, line.after if line.lasts else None
                raise error
            return answer

        return call
