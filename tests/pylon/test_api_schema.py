"""What the API answers is what its schema says, read by an independent validator."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from django.test import Client

from accounts.models import Account, Channel, Contact, User
from conversations.models import Conversation
from conversations.saved_views import save_view
from tests import cast


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    document = client.get("/api/schema/", {"format": "json"}).json()
    schema: dict[str, Any] = _as_json_schema(document)
    return schema


@pytest.fixture
def conversation(channel: Channel, contact: Contact, dana: User, omar: User) -> Conversation:
    """With something in every field, and with a deleted message."""
    first = cast.say("The export is empty. Can you look?", channel=channel, by=contact, files=[{"name": "a.png"}])
    cast.say("Let me check.", channel=channel, by=dana, thread_ts=first.ts)
    Conversation.objects.get().add_note("Known bug", by=omar)
    return Conversation.objects.get()


def test_every_answer_fits_the_schema(
    client: Client, schema: dict[str, Any], conversation: Conversation, account: Account, dana: User
) -> None:
    cast.make_conversation(channel=cast.make_channel(workspace=dana.workspace))  # without account and owner
    cast.make_account(workspace=dana.workspace)
    client.force_login(dana)
    view = save_view(name="Mine", query="owner=mine", is_shared=True, by=dana)
    keys = {"number": conversation.number, "id": account.pk, "key": view.key}
    read = 0
    for path, methods in schema["paths"].items():
        if "get" not in methods or not path.startswith("/api/v1/"):
            continue
        answer = client.get(path.format(**keys), {"q": "export"} if path == "/api/v1/search/" else {})
        assert answer.status_code == 200, path
        validate(answer.json(), methods["get"], schema)
        read += 1
    assert read == 12


@pytest.mark.parametrize("path", ["/api/v1/conversations/{number}/", "/api/v1/accounts/{id}/"])
def test_the_answer_to_a_change_fits_too(  # noqa: PLR0917
    client: Client, schema: dict[str, Any], conversation: Conversation, account: Account, dana: User,
    omar: User, path: str,
) -> None:  # fmt: skip
    client.force_login(dana)
    answer = client.patch(
        path.format(number=conversation.number, id=account.pk),
        {"owner": omar.pk},
        content_type="application/json",
    )
    assert answer.status_code == 200
    validate(answer.json(), schema["paths"][path]["patch"], schema)


def test_the_documentation_lists_every_operation_and_loads_nothing_from_elsewhere(
    client: Client, schema: dict[str, Any], dana: User
) -> None:
    assert client.get("/api/docs/").status_code == 302
    client.force_login(dana)
    page = client.get("/api/docs/").content.decode()
    for path, methods in schema["paths"].items():
        if path.startswith("/api/v1/"):
            for method in {"get", "post", "patch", "delete"} & methods.keys():
                assert f"{method.upper()} {path}" in page
    assert 'src="http' not in page
    assert 'rel="stylesheet" href="http' not in page


def validate(answer: object, operation: dict[str, Any], schema: dict[str, Any]) -> None:
    content = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.Draft7Validator(
        content | {"components": schema["components"]},
        format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER,
    ).validate(answer)


def _as_json_schema(part: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable` becomes a type of its own, and no field comes undocumented."""
    if isinstance(part, list):
        return [_as_json_schema(one) for one in part]
    if not isinstance(part, dict):
        return part
    schema = {key: _as_json_schema(value) for key, value in part.items()}
    if schema.get("type") == "object" and "properties" in schema:
        schema.setdefault("additionalProperties", False)
    if schema.pop("nullable", False):
        return {"anyOf": [schema, {"type": "null"}]}
    return schema
