"""What was said and where it stands."""

from conversations.models.actors import Actor, Automatic
from conversations.models.conversation import Conversation, ConversationQuerySet
from conversations.models.event import ConversationEvent, EventKind
from conversations.models.message import GONE, Message, MessageKind, author_key

__all__ = [
    "GONE",
    "Actor",
    "Automatic",
    "Conversation",
    "ConversationEvent",
    "ConversationQuerySet",
    "EventKind",
    "Message",
    "MessageKind",
    "author_key",
]
