"""Zendesk tickets: made, read and written by the ticketing API (developer.zendesk.com/api-reference/ticketing).

Our key goes along as the custom metadata of the audit that a comment makes (tickets/tickets, “Setting metadata”); each
comment tells it again, also after an edit. A ticket's key is its `external_id`.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.urls import reverse

from integrations.models import Installation
from integrations.tools.errors import Gone, ToolError, Unsupported, refusal
from integrations.tools.protocol import (
    Abilities,
    Changes,
    Choices,
    Counterpart,
    File,
    Finding,
    NewComment,
    NewTicket,
    TheirComment,
    Touched,
    Webhook,
)  # fmt: skip
from integrations.tools.session import Session
from integrations.zendesk import people, reading, statuses, webhooks
from integrations.zendesk.checking import check
from integrations.zendesk.client import Closed, Forbidden, ZendeskClient, listed
from integrations.zendesk.fields import as_sent, offered
from integrations.zendesk.oauth import ZENDESK_OAUTH

FOUND = 10
POLLED = 200
SETTLED = timedelta(minutes=2)
"""The incremental export takes no start within the last minute."""
NUMBER = re.compile(r"(?:.*/tickets/|#)?(\d{1,18})/?(?:[?#].*)?", re.IGNORECASE)


class ZendeskAdapter:
    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._credentials: Mapping[str, Any] = installation.credentials
        session = Session(installation, ZENDESK_OAUTH.refresh)
        self._client = ZendeskClient(session, str(self._credentials.get("email") or ""))

    @property
    def can(self) -> Abilities:
        """Comments can be redacted, but not reworded. 64 KB of text and 50 MB a file are Zendesk's limits."""
        return Abilities(edits=False, deletes=False, polls=timedelta(minutes=5), longest_text=16_000)

    def check(self) -> list[Finding]:
        address = reverse("tool-webhook", args=[self._installation.provider, self._installation.webhook_key])
        return check(self._installation, self._client, f"{settings.BASE_URL}{address}")

    def choices(self) -> Choices:
        found = statuses.choices(self._custom)
        agents = self._client.many("users", "/api/v2/users", **{"role[]": "agent"})
        admins = self._client.many("users", "/api/v2/users", **{"role[]": "admin"})
        return Choices(
            statuses=found, status_out={ours.value: theirs for ours, theirs in statuses.OUT.items()},
            status_in=statuses.status_in(found), fields=offered(self._client),
            agents=[people.as_person(one) for one in [*agents, *admins] if one.get("email")],
        )  # fmt: skip

    def create(self, ticket: NewTicket) -> Counterpart:
        status = statuses.wanted(ticket.status) if ticket.status else {}
        requester = people.find_or_make(self._client, ticket.requester)
        agent = people.find_agent(self._client, ticket.owner_email)
        opening = self._comment(ticket.opening, requester if ticket.opening.author == ticket.requester else None)
        body = {
            **as_sent(ticket.fields), **status, "subject": ticket.subject, "comment": opening,
            "requester_id": requester, "external_id": ticket.key, "metadata": {"pylon": ticket.opening.key},
            **({"assignee_id": agent["id"]} if agent else {}),
        }  # fmt: skip
        made = self._client.post("/api/v2/tickets", {"ticket": body}, headers={"Idempotency-Key": ticket.key})
        found = self._client.part(made, "ticket")
        return self._told(found, opening_id=reading.comment_id(made) or self._first(str(found["id"])))

    def created(self, key: str) -> Counterpart | None:
        """Idempotency keys are kept for two hours only; the external id stays."""
        found = listed(self._client.shown(self._client.get("/api/v2/tickets", external_id=key)).get("tickets"))
        same = [one for one in found if one.get("external_id") == key and one.get("status") != "deleted"]
        return self._told(same[0], opening_id=self._first(str(same[0]["id"]))) if same else None

    def get(self, external_id: str) -> Counterpart:
        ticket, users = self._ticket(external_id)
        return self._told(ticket, users, merged_into=self._replaced_by(ticket))

    def find(self, text: str) -> list[Counterpart]:
        text = text.strip()[:200]
        if not text:
            return []
        if named := NUMBER.fullmatch(text):
            try:
                return [self.get(named[1])]
            except Gone:
                return []
        words = re.sub(r'[":<>*\\{}()\[\]]+', " ", text).strip()
        if not words:
            return []
        query = f'type:ticket "{words}"'
        found = self._client.shown(self._client.get("/api/v2/search", query=query, per_page=FOUND))
        return [self._told(one) for one in listed(found.get("results")) if one.get("result_type", "ticket") == "ticket"]

    def comments(self, external_id: str) -> list[TheirComment]:
        """A closed ticket's follow-up is part of it until the link goes over to that."""
        ticket, _users = self._ticket(external_id)  # a deleted one still tells its comments to some
        found: list[TheirComment] = []
        users: dict[int, dict[str, Any]] = {}
        for page in self._client.pages(f"/api/v2/tickets/{_whole(external_id)}/comments", include="users"):
            users |= {one["id"]: one for one in listed(page.get("users"))}
            for one in listed(page.get("comments")):
                if not reading.is_of_the_tool(one):
                    found.append(reading.comment(one, users.get(one.get("author_id", 0))))
        if follow_up := self._follow_up(ticket):
            found += self.comments(follow_up)
        return sorted(found, key=lambda one: one.at)

    def add(self, external_id: str, comment: NewComment) -> str:
        """Where the ticket is closed, to its follow-up."""
        ticket, users = self._ticket(external_id)
        is_closed = ticket.get("status") == "closed"
        if is_closed and (follow_up := self._follow_up(ticket)):
            return self.add(follow_up, comment)
        if is_closed and not self._credentials.get("follow_up"):
            raise Closed(str(ticket["id"]))
        requester = users.get(ticket.get("requester_id", 0), {})
        is_theirs = reading.is_same(comment.author, requester)
        said = self._comment(comment, ticket["requester_id"] if is_theirs else None)
        if is_closed:
            return self._follow_with(ticket, said, comment.key)
        told = self._change(ticket, {"comment": said, "metadata": {"pylon": comment.key}})
        return reading.comment_id(told) or self._by_key(str(ticket["id"]), comment.key)

    def edit(self, external_id: str, comment_id: str, comment: NewComment) -> None:  # noqa: ARG002 - it can't
        raise Unsupported("Zendesk does not let comments be changed.")

    def delete(self, external_id: str, comment_id: str) -> None:  # noqa: ARG002 - as above
        raise Unsupported("Zendesk does not let comments be deleted, only redacted by hand.")

    def set_status(self, external_id: str, status: str) -> None:
        wanted = statuses.wanted(status)
        ticket, _users = self._ticket(external_id)
        if ticket.get("status") != "closed":
            self._change(ticket, wanted)
        elif statuses.IN[status.partition("/")[0]] == statuses.IN["closed"]:
            return  # done for good already
        elif not self._credentials.get("follow_up"):
            raise Closed(str(ticket["id"]))
        elif follow_up := self._follow_up(ticket):
            self.set_status(follow_up, status)
        else:
            said = {"body": "Opened again in Pylon.", "public": False}
            self._follow_with(ticket, said, f"opened-{ticket['id']}", **wanted)

    def set_owner(self, external_id: str, email: str) -> bool:
        agent = people.find_agent(self._client, email)
        if email and agent is None:
            return False
        ticket, _users = self._ticket(external_id)
        if follow_up := self._follow_up(ticket):
            return self.set_owner(follow_up, email)
        self._change(ticket, {"assignee_id": agent["id"] if agent else None})
        return True

    def changes(self, cursor: str) -> Changes:
        """The incremental export, for administrators only; for others, webhooks tell. It has a cursor of its own."""
        if not cursor:
            now = datetime.now(UTC) - SETTLED
            return Changes([], f"time {int(now.timestamp())}")
        kind, _, at = cursor.partition(" ")
        params = {"start_time": at} if kind == "time" else {"cursor": at}
        try:
            answer = self._client.get("/api/v2/incremental/tickets/cursor", **params, per_page=POLLED)
        except Forbidden:
            return Changes([], cursor)  # the test button says so
        page = self._client.shown(answer)
        touched = [Touched(str(one["id"]), _version(one)) for one in listed(page.get("tickets"))]
        after = page.get("after_cursor")
        return Changes(touched, f"after {after}" if after else cursor, is_more=page.get("end_of_stream") is False)

    def verify(self, headers: Mapping[str, str], body: bytes) -> Webhook:
        secret = str(self._credentials.get("webhook_secret") or "")
        return webhooks.verify(secret, headers, body)

    def touched(self, body: str) -> list[str]:
        return webhooks.touched(body)

    # Reading ──────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _custom(self) -> list[dict[str, Any]]:
        """Custom statuses; none where the account has not switched them on, or we may not see them."""
        try:
            answer = self._client.get("/api/v2/custom_statuses")
        except (Gone, Forbidden):
            return []
        return listed(self._client.shown(answer).get("custom_statuses"))

    def _ticket(self, external_id: str) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
        """With its users. A soft-deleted ticket is told for 30 days as `deleted`."""
        answer = self._client.shown(self._client.get(f"/api/v2/tickets/{_whole(external_id)}", include="users"))
        ticket = self._client.part(answer, "ticket")
        if ticket.get("status") == "deleted":
            raise Gone(f"Ticket #{ticket.get('id')} was deleted in Zendesk.")
        return ticket, {one["id"]: one for one in listed(answer.get("users"))}

    def _told(
        self,
        ticket: Mapping[str, Any],
        users: Mapping[int, Mapping[str, Any]] | None = None,
        *,
        opening_id: str = "opening",
        merged_into: str = "",
    ) -> Counterpart:
        number, assignee = str(ticket["id"]), ticket.get("assignee_id")
        owner = None
        if assignee:
            known = (users or {}).get(assignee) or self._user(assignee)
            owner = people.as_person(known)
        custom = self._custom if ticket.get("custom_status_id") else []
        pages = self._installation.url or self._client.address
        return Counterpart(
            number, number, f"{pages.rstrip('/')}/agent/tickets/{number}",
            str(ticket.get("raw_subject") or ticket.get("subject") or ""), statuses.told(ticket, custom), owner,
            reading.moment(ticket.get("updated_at")), _version(ticket), opening_id, merged_into,
        )  # fmt: skip

    def _user(self, pk: int) -> dict[str, Any] | None:
        try:
            return self._client.one("user", f"/api/v2/users/{pk}")
        except Gone:
            return None

    def _replaced_by(self, ticket: Mapping[str, Any]) -> str:
        """A merged ticket is closed with the tag `closed_by_merge`; into which, only its last comment tells. A
        follow-up stands for a closed ticket where we make follow-ups."""
        number = str(ticket["id"])
        if "closed_by_merge" in (ticket.get("tags") or []):
            for page in self._client.pages(f"/api/v2/tickets/{number}/comments", sort="-created_at"):
                for one in listed(page.get("comments")):
                    if found := reading.merged_into(one):
                        return found if found != number else ""
        return self._follow_up(ticket)

    def _follow_up(self, ticket: Mapping[str, Any]) -> str:
        made = ticket.get("followup_ids") or []
        return str(made[-1]) if made and ticket.get("status") == "closed" and self._credentials.get("follow_up") else ""

    def _first(self, number: str) -> str:
        page = next(self._client.pages(f"/api/v2/tickets/{number}/comments"))
        found = listed(page.get("comments"))
        return str(found[0]["id"]) if found else "opening"

    def _by_key(self, number: str, key: str) -> str:
        for one in self.comments(number):
            if one.key == key:
                return one.external_id
        raise ToolError(f"Zendesk took a comment for ticket #{number}, but does not show it.", permanent=False)

    # Writing ──────────────────────────────────────────────────────────────────────────────────────────

    def _comment(self, comment: NewComment, author_id: int | None) -> dict[str, Any]:
        """Said by its author, where they are a user there: the requester publicly, a teammate who is an agent in any
        way. Otherwise in the name of whoever the token is of, with a line that tells who it was."""
        if not comment.is_public and not comment.author.is_ours:
            author_id = None  # a note is no customer's
        if comment.author.is_ours and comment.author.email:
            agent = people.find_agent(self._client, comment.author.email)
            author_id = int(agent["id"]) if agent else None
        text = comment.text if author_id else f"{comment.heading}\n\n{comment.text}"
        uploads = [self._upload(file) for file in comment.files]
        return {
            "body": text, "public": comment.is_public, **({"author_id": author_id} if author_id else {}),
            **({"uploads": uploads} if uploads else {}),
        }  # fmt: skip

    def _upload(self, file: File) -> str:
        """Answers the token by which a comment takes it (tickets/ticket-attachments)."""
        kind = file.type if "/" in file.type else mimetypes.guess_type(file.name)[0] or "application/binary"
        content = file.read()
        try:
            answer = self._client.post(
                "/api/v2/uploads", params={"filename": file.name}, content=content, headers={"Content-Type": kind}
            )
        except ToolError as error:
            raise refusal(file, error) from error
        return str(self._client.part(answer, "upload")["token"])

    def _change(self, ticket: Mapping[str, Any], change: Mapping[str, Any]) -> Any:
        try:
            return self._client.put(f"/api/v2/tickets/{ticket['id']}", {"ticket": dict(change)})
        except ToolError as error:
            if error.permanent and "closed prevents ticket update" in str(error).lower():
                raise Closed(str(ticket["id"])) from error
            raise

    def _follow_with(self, ticket: Mapping[str, Any], said: Mapping[str, Any], key: str, **fields: Any) -> str:
        """A follow-up ticket that begins with what is said (tickets/creating-follow-up-tickets)."""
        body = {
            "via_followup_source_id": ticket["id"], "subject": ticket.get("subject") or "",
            "requester_id": ticket.get("requester_id"), "comment": said, "metadata": {"pylon": key}, **fields,
        }  # fmt: skip
        made = self._client.post("/api/v2/tickets", {"ticket": body}, headers={"Idempotency-Key": key})
        return reading.comment_id(made) or self._first(str(self._client.part(made, "ticket")["id"]))


def _version(ticket: Mapping[str, Any]) -> str:
    """Zendesk tells whole seconds: more may happen within the same one. So none of a ticket that has just changed."""
    at = reading.moment(ticket.get("updated_at"))
    return at.isoformat() if at and datetime.now(UTC) - at > SETTLED else ""


def _whole(external_id: str) -> str:
    if not (external_id.isascii() and external_id.isdigit() and len(external_id) < 20):
        raise Gone("Zendesk's tickets have numbers.")
    return external_id
