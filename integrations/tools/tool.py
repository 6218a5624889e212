"""What the settings pages know of a support tool. Each folder has one, in its `tool.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django import forms
from django.utils.functional import Promise

from accounts.models import Workspace
from integrations.models import Installation, Provider
from integrations.tools.oauth import OAuth
from integrations.tools.protocol import Adapter


@dataclass(frozen=True, slots=True)
class Connected:
    """A tool that has taken the credentials. `external_id`: the tool's own id of the account there, by which it is
    connected once; `url`: where its pages are."""

    external_id: str
    name: str
    url: str
    credentials: Mapping[str, Any] = field(default_factory=dict)


Connect: TypeAlias = Callable[[Mapping[str, Any], Workspace], Connected]
"""Takes what was entered into the form and for which workspace, asks the tool, raises ToolError."""


@dataclass(frozen=True, slots=True)
class Tool:
    """`make` gives the adapter of an installation. `form` and `connect` are for what is entered by hand: address,
    token. `oauth`: how people sign in to it instead; `connect` then takes what was entered of the app, with the
    credentials that the consent was exchanged for: token, ends_at, and mostly refresh_token.

    `about`: a sentence for who chooses. `webhook_advice`: what to enter in the tool so that it tells us of changes.
    """

    provider: Provider
    make: Callable[[Installation], Adapter]
    form: type[forms.Form]
    connect: Connect
    about: str | Promise
    webhook_advice: str | Promise = ""
    oauth: OAuth | None = None

    @property
    def name(self) -> str:
        return str(Provider(self.provider).label)
