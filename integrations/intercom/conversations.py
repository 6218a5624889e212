"""Intercom’s conversations: what a contact and admins say to each other, open, snoozed or closed."""

from __future__ import annotations

import base64
import time
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from conversations.status import Status
from integrations.intercom import bodies
from integrations.intercom.adapter import FOUND, POLL, IntercomAdapter, naming, no_edit
from integrations.intercom.client import shown
from integrations.tools.errors import Gone, ToolError
from integrations.tools.protocol import Abilities, Choice, Choices, Counterpart, NewComment, NewTicket

FILES = 10
"""In one reply, at most (admin_reply_conversation_request)."""
LARGEST_FILE = 5 * 1024 * 1024
"""Bytes. Intercom documents no limit; they travel as base64 in a JSON body."""
SNOOZE = timedelta(days=30)
"""Intercom opens it again after that, or when the contact answers."""
OUT = {Status.TODO: "open", Status.IN_PROGRESS: "snoozed", Status.CLOSED: "closed"}


class ConversationAdapter(IntercomAdapter):
    kind = "conversation"

    @property
    def can(self) -> Abilities:
        return Abilities(deletes=True, polls=POLL, largest_file=LARGEST_FILE, longest_text=20_000)

    def create(self, ticket: NewTicket) -> Counterpart:
        """As the contact; then what Intercom takes only of a conversation that is there."""
        contact = self._people.contact_id(ticket.requester)
        opening = naming(ticket.opening.files, ticket.opening)
        is_theirs = opening.author == ticket.requester
        body = bodies.plain(opening, ticket.key, says_who=not is_theirs, subject=ticket.subject)
        sent = {"from": {"type": "user", "id": contact}, "body": body}
        made = str(shown(self._client.post("/conversations", sent))["conversation_id"])
        told = self._titled({"id": made}, ticket.subject)
        if team := ticket.fields.get("team"):
            told = self._assign(made, team, to="team")
        if owner := self._people.admin_id(ticket.owner_email):
            told = self._assign(made, owner)
        if ticket.status and ticket.status != told.get("state"):
            told = self._move(made, ticket.status)
        return self._told(told)

    def created(self, key: str) -> Counterpart | None:
        """The key is a word of the first message: “the search will be performed against every element of the value”."""
        either = [{"field": "source.body", "operator": operator, "value": key} for operator in ("=", "~")]
        found, _following = self._search({"operator": "OR", "value": either}, limit=FOUND)
        ours = [one for one in found if bodies.read(str(_source(one).get("body") or ""))[1] == key]
        return self._told(self._titled(ours[0])) if ours else None

    def edit(self, external_id: str, comment_id: str, comment: NewComment) -> None:  # noqa: ARG002 - as the protocol has it
        raise no_edit()

    def delete(self, external_id: str, comment_id: str) -> None:
        """Intercom redacts: the part stays, without its words."""
        told = self._read(external_id)
        if comment_id == str(_source(told).get("id")):
            wanted = {"type": "source", "source_id": comment_id}
            is_there = not _source(told).get("redacted")
        else:
            wanted = {"type": "conversation_part", "conversation_part_id": comment_id}
            parts = [part for part in self._parts(told) if str(part.get("id")) == comment_id]
            is_there = bool(parts) and not parts[0].get("redacted")
        if is_there:
            self._client.post("/conversations/redact", {**wanted, "conversation_id": external_id})

    def set_status(self, external_id: str, status: str) -> None:
        if self._read(external_id).get("state") != status:
            self._move(external_id, status)

    def set_owner(self, external_id: str, email: str) -> bool:
        found = self._people.admin_id(email) if email else "0"
        if found:
            self._assign(external_id, found)
        return bool(found)

    def _titled(self, told: dict[str, Any], title: str = "") -> dict[str, Any]:
        """Intercom takes the title only of a conversation that is there; the first line of ours says it too."""
        wanted = {"title": title or _first_line(told)}
        return told if told.get("title") else shown(self._client.put(self._path(str(told["id"])), wanted))

    def _move(self, external_id: str, status: str) -> dict[str, Any]:
        change: dict[str, Any] = {"admin_id": self._people.writer_id()}
        if status == "closed":
            change |= {"message_type": "close", "type": "admin"}
        elif status == "open":
            change |= {"message_type": "open"}
        elif status == "snoozed":
            change |= {"message_type": "snoozed", "snoozed_until": int(time.time() + SNOOZE.total_seconds())}
        else:
            raise ToolError(f"Intercom knows no state “{status[:40]}”.", permanent=True)
        return shown(self._client.post(f"{self._path(external_id)}/parts", change))

    def _assign(self, external_id: str, assignee: str, *, to: str = "admin") -> dict[str, Any]:
        change = {
            "message_type": "assignment", "type": to, "admin_id": self._people.writer_id(), "assignee_id": assignee,
        }  # fmt: skip
        return shown(self._client.post(f"{self._path(external_id)}/parts", change))

    def _all_choices(self) -> Choices:
        return Choices(
            statuses=[Choice("open", _("Open")), Choice("snoozed", _("Snoozed")), Choice("closed", _("Closed"))],
            status_out={ours.value: theirs for ours, theirs in OUT.items()},
            status_in={theirs: ours.value for ours, theirs in OUT.items()},
            fields=self._team_field(),
            agents=self._agents(),
        )

    def _told(self, told: dict[str, Any], *, merged_into: str = "") -> Counterpart:
        seen = self._seen(told, str(told.get("state") or ""))
        title = str(told.get("title") or "") or _first_line(told)
        opening = str(_source(told).get("id") or "opening")
        return Counterpart(number=seen["external_id"], title=title, opening_id=opening, merged_into=merged_into, **seen)

    def _by_number(self, number: str) -> list[Counterpart]:
        try:
            return [self._told(self._read(number))]
        except Gone:
            return []

    def _searched(self, text: str) -> list[dict[str, Any]]:
        words = [{"field": field, "operator": "~", "value": text} for field in ("source.body", "source.subject")]
        return self._search({"operator": "OR", "value": words}, limit=FOUND)[0][:FOUND]

    def _with_files(self, comment: NewComment) -> tuple[NewComment, dict[str, Any]]:
        taken = [
            {
                "content_type": file.type or "application/octet-stream", "name": file.name,
                "data": base64.b64encode(file.read()).decode(),
            }
            for file in comment.files[:FILES]
        ]  # fmt: skip
        return naming(comment.files[FILES:], comment), {"attachment_files": taken} if taken else {}

    def _added(self, answer: dict[str, Any], before: set[str], comment: NewComment) -> str:
        """The answer is the whole conversation."""
        new = [part for part in self._parts(answer) if str(part["id"]) not in before]
        ours = [str(part["id"]) for part in new if bodies.read(str(part.get("body") or ""))[1] == comment.key]
        if not ours:
            raise ToolError("Intercom took the reply, and does not show it.", permanent=False)
        return ours[0]


def _source(told: dict[str, Any]) -> dict[str, Any]:
    source = told.get("source")
    return source if isinstance(source, dict) else {}


def _first_line(told: dict[str, Any]) -> str:
    return bodies.read(str(_source(told).get("body") or ""))[0].partition("\n")[0][:200]
