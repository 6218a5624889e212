"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    GOOD = "good"
    ADVICE = "advice"
    WRONG = "wrong"
    UNKNOWN = "unknown"

    @property
    def mark(self) -> str:
        return {"good": "✓", "advice": "!", "wrong": "✗", "unknown": "?"}[self.value]


@dataclass(frozen=True, slots=True)
class Finding:
    """`fix`: what to do, in one line, unless all is well."""

    name: str
    grade: Grade
    says: str
    fix: str = ""


def good(name: str, says: str) -> Finding:
    return Finding(name, Grade.GOOD, says)


def advice(name: str, says: str, fix: str) -> Finding:
    return Finding(name, Grade.ADVICE, says, fix)


def wrong(name: str, says: str, fix: str) -> Finding:
    return Finding(name, Grade.WRONG, says, fix)
