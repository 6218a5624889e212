"""What a support tool must be able to do for us, and the values that go back and forth.

An adapter is made for one Installation and calls one tool. It knows nothing of conversations, links or deliveries: it
is told what to say and tells what it sees. It keeps no state and never opens a transaction.

Both directions compare states instead of following events. Outward, each call says one thing and carries a `key` by
which it is found again when its answer was lost. Inward, a webhook or a poll only names the tickets that were touched;
what has become of them is then read with `get` and `comments`. So an event that comes twice, late, in the wrong order
or not at all (another one comes) does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who says something, or of whom a ticket is. `key`: stable and unique, for a tool that keeps ids of
    others: `slack:U0123`."""

    name: str
    email: str = ""
    is_ours: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file of ours that goes over with a comment. `read` fetches it; it raises ToolError where it can't.

    `url` is for people: where the file is larger than the tool takes, the comment names it instead.
    """

    name: str
    type: str
    size: int
    read: Callable[[], bytes]
    url: str = ""


@dataclass(frozen=True, slots=True)
class NewComment:
    """Something said, to be shown in the tool. `key`: the same each time it is tried.

    `text` is plain; `html` the same with its marks, safe to show, or empty. `heading` says who said it, when and where,
    for tools in which everything is written in our own name. `url` leads to the message here.
    """

    key: str
    text: str
    html: str
    author: Person
    at: datetime
    is_public: bool
    heading: str
    url: str
    files: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket to be made. `opening` is its first comment, or its description.

    `url` leads to the conversation here. `status` is the tool's own; `fields` as chosen in the settings, by the name
    of the field in `Choices.fields`.
    """

    key: str
    subject: str
    requester: Person
    opening: NewComment
    url: str
    status: str = ""
    owner_email: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A ticket as it stands in the tool.

    `external_id` is what its API calls it, `number` what people do, `url` is for people. `status` is the tool's own
    and a value of `Choices.statuses`. `version` changes with every change of the ticket and its comments, as far as
    the tool can tell. `opening_id` is the comment id under which `comments` tells the opening. `owner` is None where
    nobody owns it. `merged_into`: the external id of the ticket that stands for this one now.
    """

    external_id: str
    number: str
    url: str
    title: str
    status: str
    owner: Person | None = None
    updated_at: datetime | None = None
    version: str = ""
    opening_id: str = "opening"
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class TheirFile:
    """A file in the tool. `url` is for people who may sign in there."""

    name: str
    url: str
    type: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class TheirComment:
    """What was said in the tool, by people there or by us: then `key` is what we gave it."""

    external_id: str
    text: str
    author: Person
    at: datetime
    is_public: bool
    key: str = ""
    files: Sequence[TheirFile] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list. `value` is the tool's own."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """Something to be set on each new ticket: a group, a type, a field of the tool's own."""

    name: str
    label: str
    options: Sequence[Choice]
    default: str = ""
    is_required: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the settings page offers, read from the tool.

    `status_out`: by our status (todo, in_progress, closed) the tool's, `status_in` the other way round; both are the
    defaults. What `status_in` lacks changes nothing here. `agents`: who can own a ticket there, with their e-mail.
    """

    statuses: Sequence[Choice]
    status_out: Mapping[str, str]
    status_in: Mapping[str, str]
    fields: Sequence[ChoiceField] = ()
    agents: Sequence[Person] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of what the test button found. `advice`: what to do about it, in words; empty where all is well."""

    title: str
    is_good: bool
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a tool can do.

    `public`: it shows customers comments (else all are internal). `private`: it keeps comments from customers (else
    notes stay here). `edits` and `deletes` of comments: where it can't, a private comment tells what changed. `polls`:
    how often to ask for what was touched; None where webhooks tell. `largest_file` in bytes, `longest_text` in
    characters.
    """

    public: bool = True
    private: bool = True
    edits: bool = False
    deletes: bool = False
    webhooks: bool = True
    polls: timedelta | None = None
    largest_file: int = 20 * 1024 * 1024
    longest_text: int = 60_000


@dataclass(frozen=True, slots=True)
class Touched:
    """A ticket of which something changed. `version` as in Counterpart, where the tool tells it here."""

    external_id: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """`cursor`: where the next poll goes on. `is_more`: at once."""

    touched: Sequence[Touched]
    cursor: str
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that is genuine. `external_id`: the tool's id of the delivery, by which it is stored once. `answer` is
    what the tool wants to read."""

    external_id: str
    kind: str
    answer: str = ""
    answer_type: str = "text/plain"


class Adapter(Protocol):
    """Every method may raise ToolError or one of its kinds, and nothing else."""

    @property
    def can(self) -> Abilities: ...

    def check(self) -> list[Finding]:
        """What the test button shows: whether the credentials do, and what they may not do that we need."""

    def choices(self) -> Choices: ...

    def create(self, ticket: NewTicket) -> Counterpart: ...

    def created(self, key: str) -> Counterpart | None:
        """The ticket that an earlier `create` with this key has made, whose answer was lost."""

    def get(self, external_id: str) -> Counterpart:
        """Raises Gone where it was deleted."""

    def find(self, text: str) -> list[Counterpart]:
        """By number, address or words; the best first, ten at most."""

    def comments(self, external_id: str) -> list[TheirComment]:
        """All that was said on the ticket, ours too, old to new; without what the tool says of itself."""

    def add(self, external_id: str, comment: NewComment) -> str:
        """Answers the comment's id. Files go first: once there is a comment with the key, nothing of it is missing."""

    def edit(self, external_id: str, comment_id: str, comment: NewComment) -> None:
        """Give it the new wording. Gone where the comment is; Unsupported."""

    def delete(self, external_id: str, comment_id: str) -> None:
        """Gone counts as done. Unsupported."""

    def set_status(self, external_id: str, status: str) -> None: ...

    def set_owner(self, external_id: str, email: str) -> bool:
        """Give the ticket to whoever has that address, or to nobody; False where nobody there has it."""

    def changes(self, cursor: str) -> Changes:
        """What was touched since; with an empty cursor, nothing yet but where to begin. May tell a ticket twice."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> Webhook:
        """Whether the webhook is the tool's. `headers` in lower case, `body` as it came in. Raises Refused."""

    def touched(self, body: str) -> list[str]:
        """The external ids of the tickets that a genuine webhook tells of. ValueError for a body that can't be read."""
