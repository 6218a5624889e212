"""Every other system: how we are connected, what came in, what went out, what belongs to what."""

from integrations.models.comparison import Comparison, Difference, DifferenceKind
from integrations.models.consent import Consent, ToolApp
from integrations.models.console import ConsoleComment, ConsoleStatus, ConsoleTicket
from integrations.models.delivery import Delivery, DeliveryKind, DeliveryState
from integrations.models.history import HistoryReading, ReadingState
from integrations.models.inbound import InboundEvent
from integrations.models.installation import Installation, InstallState, Provider, SlackApp
from integrations.models.link import Link, LinkKind
from integrations.models.linked_message import Direction, LinkedMessage
from integrations.models.model_call import ModelAnswer, ModelCall, ModelPurpose

__all__ = [
    "Comparison",
    "Consent",
    "ConsoleComment",
    "ConsoleStatus",
    "ConsoleTicket",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Difference",
    "DifferenceKind",
    "Direction",
    "HistoryReading",
    "InboundEvent",
    "InstallState",
    "Installation",
    "Link",
    "LinkKind",
    "LinkedMessage",
    "ModelAnswer",
    "ModelCall",
    "ModelPurpose",
    "Provider",
    "ReadingState",
    "SlackApp",
    "ToolApp",
]
