"""What Zendesk's comments say to us. Facts: ticketing/tickets/ticket_comments, ticket_audits, via-object-reference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.tools.protocol import Person, TheirComment, TheirFile
from integrations.zendesk.client import listed
from integrations.zendesk.people import as_person

MERGED_INTO = re.compile(r"merged into request #(\d{1,18})", re.IGNORECASE)


def comment(one: Mapping[str, Any], user: Mapping[str, Any] | None) -> TheirComment:
    return TheirComment(
        str(one["id"]), str(one.get("plain_body") or one.get("body") or ""), as_person(user),
        moment(one.get("created_at")) or datetime.now(UTC), one.get("public") is True, key(one),
        [
            TheirFile(
                str(file.get("file_name") or "file"), str(file.get("content_url") or ""),
                str(file.get("content_type") or ""), file.get("size"),
            )
            for file in listed(one.get("attachments"))
        ],
    )  # fmt: skip


def key(one: Mapping[str, Any]) -> str:
    """What we gave the audit along: see `adapter`."""
    metadata = one.get("metadata")
    custom = metadata.get("custom") if isinstance(metadata, dict) else None
    return str(custom.get("pylon") or "") if isinstance(custom, dict) else ""


def is_of_the_tool(one: Mapping[str, Any]) -> bool:
    """What Zendesk writes into both tickets of a merge."""
    via = one.get("via")
    source = via.get("source") if isinstance(via, dict) else None
    return isinstance(source, dict) and source.get("rel") == "merge"


def merged_into(one: Mapping[str, Any]) -> str:
    """The number in the comment that Zendesk leaves on a ticket that was merged into another: where its origin names
    it, from there; else of its words, which the agent may have changed."""
    via = one.get("via")
    source = via.get("source") if isinstance(via, dict) else None
    target = source.get("to") if isinstance(source, dict) and source.get("rel") == "merge" else None
    if isinstance(target, dict) and target.get("ticket_id"):
        return str(target["ticket_id"])
    found = MERGED_INTO.search(str(one.get("plain_body") or one.get("body") or ""))
    return found[1] if found else ""


def comment_id(answer: Any) -> str:
    """Of the comment that a change has made: the event in the audit that the answer tells; empty where it doesn't."""
    audit = answer.get("audit") if isinstance(answer, dict) else None
    for event in listed(audit.get("events")) if isinstance(audit, dict) else []:
        if event.get("type") == "Comment":
            return str(event["id"])
    return ""


def is_same(person: Person, user: Mapping[str, Any]) -> bool:
    if person.is_ours:
        return False
    address = str(user.get("email") or "").lower()
    return bool(
        (person.email and person.email.lower() == address) or (person.key and person.key == user.get("external_id"))
    )


def moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None
