"""Answers held against the machine-readable reference of Slack's methods, where it is at hand."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from tests.sandbox.conftest import SHARED
from tests.sandbox.listener import Json
from tests.sandbox_process import SandboxProcess

REFERENCE = SHARED / "payloads/slack-api-ref/methods"
SOURCE = Path(__file__).resolve().parents[2] / "sandbox"
TRIAGE = "C0TRIAGE01"
COMMON_FIELDS = {"ok", "warning", "response_metadata"}
# What any method may answer (https://docs.slack.dev/apis/web-api), and what only the sandbox's own pages use.
COMMON_ERRORS = {
    "token_expired",
    *("not_authed", "invalid_auth", "account_inactive", "not_allowed_token_type", "missing_scope"),
    *("unknown_method", "invalid_arguments", "invalid_limit", "invalid_cursor"),
}
OWN_ERRORS = {
    *("app_not_installed", "story_not_found", "unknown_action", "invalid_json", "expired_url", "used_url"),
}
# In the reference's own examples or the method's page, but missing from its list of fields.
KNOWN_FIELDS = {
    "conversations.members": {"response_metadata"},
    "files.info": {"response_metadata"},
    "conversations.list": {"response_metadata"},
}

pytestmark = pytest.mark.skipif(not REFERENCE.exists(), reason="../shared/payloads/slack-api-ref is absent")


def reference(method: str) -> Json:
    data: Json = json.loads((REFERENCE / f"{method}.json").read_text(encoding="utf-8"))
    return data


def documented(method: str) -> tuple[set[str], set[str]]:
    """The top-level fields of an answer that are documented, and those that are required."""
    data = reference(method)
    output = data.get("output") or {}
    fields = set(output.get("properties") or {})
    for one in (data.get("examples") or {}).values():
        example = one.get("example")
        if isinstance(example, dict) and example.get("ok"):
            fields |= set(example)
    return fields | COMMON_FIELDS | KNOWN_FIELDS.get(method, set()), set(output.get("required") or [])


CALLS: list[tuple[str, Json]] = [
    ("auth.test", {}),
    ("team.info", {}),
    ("users.info", {"user": "U0DANA0001"}),
    ("users.list", {}),
    ("users.lookupByEmail", {"email": "dana@acme.example"}),
    ("users.conversations", {}),
    ("conversations.list", {}),
    ("conversations.info", {"channel": TRIAGE}),
    ("conversations.history", {"channel": TRIAGE}),
    ("conversations.members", {"channel": TRIAGE}),
    ("conversations.join", {"channel": TRIAGE}),
    ("conversations.invite", {"channel": TRIAGE, "users": "U0TOMAS001"}),
    ("conversations.open", {"users": "U0DANA0001"}),
    ("chat.postMessage", {"channel": TRIAGE, "text": "Hi"}),
    ("chat.postEphemeral", {"channel": TRIAGE, "user": "U0DANA0001", "text": "Hi"}),
    ("views.publish", {"user_id": "U0DANA0001", "view": {"type": "home", "blocks": []}}),
    ("bots.info", {"bot": "B0PYLON001"}),
]
CALLS_ON_A_MESSAGE = [
    ("conversations.replies", "ts", {}),
    ("chat.update", "ts", {"text": "Changed"}),
    ("chat.delete", "ts", {}),
    ("chat.getPermalink", "message_ts", {}),
    ("reactions.add", "timestamp", {"name": "eyes"}),
    ("reactions.get", "timestamp", {}),
]


def check(method: str, answer: Json) -> None:
    fields, required = documented(method)
    assert answer["ok"] is True, answer
    assert set(answer) <= fields
    assert required <= set(answer)


@pytest.mark.parametrize(("method", "args"), CALLS, ids=[method for method, _ in CALLS])
def test_fields_of_answers(sandbox: SandboxProcess, method: str, args: Json) -> None:
    check(method, sandbox.web_api(method, **args))


@pytest.mark.parametrize(("method", "name", "args"), CALLS_ON_A_MESSAGE, ids=[c[0] for c in CALLS_ON_A_MESSAGE])
def test_fields_of_answers_about_a_message(sandbox: SandboxProcess, method: str, name: str, args: Json) -> None:
    ts = sandbox.web_api("chat.postMessage", channel=TRIAGE, text="Hi")["ts"]
    check(method, sandbox.web_api(method, channel=TRIAGE, **{name: ts}, **args))


def test_the_file_object(sandbox: SandboxProcess) -> None:
    sandbox.post_message(TRIAGE, "dana", "A file", files=[{"name": "a.png", "content": "x"}])
    (stored,) = sandbox.messages(TRIAGE)[0]["files"]
    answer = sandbox.web_api("files.info", file=stored["id"])
    check("files.info", answer)
    example = reference("files.info")["examples"]["success"]["example"]["file"]
    optional = {key for key in example if key.startswith(("thumb", "original", "deanimate", "pjpeg", "image_"))}
    assert set(example) - optional - {"shares", "alt_txt"} <= set(answer["file"])


@pytest.mark.parametrize("method", ["users.info", "conversations.info", "bots.info"])
def test_objects_hold_what_the_examples_hold(sandbox: SandboxProcess, method: str) -> None:
    args, name = {
        "users.info": ({"user": "U0DANA0001"}, "user"),
        "conversations.info": ({"channel": TRIAGE}, "channel"),
        "bots.info": ({"bot": "B0PYLON001"}, "bot"),
    }[method]
    example = reference(method)["examples"]["success"]["example"][name]
    optional = {"has_2fa", "properties", "priority"}
    assert set(example) - optional <= set(sandbox.web_api(method, **args)[name])


def test_every_error_code_is_slacks_own() -> None:
    known = COMMON_ERRORS | OWN_ERRORS
    for path in REFERENCE.glob("*.json"):
        known |= set(json.loads(path.read_text(encoding="utf-8")).get("errors") or {})
    for path in SOURCE.rglob("*.py"):
        assert _codes(path) <= known, path.name


def _codes(path: Path) -> set[str]:
    """The literal codes a module refuses with."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "SlackError"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
