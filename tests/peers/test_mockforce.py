"""What our client asks of Salesforce, done by others: simple-mockforce, which keeps records, and its parser of SOQL.

It speaks no HTTP itself: the bridge that does is not ours to copy. The test takes it from beside the project, and is
skipped where there is none. Left to the contract's tests is what it lacks: describe, queryAll, composite, LIKE (it
drops such conditions), the `id` of whom a token is for, and refusing a token. It never reads an escaped quote back, so
a text with one is tried by what it must not find, and by whether the parser takes it for one literal.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import httpx
import pytest

from integrations.models import Installation
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.session import TOKEN_PATH, Session, signed_in
from integrations.salesforce.soql import Names, bound
from integrations.tools.errors import Gone
from tests.processes import wait_until
from tests.sandbox_process import REPOSITORY, free_port

BRIDGE = REPOSITORY.parent / "shared" / "tools" / "salesforce_bridge.py"
PACKAGES = ("simple_mockforce", "simple_salesforce", "python_soql_parser")
HOSTILE = "none' OR Subject = 'Secret"
UNKNOWN = "500000000000000AAA"


@pytest.fixture(scope="module")
def mockforce(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if missing := [name for name in PACKAGES if not find_spec(name)]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not BRIDGE.exists():
        pytest.skip("the bridge to simple-mockforce is not beside the project")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, str(BRIDGE), str(port)],
        cwd=tmp_path_factory.mktemp("mockforce"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url), what="simple-mockforce")
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)


@pytest.fixture
def credentials(mockforce: str) -> dict[str, str]:
    return signed_in({"address": mockforce, "client_id": "3MVG9", "client_secret": "s3cret"})


@pytest.fixture
def client(credentials: dict[str, str]) -> SalesforceClient:
    return SalesforceClient(Session(Installation(credentials={**credentials})))


def test_a_token_is_got(mockforce: str, credentials: dict[str, str]) -> None:
    assert (credentials["token"], credentials["instance"]) == ("FAKE_ACCESS_TOKEN", mockforce)
    assert credentials["refresh_token"] == "FAKE_REFRESH_TOKEN"


def test_cases_and_comments_are_made_changed_and_deleted(client: SalesforceClient) -> None:
    case = client.make("Case", Subject="Export fails", Status="New")
    other = client.make("Case", Subject="Another", Status="New")
    client.change("Case", case, Status="Closed")
    first, second = (
        client.make("CaseComment", ParentId=case, CommentBody=text, IsPublished=is_public)
        for text, is_public in (("It’s “back” \\o/", True), ("Only for us", False))
    )

    assert _found(client, case) == [{"Id": case, "Subject": "Export fails", "Status": "Closed"}]
    assert _found(client, other) == [{"Id": other, "Subject": "Another", "Status": "New"}]
    listed = "SELECT Id, CommentBody, IsPublished FROM CaseComment WHERE ParentId = :case ORDER BY CreatedDate"
    assert client.query(listed, case=case) == [
        {"Id": first, "CommentBody": "It’s “back” \\o/", "IsPublished": True},
        {"Id": second, "CommentBody": "Only for us", "IsPublished": False},
    ]

    client.delete(f"/sobjects/CaseComment/{first}")
    assert [one["Id"] for one in client.query(listed, case=case)] == [second]
    with pytest.raises(Gone):
        client.delete(f"/sobjects/CaseComment/{first}")
    client.delete(f"/sobjects/Case/{case}")
    assert _found(client, case) == []


def test_values_of_every_kind_are_understood(client: SalesforceClient) -> None:
    made = [client.make("Case", Subject=subject, Status="Waiting") for subject in ("One", "Two", "Three")]
    query = "SELECT :field FROM Case WHERE Id IN :wanted AND Status = :status ORDER BY CreatedDate DESC LIMIT :most"
    found = client.query(query, field=Names("Subject"), wanted=made, status="Waiting", most=2)
    assert found == [{"Subject": "Three"}, {"Subject": "Two"}]
    assert client.query(query, field=Names("Subject"), wanted=made, status="New", most=2) == []


def test_what_is_unknown_is_gone(client: SalesforceClient) -> None:
    client.make("Case", Subject="There")
    with pytest.raises(Gone):
        client.change("Case", UNKNOWN, Status="Closed")
    with pytest.raises(Gone):
        client.delete(f"/sobjects/Case/{UNKNOWN}")
    with pytest.raises(Gone):
        client.get(f"/sobjects/Case/{UNKNOWN}")


def test_a_quote_does_not_end_a_text(client: SalesforceClient) -> None:
    """The same text unbound does find the other case: the mock would tell."""
    client.make("Case", Subject="Secret")
    query = "SELECT Subject FROM Case WHERE Subject = :text"
    assert client.query(query, text="Secret") == [{"Subject": "Secret"}]
    assert client.query(query, text=HOSTILE) == []
    assert client.query(query.replace(":text", f"'{HOSTILE}'")) == [{"Subject": "Secret"}]


@pytest.mark.parametrize(
    "text",
    [HOSTILE, "O'Brien", "'", "''", "\\", "\\'", "ends in \\", 'a "quoted" word', "two\nlines\tand a tab", "50% _x"],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_text_is_one_literal(text: str) -> None:
    parser = pytest.importorskip("python_soql_parser.core")
    query = bound("SELECT Id FROM Case WHERE Subject = :text AND Status = :status", {"text": text, "status": "New"})
    [[subject, junction, status]] = parser.soql.parseString(query, parseAll=True)["where"].asList()
    assert (subject[:2], junction, status) == (["Subject", "="], "and", ["Status", "=", "'New'"])
    assert subject[2].startswith("'")
    assert subject[2].endswith("'")


def _found(client: SalesforceClient, case: str) -> list[dict[str, object]]:
    return client.query("SELECT Id, Subject, Status FROM Case WHERE Id = :case", case=case)


def _answers(url: str) -> bool:
    try:
        return httpx.post(f"{url}{TOKEN_PATH}", trust_env=False).is_success
    except httpx.HTTPError:
        return False
