"""Which emoji does what, as people write it on the settings page."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.models import User, default_reactions
from accounts.reaction_field import ReactionsField


def test_names_with_and_without_colons() -> None:
    text = ":White_Check_Mark:: close\n\n eyes:start \n+1: reopen\r\nnon-potable_water: open"
    assert ReactionsField().clean(text) == {
        "white_check_mark": "close", "eyes": "start", "+1": "reopen", "non-potable_water": "open"
    }  # fmt: skip


def test_what_is_shown_can_be_saved_as_it_is() -> None:
    field = ReactionsField()
    assert field.clean(field.prepare_value(default_reactions())) == default_reactions()


@pytest.mark.parametrize("text", ["eyes", "eyes: explode", ": close", "two words: close", "<script>: close"])
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="write an emoji’s name and one of close, start, reopen, open"):
        ReactionsField().clean(text)


def test_staff_choose_them(client: Client, dana: User, omar: User) -> None:
    form = {"name": "Acme", "quiet_minutes": "60", "reactions": "done: close"}
    client.force_login(omar)
    assert client.post(reverse("change-workspace"), form).status_code == 403
    client.force_login(dana)
    client.post(reverse("change-workspace"), form)
    dana.workspace.refresh_from_db()
    assert dana.workspace.reactions == {"done": "close"}
    page = client.post(reverse("change-workspace"), form | {"reactions": "done: explode"})
    assert page.status_code == 400
    assert "write an emoji’s name" in page.content.decode()
