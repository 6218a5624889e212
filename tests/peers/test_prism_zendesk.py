"""Every request that we make of Zendesk, judged by others: Prism, the npm package, with a mirror of its description.

The description is not ours to copy: the test takes it from beside the project, and is skipped where there is none.
Webhooks are not in it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from integrations.tools.protocol import File, Person
from integrations.zendesk.adapter import ZendeskAdapter
from tests.integrations.tools.contract import DANA, HANK, new_comment, new_ticket
from tests.integrations.zendesk.double import EMAIL, TOKEN, Call, Server, Zendesk, serving
from tests.integrations.zendesk.test_contract import installed
from tests.peers.test_emulate import node
from tests.processes import wait_until
from tests.sandbox_process import REPOSITORY, free_port

PROGRAM = Path(__file__).parent / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
DESCRIPTION = REPOSITORY.parent / "shared" / "specs" / "zendesk-qorus.yaml"
MISTAKES = {
    # The list of all groups, of no user.
    '      - description: "The id of the user"\n        in: "path"\n        name: "user_id"\n        required: true\n'
    '        type: "integer"\n        x-example: 35436\n      - description: "Whether to exclude deleted entities"': (
        '      - description: "Whether to exclude deleted entities"'
    ),
    # A ticket's fields are pairs of id and value, not what defines a field; its own example says so.
    'creating-and-updating-tickets#setting-custom-field-values)"\n        items:\n'
    '          $ref: "#/definitions/CustomFieldObject"': (
        'creating-and-updating-tickets#setting-custom-field-values)"\n        items:\n'
        '          type: "object"\n          required: ["id", "value"]'
    ),
    # Nobody's ticket has none.
    'description: "The agent currently assigned to the ticket"\n        type: "integer"': (
        'description: "The agent currently assigned to the ticket"\n        type: "integer"\n        x-nullable: true'
    ),
    # A cursor takes its place, as the words beside it say.
    'name: "start_time"\n      required: true\n      type: "integer"\n      x-example: 1332034771\n'
    '    - description: "The cursor': (
        'name: "start_time"\n      type: "integer"\n      x-example: 1332034771\n    - description: "The cursor'
    ),
}
"""Where the mirror contradicts Zendesk's documentation."""


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not PROGRAM.exists():
        pytest.skip("the package prism-cli is not installed: npm ci in tests/peers")
    if not DESCRIPTION.exists():
        pytest.skip("Zendesk's description is not beside the project")
    told = DESCRIPTION.read_text()
    for wrong, right in MISTAKES.items():
        assert wrong in told
        told = told.replace(wrong, right)
    mended = tmp_path_factory.mktemp("prism") / "zendesk.yaml"
    mended.write_text(told)
    port = free_port()
    command = [node(), str(PROGRAM), "mock", "-p", str(port), "--errors", str(mended)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url), what="Prism")
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)


def test_every_request_is_as_described(prism: str) -> None:
    with serving(Zendesk()) as server:
        _all_that_an_adapter_does(server)
        calls = {
            call.path.partition("?")[0] + call.method + call.body.decode(errors="replace"): call
            for call in server.calls
        }
    assert len(calls) > 20
    wrong = [problem for call in calls.values() if (problem := _judged(prism, call))]
    assert wrong == []


def test_prism_judges(prism: str) -> None:
    kind = {"Content-Type": "application/json"}
    assert _judged(prism, Call("PUT", "/api/v2/tickets/x", b'{"ticket": {}}', kind))
    assert _judged(prism, Call("GET", "/api/v2/nothing", b"", {}))


def _all_that_an_adapter_does(server: Server) -> None:
    adapter = ZendeskAdapter(installed(server, follow_up=True))
    assert all(finding.is_good for finding in adapter.check())
    choices = adapter.choices()
    fields = {field.name: field.options[0].value for field in choices.fields}
    told = new_ticket(status="open/599", owner_email=DANA.email, fields=fields)
    made = adapter.create(told)
    adapter.create(new_ticket(requester=HANK))
    adapter.create(new_ticket(requester=Person("Homer", key="slack:W000009")))
    file = File("a.csv", "text/csv", 3, lambda: b"abc", "https://acme.slack.example/files/F1")
    for author, is_public in ((HANK, True), (DANA, True), (DANA, False)):
        adapter.add(made.external_id, new_comment("Hello", author=author, is_public=is_public, files=[file]))
    assert adapter.created(told.key)
    assert adapter.find("export")
    assert adapter.find(made.number)
    assert len(adapter.comments(made.external_id)) == 4
    for status in choices.status_out.values():
        adapter.set_status(made.external_id, status)
    assert all(adapter.set_owner(made.external_id, email) for email in (DANA.email, ""))
    server.zendesk.close(int(made.external_id))
    adapter.add(made.external_id, new_comment("Again"))
    cursor = adapter.changes("time 1700000000").cursor
    adapter.changes(cursor)


def _judged(prism: str, call: Call) -> str:
    """What is wrong with a request; empty where nothing is."""
    content = b"" if call.path.startswith("/api/v2/uploads?") else call.body  # the mirror knows no body of theirs
    answer = httpx.request(
        call.method,
        f"{prism}{call.path}",
        content=content or None,
        headers=call.headers,
        auth=(f"{EMAIL}/token", TOKEN),
        trust_env=False,
        timeout=30,
    )
    told = json.loads(answer.headers.get("sl-violations", "[]"))
    violations = [one for one in told if one["location"][0] == "request"]
    is_wrong = bool(violations) or answer.status_code in {401, 404, 415, 422}
    return f"{call.method} {call.path} {answer.status_code} {answer.text[:600]} {violations}" if is_wrong else ""


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v2/users/me", trust_env=False).status_code < 500
    except httpx.HTTPError:
        return False
