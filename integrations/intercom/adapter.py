"""What tickets and conversations of Intercom have in common. Which of the two a connection makes is chosen once.

Sources: Intercom’s OpenAPI description 2.15; what it says no word of, with its source beside it.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from integrations.intercom import bodies, webhooks
from integrations.intercom.client import IntercomClient, shown
from integrations.intercom.people import People
from integrations.models import Installation
from integrations.tools.errors import Gone, ToolError, Unsupported
from integrations.tools.protocol import (
    Abilities,
    Changes,
    Choice,
    ChoiceField,
    Choices,
    Counterpart,
    File,
    Finding,
    NewComment,
    NewTicket,
    Person,
    TheirComment,
    TheirFile,
    Touched,
    Webhook,
)  # fmt: skip
from integrations.tools.session import Session

FOUND = 10
POLL = timedelta(minutes=5)
OVERLAP = 300
"""Seconds: what changed is found by a search some minutes later only; what is told twice does no harm."""
PAGE = 150
"""The most that a search answers at once."""
SAME_MOMENT = 5
"""Seconds between the marks that a merge leaves on both sides."""
MERGED_AWAY, MERGED_INTO = "merged_secondary_conversation", "merged_primary_conversation"
"""Kinds of parts, as those tell who read them from the API. Intercom documents neither, and names no other side."""


class IntercomAdapter(ABC):
    kind: str
    """`ticket` or `conversation`, as in addresses and answers."""

    def __init__(self, installation: Installation) -> None:
        credentials = installation.credentials
        self._client = IntercomClient(Session(installation))
        self._people = People(self._client, str(credentials.get("writer", "")))
        self._secret = str(credentials.get("client_secret", ""))
        self._app_id = installation.external_id.partition(":")[0]
        self._pages = installation.url.rstrip("/")

    @property
    @abstractmethod
    def can(self) -> Abilities: ...

    @abstractmethod
    def create(self, ticket: NewTicket) -> Counterpart: ...

    @abstractmethod
    def created(self, key: str) -> Counterpart | None: ...

    @abstractmethod
    def edit(self, external_id: str, comment_id: str, comment: NewComment) -> None: ...

    @abstractmethod
    def delete(self, external_id: str, comment_id: str) -> None: ...

    @abstractmethod
    def set_status(self, external_id: str, status: str) -> None: ...

    @abstractmethod
    def set_owner(self, external_id: str, email: str) -> bool: ...

    def check(self) -> list[Finding]:
        try:
            me = self._people.me
            self._people.writer_id()
            self.choices()
        except ToolError as error:
            return [Finding(_("Intercom does not let us work"), is_good=False, advice=str(error))]
        told = {"name": me.get("name", ""), "app": (me.get("app") or {}).get("name", "")}
        findings = [Finding(_("Intercom takes the token of %(name)s in %(app)s") % told, is_good=True)]
        if self._secret:
            findings.append(Finding(_("Notifications can be verified"), is_good=True))
        else:
            advice = _("Connect it again with the client secret of your app; until then we ask every five minutes.")
            findings.append(Finding(_("There is no client secret"), is_good=False, advice=advice))
        return findings

    def choices(self) -> Choices:
        return self._choices

    def get(self, external_id: str) -> Counterpart:
        told = self._read(external_id)
        return self._told(told, merged_into=self._merged_into(told))

    def find(self, text: str) -> list[Counterpart]:
        """By the number in an address, or by words."""
        text = text.strip()
        last = text.split("?")[0].rstrip("/").rpartition("/")[2].lstrip("#")
        if last.isascii() and last.isdigit():
            return self._by_number(last) if len(last) < 20 else []
        return [self._told(one) for one in self._searched(text[:200])] if text else []

    def comments(self, external_id: str) -> list[TheirComment]:
        told = self._read(external_id)
        parts = self._parts(told)
        if len(parts) < int((told.get(f"{self.kind}_parts") or {}).get("total_count") or 0):
            # Intercom tells the last 500 parts. What is missing there must not be taken for deleted.
            raise ToolError(
                "This has more parts than Intercom tells (500): close it, and go on in a new one.", permanent=True
            )
        return [self._comment(part) for part in parts if _is_said(part)]

    def add(self, external_id: str, comment: NewComment) -> str:
        told = self._read(external_id)
        before = {str(part.get("id")) for part in self._parts(told)}
        reply = self._reply(told, comment)
        added = self._added(shown(self._client.post(f"{self._path(external_id)}/reply", reply)), before, comment)
        # A contact's reply opens what was snoozed or closed; whether it is open here is for us to say.
        status = self._told(told).status
        if reply["type"] == "user" and self._told(self._read(external_id)).status != status:
            self.set_status(external_id, status)
        return added

    def changes(self, cursor: str) -> Changes:
        """The cursor: since when; and within what is read page by page, when that began and where to go on."""
        now = int(time.time())
        if not cursor:
            return Changes([], str(now - OVERLAP))
        since, began, after = [*cursor.split(" "), "", ""][:3]
        query = {"field": "updated_at", "operator": ">", "value": since}
        found, following = self._search(query, after=after)
        touched = [Touched(str(one["id"])) for one in found]
        began = began or str(now - OVERLAP)
        return Changes(touched, f"{since} {began} {following}" if following else began, is_more=bool(following))

    def verify(self, headers: Mapping[str, str], body: bytes) -> Webhook:
        return webhooks.verify(self._secret, headers, body)

    def touched(self, body: str) -> list[str]:
        return webhooks.touched(body, kind=self.kind, app_id=self._app_id)

    # What the two do differently ──────────────────────────────────────────────────────────────────────

    @abstractmethod
    def _all_choices(self) -> Choices: ...

    @abstractmethod
    def _told(self, told: dict[str, Any], *, merged_into: str = "") -> Counterpart: ...

    @abstractmethod
    def _by_number(self, number: str) -> list[Counterpart]: ...

    @abstractmethod
    def _searched(self, text: str) -> list[dict[str, Any]]: ...

    @abstractmethod
    def _with_files(self, comment: NewComment) -> tuple[NewComment, dict[str, Any]]:
        """The comment, naming the files that can’t go along, and those that can as a part of the reply."""

    @abstractmethod
    def _added(self, answer: dict[str, Any], before: set[str], comment: NewComment) -> str: ...

    # What they share ──────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _choices(self) -> Choices:
        return self._all_choices()

    def _agents(self) -> list[Person]:
        admins = self._people.admins
        return [Person(str(one.get("name")), str(one["email"]), is_ours=True) for one in admins if one.get("email")]

    def _team_field(self) -> list[ChoiceField]:
        teams = shown(self._client.get("/teams")).get("teams") or []
        options = [Choice(str(one["id"]), str(one.get("name"))) for one in teams]
        return [ChoiceField("team", _("Team"), options)] if options else []

    def _path(self, external_id: str) -> str:
        return f"/{self.kind}s/{quote(external_id, safe='')}"

    def _read(self, external_id: str) -> dict[str, Any]:
        if not (external_id.isascii() and external_id.isdigit()):
            raise Gone("Intercom has nothing with that number.")
        return shown(self._client.get(self._path(external_id)))

    def _parts(self, told: dict[str, Any]) -> list[dict[str, Any]]:
        return list((told.get(f"{self.kind}_parts") or {}).get(f"{self.kind}_parts") or [])

    def _contacts(self, told: dict[str, Any]) -> list[dict[str, Any]]:
        return list((told.get("contacts") or {}).get("contacts") or [])

    def _search(self, query: dict[str, Any], *, limit: int = PAGE, after: str = "") -> tuple[list[dict[str, Any]], str]:
        """What was found, and where the next page begins."""
        pagination: dict[str, Any] = {"per_page": limit}
        if after:
            pagination["starting_after"] = after
        answer = shown(self._client.post(f"/{self.kind}s/search", {"query": query, "pagination": pagination}))
        following = (answer.get("pages") or {}).get("next")
        return list(answer.get(f"{self.kind}s") or []), str((following or {}).get("starting_after") or "")

    def _reply(self, told: dict[str, Any], comment: NewComment) -> dict[str, Any]:
        """As whoever said it, where Intercom knows them; otherwise in our writer’s name, and it says who it was.

        Nobody is notified: the customer has read it in Slack.
        """
        author = comment.author
        comment, files = self._with_files(comment)
        if comment.is_public and not author.is_ours:
            contact = self._people.contact_among(author, self._contacts(told))
            if contact:
                body = bodies.plain(comment, comment.key, says_who=False)
                return {"message_type": "comment", "type": "user", "intercom_user_id": contact, "body": body, **files}
        speaker = self._people.admin_id(author.email) if author.is_ours else ""
        written = bodies.plain if comment.is_public else bodies.rich
        reply = {
            "message_type": "comment" if comment.is_public else "note", "type": "admin",
            "admin_id": speaker or self._people.writer_id(),
            "body": written(comment, comment.key, says_who=not speaker), **files,
        }  # fmt: skip
        return {**reply, "skip_notifications": True} if comment.is_public else reply

    def _comment(self, part: dict[str, Any]) -> TheirComment:
        text, key = bodies.read(str(part.get("body") or ""))
        return TheirComment(
            str(part["id"]), text, self._people.author(part.get("author")),
            datetime.fromtimestamp(int(part.get("created_at") or 0), tz=UTC), _is_public(part), key,
            [
                TheirFile(str(one.get("name") or "file"), str(one.get("url") or ""), str(one.get("content_type") or ""),
                          one.get("filesize"))
                for one in part.get("attachments") or []
            ],
        )  # fmt: skip

    def _merged_into(self, told: dict[str, Any]) -> str:
        """Where this was merged away: the one of the same contact that took another in at the same moment."""
        merges = [part for part in self._parts(told) if part.get("part_type") == MERGED_AWAY]
        if not merges:
            return ""
        at = int(merges[-1].get("created_at") or 0)
        ids = [str(one["id"]) for one in self._contacts(told)]
        for contact in ids:
            for other in self._search({"field": "contact_ids", "operator": "=", "value": contact}, limit=20)[0]:
                if str(other["id"]) != str(told["id"]) and self._took_in(str(other["id"]), at):
                    return str(other["id"])
        raise ToolError(
            "It was merged into another one in Intercom, which does not say which: connect the conversation with that.",
            permanent=True,
        )

    def _took_in(self, external_id: str, at: int) -> bool:
        parts = [part for part in self._parts(self._read(external_id)) if part.get("part_type") == MERGED_INTO]
        return any(abs(int(part.get("created_at") or 0) - at) <= SAME_MOMENT for part in parts)

    def _seen(self, told: dict[str, Any], status: str) -> dict[str, Any]:
        """What a Counterpart of either kind says. Seconds alone would miss the second of two changes in one."""
        at, owner = int(told.get("updated_at") or 0), told.get("admin_assignee_id")
        count = (told.get(f"{self.kind}_parts") or {}).get("total_count", "")
        return {
            "external_id": str(told["id"]), "url": f"{self._pages}/inbox/conversation/{told['id']}", "status": status,
            "owner": self._people.owner(owner), "updated_at": datetime.fromtimestamp(at, tz=UTC),
            "version": f"{at} {count} {status} {owner or ''}",
        }  # fmt: skip


def no_edit() -> Unsupported:
    return Unsupported("Intercom can’t change what was said.")


def naming(files: Sequence[File], comment: NewComment) -> NewComment:
    """For files that can’t go along: Intercom fetches them without signing in, which ours don’t allow."""
    if not files:
        return comment
    lines = [f"{file.name}: {file.url}" if file.url else file.name for file in files]
    return replace(comment, text="\n".join([comment.text, *lines]), html="")


def _is_said(part: dict[str, Any]) -> bool:
    """By somebody, rather than something that was done; also with closing or assigning, which may say something.

    A bot’s words count where they are an answer to the customer; what else it writes, Intercom says of itself.
    """
    author = part.get("author") or {}
    has_words = bool(part.get("body") or part.get("attachments")) and not part.get("redacted")
    is_merge = part.get("part_type") in {MERGED_AWAY, MERGED_INTO}
    return has_words and not is_merge and (author.get("type") != "bot" or bool(author.get("from_ai_agent")))


def _is_public(part: dict[str, Any]) -> bool:
    """`note`, `note_and_close`, `note_and_reopen` are for teammates; so is what is written when assigning."""
    kind = str(part.get("part_type") or "")
    return not kind.startswith(("note", "assign"))
