"""Linear: issues of one team. It shows customers nothing, so all comments are internal.

Facts: linear.app/developers, and the schema in github.com/linear/linear.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.linear import queries, webhooks, words
from integrations.linear.client import LinearClient, LinearSession
from integrations.linear.team import Team
from integrations.models import Installation
from integrations.tools.errors import Gone, ToolError, Unsupported
from integrations.tools.protocol import (
    Abilities,
    Changes,
    Choices,
    Counterpart,
    Finding,
    NewComment,
    NewTicket,
    Person,
    TheirComment,
    Touched,
    Webhook,
)  # fmt: skip

POLL = timedelta(minutes=10)
"""Linear discourages asking often; webhooks tell at once, and this finds what they missed."""
LONGEST_TITLE = 255
OPENING = "opening"


class LinearAdapter:
    def __init__(self, installation: Installation) -> None:
        credentials = installation.credentials
        self._client = LinearClient(LinearSession(installation))
        self._secret = str(credentials.get("signing_secret", ""))
        self._team = Team(self._client, str(credentials.get("team", "")))

    @property
    def can(self) -> Abilities:
        return Abilities(public=False, edits=True, deletes=True, polls=POLL, largest_file=0, longest_text=50_000)

    def check(self) -> list[Finding]:
        try:
            told = self._client.ask(queries.ME)
            self._team.choices()
        except ToolError as error:
            return [Finding(_("Linear does not let us work"), is_good=False, advice=str(error))]
        names = {"name": told["viewer"]["name"], "workspace": told["organization"]["name"]}
        findings = [Finding(_("Linear takes the API key of %(name)s in %(workspace)s") % names, is_good=True)]
        if self._secret:
            findings.append(Finding(_("Webhooks can be verified"), is_good=True))
        else:
            advice = _("Connect it again with the signing secret of your webhook; until then we ask every ten minutes.")
            findings.append(Finding(_("There is no signing secret"), is_good=False, advice=advice))
        return findings

    def choices(self) -> Choices:
        return self._team.choices()

    def create(self, ticket: NewTicket) -> Counterpart:
        """In one request with the link back, which Linear shows beside the issue."""
        pk = words.issue_id(ticket.key)
        issue: dict[str, Any] = {
            "id": pk, "teamId": self._team.pk, "title": ticket.subject[:LONGEST_TITLE],
            "description": words.written(ticket.opening, is_opening=True),
        }  # fmt: skip
        if ticket.status:
            issue["stateId"] = ticket.status
        if owner := self._user_id(ticket.owner_email):
            issue["assigneeId"] = owner
        if priority := ticket.fields.get("priority"):
            issue["priority"] = int(priority)
        if label := ticket.fields.get("label"):
            issue["labelIds"] = [label]
        link = {"issueId": pk, "title": "Pylon", "subtitle": ticket.requester.name, "url": ticket.url}
        return self._told(self._client.ask(queries.CREATE, issue=issue, link=link)["issueCreate"]["issue"])

    def created(self, key: str) -> Counterpart | None:
        try:
            return self.get(words.issue_id(key))
        except Gone:
            return None

    def get(self, external_id: str) -> Counterpart:
        return self._told(self._issue(external_id))

    def find(self, text: str) -> list[Counterpart]:
        """By number (`SUP-12`), address or words."""
        text = text.strip()[:200]
        if not text:
            return []
        parts = text.partition("?")[0].partition("/issue/")
        number = (parts[2] or text).partition("/")[0]
        if _is_number(number):
            try:
                return [self.get(number.upper())]
            except Gone:
                return []
        found = self._client.ask(queries.SEARCH, term=text, team=self._team.pk)["searchIssues"]["nodes"]
        return [self._told(one) for one in found if not one.get("trashed")]

    def comments(self, external_id: str) -> list[TheirComment]:
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            issue = _there(self._client.ask(queries.COMMENTS, id=external_id, after=after).get("issue"))
            found += issue["comments"]["nodes"]
            page = issue["comments"]["pageInfo"]
            if not page["hasNextPage"]:
                break
            after = page["endCursor"]
        # What nobody wrote, an integration says of itself.
        said = [one for one in found if one.get("body") and (one.get("user") or one.get("externalUser"))]
        return [_comment(str(issue["id"]), one) for one in sorted(said, key=lambda one: str(one["createdAt"]))]

    def add(self, external_id: str, comment: NewComment) -> str:
        pk = str(self._issue(external_id)["id"])
        told = {"id": words.comment_id(pk, comment.key), "issueId": pk, "body": words.written(comment)}
        made = self._client.ask(queries.COMMENT, input={**told, "doNotSubscribeToIssue": True})
        return str(made["commentCreate"]["comment"]["id"])

    def edit(self, external_id: str, comment_id: str, comment: NewComment) -> None:
        pk = str(self._issue(external_id)["id"])
        if comment_id == OPENING:
            self._update(pk, description=words.written(comment, is_opening=True))
        else:
            told = {"body": words.written(comment), "doNotSubscribeToIssue": True}
            self._client.ask(queries.EDIT, id=comment_id, input=told)

    def delete(self, external_id: str, comment_id: str) -> None:  # noqa: ARG002 - a comment's id is enough
        if comment_id == OPENING:
            raise Unsupported("Linear can’t delete an issue’s description alone.")
        try:
            self._client.ask(queries.DELETE, id=comment_id)
        except Gone:
            return

    def set_status(self, external_id: str, status: str) -> None:
        if status not in {one["id"] for one in self._team.states}:
            raise ToolError("The team has no such status any more: choose another in the settings.", permanent=True)
        issue = self._issue(external_id)
        if issue["team"]["id"] != self._team.pk:
            raise ToolError(
                "The issue has moved to another team in Linear, whose statuses are not mapped: move it back, or set "
                "its status there.", permanent=True,
            )  # fmt: skip
        self._update(str(issue["id"]), stateId=status)

    def set_owner(self, external_id: str, email: str) -> bool:
        owner = self._user_id(email)
        if email and not owner:
            return False
        self._update(str(self._issue(external_id)["id"]), assigneeId=owner or None)
        return True

    def changes(self, cursor: str) -> Changes:
        """The cursor is the newest updatedAt seen."""
        if not cursor:
            return Changes([], timezone.now().isoformat())
        newest, ids = cursor, dict[str, None]()
        for query, kind in ((queries.CHANGED_ISSUES, "issues"), (queries.CHANGED_COMMENTS, "comments")):
            after: str | None = None
            while True:
                told = self._client.ask(query, team=self._team.pk, since=cursor, after=after)[kind]
                for one in told["nodes"]:
                    newest = max(newest, str(one["updatedAt"]), key=datetime.fromisoformat)
                    ids[str(one["id"] if kind == "issues" else one["issue"]["id"])] = None
                if not told["pageInfo"]["hasNextPage"]:
                    break
                after = told["pageInfo"]["endCursor"]
        return Changes([Touched(pk) for pk in ids], newest)

    def verify(self, headers: Mapping[str, str], body: bytes) -> Webhook:
        return webhooks.verify(self._secret, headers, body)

    def touched(self, body: str) -> list[str]:
        return webhooks.touched(body)

    def _issue(self, external_id: str) -> dict[str, Any]:
        return _there(self._client.ask(queries.ISSUE, id=external_id).get("issue"))

    def _update(self, pk: str, **fields: Any) -> None:
        self._client.ask(queries.UPDATE, id=pk, input=fields)

    def _user_id(self, email: str) -> str:
        """Empty where no active user has that address."""
        found = self._client.ask(queries.USER, email=email)["users"]["nodes"] if email else []
        return str(found[0]["id"]) if found else ""

    def _told(self, issue: dict[str, Any]) -> Counterpart:
        """Without a version: an issue’s updatedAt is not documented to change with its comments."""
        owner = issue.get("assignee")
        relations = (issue.get("relations") or {}).get("nodes") or []
        return Counterpart(
            external_id=str(issue["id"]), number=str(issue["identifier"]), url=str(issue["url"]),
            title=str(issue["title"]), status=self._team.status(issue["state"]),
            owner=Person(owner["name"], owner["email"], is_ours=True) if owner else None,
            updated_at=datetime.fromisoformat(issue["updatedAt"]), opening_id=OPENING,
            merged_into=next((str(one["relatedIssue"]["id"]) for one in relations if one["type"] == "duplicate"), ""),
        )  # fmt: skip


def _there(issue: Any) -> dict[str, Any]:
    """Linear keeps a deleted issue for 30 days, and goes on telling of it: `trashed`. An archived one is only old."""
    if not isinstance(issue, dict) or issue.get("trashed"):
        raise Gone("The issue was deleted in Linear.")
    return issue


def _comment(issue: str, told: dict[str, Any]) -> TheirComment:
    text, key = words.read(issue, str(told["id"]), str(told["body"]))
    user = told.get("user")
    author = user or told["externalUser"]
    person = Person(
        str(author.get("name") or ""), str(author.get("email") or ""), is_ours=bool(user), key=f"linear:{author['id']}"
    )
    return TheirComment(
        str(told["id"]), text, person, datetime.fromisoformat(told["createdAt"]), is_public=False, key=key
    )


def _is_number(text: str) -> bool:
    key, _dash, number = text.partition("-")
    return text.isascii() and key.isalnum() and number.isdigit()
