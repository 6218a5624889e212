"""Every request that we make of Intercom, judged by others: Prism, the npm package, with Intercom's own description.

The description is not ours to copy: the test takes it from beside the project, and is skipped where there is none.
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

from conversations.status import Status
from integrations.intercom.tool import make
from integrations.tools.protocol import File
from tests.integrations.intercom.double import TOKEN, Intercom
from tests.integrations.intercom.server import Server, serving
from tests.integrations.intercom.test_contract import installed
from tests.integrations.tools.contract import DANA, HANK, new_comment, new_ticket
from tests.peers.test_emulate import node
from tests.processes import wait_until
from tests.sandbox_process import REPOSITORY, free_port

PROGRAM = Path(__file__).parent / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
DESCRIPTION = REPOSITORY.parent / "shared" / "specs" / "intercom-2.15.yaml"
IMPOSSIBLE = "format: uuid\n              minLength: 24\n              maxLength: 24"
"""What the description wants of a contact's id: no UUID has 24 characters. Intercom's own examples are none."""


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not PROGRAM.exists():
        pytest.skip("the package prism-cli is not installed: npm ci in tests/peers")
    if not DESCRIPTION.exists():
        pytest.skip("Intercom's description is not beside the project")
    told = DESCRIPTION.read_text()
    assert IMPOSSIBLE in told
    mended = tmp_path_factory.mktemp("prism") / "intercom.yaml"
    mended.write_text(told.replace(IMPOSSIBLE, IMPOSSIBLE.removeprefix("format: uuid\n").strip()))
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


@pytest.mark.parametrize("kind", ["ticket", "conversation"])
def test_every_request_is_as_described(prism: str, kind: str) -> None:
    with serving(Intercom()) as server:
        _all_that_an_adapter_does(server, kind)
        calls = {json.dumps(call) for call in server.calls}
    assert len(calls) > 20
    wrong = [problem for call in sorted(calls) if (problem := _judged(prism, *json.loads(call)))]
    assert wrong == []


def test_prism_judges(prism: str) -> None:
    assert "admin_id" in _judged(prism, "POST", "/conversations/1/parts", {"message_type": "open"})
    assert _judged(prism, "GET", "/nothing", {})


def _all_that_an_adapter_does(server: Server, kind: str) -> None:
    adapter = make(installed(server, kind))
    assert all(finding.is_good for finding in adapter.check())
    choices = adapter.choices()
    fields = {field.name: field.options[0].value for field in choices.fields if not field.default}
    told = new_ticket(status=choices.status_out[Status.CLOSED], owner_email=DANA.email, fields=fields)
    made = adapter.create(told)
    file = File("a.csv", "text/csv", 3, lambda: b"abc", "https://acme.slack.example/files/F1")
    said = [
        adapter.add(made.external_id, new_comment("Hello", author=author, is_public=is_public, files=[file]))
        for author, is_public in ((HANK, True), (DANA, True), (DANA, False))
    ]
    assert adapter.created(told.key)
    assert adapter.find("export")
    assert adapter.find(made.number)
    assert len(adapter.comments(made.external_id)) == len(said)
    for status in choices.status_out.values():
        adapter.set_status(made.external_id, status)
    assert all(adapter.set_owner(made.external_id, email) for email in (DANA.email, ""))
    if kind == "ticket":
        adapter.edit(made.external_id, made.opening_id, new_comment("Changed"))
    else:
        adapter.delete(made.external_id, said[0])
    adapter.delete(made.external_id, made.opening_id)
    assert adapter.changes("1700000000").touched


def _judged(prism: str, method: str, path: str, body: dict[str, object]) -> str:
    """What is wrong with a request; empty where nothing is."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Intercom-Version": "2.15"}
    answer = httpx.request(method, f"{prism}{path}", json=body or None, headers=headers, trust_env=False, timeout=30)
    violations = [
        one for one in json.loads(answer.headers.get("sl-violations", "[]")) if one["location"][0] == "request"
    ]
    is_wrong = bool(violations) or answer.status_code in {401, 404, 415, 422}
    return f"{method} {path} {answer.status_code} {answer.text[:600]} {violations}" if is_wrong else ""


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/me", trust_env=False).status_code < 500
    except httpx.HTTPError:
        return False
