"""What was said and where it stands."""

from conversations.models.actors import Actor, Automatic
from conversations.models.conversation import Conversation, ConversationQuerySet, Priority, Sentiment
from conversations.models.correction import Correction, CorrectionKind
from conversations.models.counted import IN_THE_BACKLOG, Fact, Ledger, Span, StaleDay, Tally, Uncounted
from conversations.models.event import ConversationEvent, EventKind
from conversations.models.known import KnownSign, Sign
from conversations.models.message import GONE, Message, MessageKind, author_key
from conversations.models.reply import Reply, ReplyState
from conversations.models.search_text import SearchText
from conversations.models.view import SavedView, Seen

__all__ = [
    "GONE",
    "IN_THE_BACKLOG",
    "Actor",
    "Automatic",
    "Conversation",
    "ConversationEvent",
    "ConversationQuerySet",
    "Correction",
    "CorrectionKind",
    "EventKind",
    "Fact",
    "KnownSign",
    "Ledger",
    "Message",
    "MessageKind",
    "Priority",
    "Reply",
    "ReplyState",
    "SavedView",
    "SearchText",
    "Seen",
    "Sentiment",
    "Sign",
    "Span",
    "StaleDay",
    "Tally",
    "Uncounted",
    "author_key",
]
