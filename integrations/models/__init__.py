"""Every other system: how we are connected, what came in, what went out, what belongs to what."""

from integrations.models.delivery import Delivery, DeliveryKind, DeliveryState
from integrations.models.history import HistoryReading, ReadingState
from integrations.models.inbound import InboundEvent
from integrations.models.installation import Installation, InstallState, Provider, SlackApp
from integrations.models.link import Link, LinkKind
from integrations.models.model_call import ModelAnswer, ModelCall, ModelPurpose

__all__ = [
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "HistoryReading",
    "InboundEvent",
    "InstallState",
    "Installation",
    "Link",
    "LinkKind",
    "ModelAnswer",
    "ModelCall",
    "ModelPurpose",
    "Provider",
    "ReadingState",
    "SlackApp",
]
