"""What a table of accounts would change, row by row. Nothing here changes anything: `conversations.account_importing`
applies it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import tables
from accounts.forms import TAG_LENGTH, DomainsField, as_known
from accounts.models import Account, User

COLUMNS = ("name", "domains", "owner e-mail", "tier", "tags", "notes")
OTHER_NAMES = {
    "account": "name", "company": "name", "domain": "domains", "owner": "owner e-mail", "owner email": "owner e-mail",
    "owner_email": "owner e-mail", "tag": "tags", "note": "notes",
}  # fmt: skip
MOST_NOTES = 20_000


class Verdict(StrEnum):
    MADE = "made"
    CHANGED = "changed"
    LEFT = "left"
    REFUSED = "refused"


@dataclass(slots=True)
class Line:
    """A row of the table. `values`: by the account's field what it will have; `told`: in words, what changes."""

    number: int
    name: str
    verdict: Verdict = Verdict.LEFT
    why: str = ""
    account: Account | None = None
    values: dict[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    lines: Sequence[Line]
    unknown_columns: Sequence[str]

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(line.verdict for line in self.lines)
        return {verdict.value: counted[verdict] for verdict in Verdict}

    @property
    def fingerprint(self) -> str:
        """Another one when accounts have changed so that the table would do something else."""
        seen = [(line.number, line.verdict, line.told, line.why) for line in self.lines]
        return hashlib.sha256(repr(seen).encode()).hexdigest()


def plan(table: Sequence[Sequence[str]], *, workspace_id: int) -> Plan:
    """Two queries. Raises `tables.TableError` when the first row does not name the columns.

    An account is known by its name, in any case. An empty cell, or a column that isn't there, changes nothing.
    """
    columns, unknown = _columns(table[0])
    reading = _Reading(workspace_id)
    return Plan([reading.line(number, columns, row) for number, row in enumerate(table[1:], 2)], unknown)


def exported(workspace_id: int) -> Iterator[Sequence[str]]:
    """The rows of all accounts, the columns' names first; read as they are asked for."""
    yield COLUMNS
    accounts = Account.objects.filter(workspace=workspace_id).select_related("owner")
    for one in accounts.iterator(chunk_size=500):
        owner = (one.owner.email or "") if one.owner else ""
        yield one.name, tables.listed(one.domains), owner, one.tier, tables.listed(one.tags), one.notes


class _Reading:
    def __init__(self, workspace_id: int) -> None:
        self.accounts: dict[str, Account] = {}
        for account in Account.objects.filter(workspace=workspace_id).select_related("owner"):
            self.accounts[_same(account.name)] = account
        people = User.objects.filter(workspace=workspace_id).exclude(email=None)
        self.people = {str(one.email).casefold(): one for one in people}
        self.tiers = sorted({account.tier for account in self.accounts.values()} - {""})
        self.seen: dict[str, int] = {}

    def line(self, number: int, columns: Mapping[str, int], row: Sequence[str]) -> Line:
        cells = {name: row[place] for name, place in columns.items() if place < len(row)}
        line = Line(number, cells.get("name", "").strip())
        try:
            self._read(line, cells)
        except (ValidationError, tables.TableError) as error:
            line.verdict, line.told, line.values = Verdict.REFUSED, [], {}
            line.why = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        return line

    def _read(self, line: Line, cells: Mapping[str, str]) -> None:
        if not line.name:
            raise ValidationError(_("It has no name."))
        if len(line.name) > 120:
            raise ValidationError(_("A name has at most %(most)d characters.") % {"most": 120})
        first = self.seen.setdefault(_same(line.name), line.number)
        if first != line.number:
            raise ValidationError(_("Row %(number)d is this account already.") % {"number": first})
        line.account = self.accounts.get(_same(line.name))
        for name, read in (
            ("domains", self._domains), ("owner e-mail", self._owner), ("tier", self._tier), ("tags", self._tags),
            ("notes", self._notes),
        ):  # fmt: skip
            if cells.get(name, "").strip():
                self._compare(line, "owner" if name == "owner e-mail" else name, *read(cells[name], line.account))
        line.verdict = Verdict.MADE if line.account is None else Verdict.CHANGED if line.values else Verdict.LEFT

    def _compare(self, line: Line, name: str, value: Any, shown: str) -> None:
        before = getattr(line.account, name) if line.account else None
        if before == value:
            return
        line.values[name] = value
        line.told.append(f"{_LABELS[name]()}: {shown}")

    def _domains(self, cell: str, account: Account | None) -> tuple[list[str], str]:
        given = tables.unlisted(cell)
        if account and given == account.domains:
            return given, ""
        domains: list[str] = DomainsField().clean(" ".join(given))
        return domains, ", ".join(domains)

    def _owner(self, cell: str, account: Account | None) -> tuple[User, str]:
        owner = self.people.get(cell.strip().casefold())
        stays = account is not None and account.owner == owner
        if owner is None or not (owner.is_active or stays):
            raise ValidationError(
                _("No active teammate has the address %(address)s.") % {"address": cell.strip()[:100]}
            )
        return owner, owner.name

    def _tier(self, cell: str, account: Account | None) -> tuple[str, str]:
        if account and cell == account.tier:
            return cell, ""
        tier = as_known(cell, self.tiers)
        if len(tier) > TAG_LENGTH:
            raise ValidationError(_("A tier has at most %(most)d characters.") % {"most": TAG_LENGTH})
        return tier, tier

    def _tags(self, cell: str, account: Account | None) -> tuple[list[str], str]:
        given = tables.unlisted(cell)
        if account and given == account.tags:
            return given, ""
        tags = list(dict.fromkeys(tag.strip() for tag in given))
        if any(len(tag) > TAG_LENGTH for tag in tags):
            raise ValidationError(_("A tag has at most %(most)d characters.") % {"most": TAG_LENGTH})
        return tags, ", ".join(tags)

    def _notes(self, cell: str, _account: Account | None) -> tuple[str, str]:
        if len(cell) > MOST_NOTES:
            raise ValidationError(_("Notes have at most %(most)d characters.") % {"most": MOST_NOTES})
        return cell, cell[:80]


def _columns(header: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    columns: dict[str, int] = {}
    unknown = []
    for place, text in enumerate(header):
        name = " ".join(text.casefold().split())
        name = OTHER_NAMES.get(name, name)
        if name in COLUMNS and name not in columns:
            columns[name] = place
        elif name:
            unknown.append(text.strip()[:60])
    if "name" not in columns:
        message = _("The first row must name the columns: %(columns)s. Only “name” must be there.")
        raise tables.TableError(message % {"columns": ", ".join(COLUMNS)})
    return columns, unknown


def _same(name: str) -> str:
    return name.strip().lower()


_LABELS = {
    "domains": lambda: _("Domains"), "owner": lambda: _("Owner"), "tier": lambda: _("Tier"),
    "tags": lambda: _("Tags"), "notes": lambda: _("Notes"),
}  # fmt: skip
