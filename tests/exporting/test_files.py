from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Channel, Contact, User, Workspace
from conversations.models import Message
from pylon.exporting import files, rows
from pylon.exporting.tables import TABLES
from tests import cast

SAID = 'One line\nanother\u2028\r\n"quoted" \\u0000 \x01 =1+1 Grüße 👋🏽'


def read_back(folder: Path, table: str) -> list[dict[str, Any]]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = []
    for part in manifest["tables"][table]["parts"]:
        lines = gzip.decompress((folder / part["file"]).read_bytes()).decode().split("\n")
        assert lines.pop() == ""
        assert len(lines) == part["rows"]
        found += map(json.loads, lines)
    return found


@pytest.fixture
def said(channel: Channel, contact: Contact, stranger: User) -> list[Message]:
    theirs = cast.make_channel(workspace=stranger.workspace, name=channel.name)
    cast.say("Not ours", channel=theirs, by=cast.make_contact(workspace=stranger.workspace))
    return [cast.say(f"{SAID} {number}", channel=channel, by=contact) for number in range(5)]


def run(folder: Path, *more: str) -> None:
    call_command("export", "--workspace", "acme", "--to", str(folder), *more)


def test_what_is_exported_is_what_is_there(said: list[Message], workspace: Workspace, tmp_path: Path) -> None:
    run(tmp_path)
    messages = read_back(tmp_path, "messages")
    assert [(row["id"], row["text"]) for row in messages] == [(one.pk, one.text) for one in said]
    assert messages[0]["sent_at"].endswith("+00:00")
    for name, table in TABLES.items():
        ids = list(table.rows(workspace.pk).values_list("pk", flat=True))
        assert [row["id"] for row in read_back(tmp_path, name)] == ids, name
    assert "Not ours" not in str(messages)
    assert len(read_back(tmp_path, "users")) == 1  # not the stranger


def test_a_deleted_message_keeps_its_place_alone(said: list[Message], tmp_path: Path) -> None:
    Message.objects.filter(pk=said[0].pk).update(deleted_at=timezone.now(), files=[{"name": "a.png"}])
    run(tmp_path, "--tables", "messages")
    first = read_back(tmp_path, "messages")[0]
    assert (first["id"], first["text"], first["files"]) == (said[0].pk, "", [])


@pytest.mark.parametrize("dies_at", ["part-00001.jsonl.gz", "part-00002.jsonl.gz", "manifest.json"])
def test_it_goes_on_where_it_was_killed(
    said: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    """Killed after a file is written beside its place, before it is renamed."""
    monkeypatch.setattr(rows, "BATCH", 2)
    monkeypatch.setattr(files, "PART", 2)
    rename = Path.replace

    def die(beside: Path, path: Path) -> Path:
        if path.name == dies_at and (
            dies_at != "manifest.json" or (tmp_path / "messages/part-00002.jsonl.gz").exists()
        ):
            raise KeyboardInterrupt
        return rename(beside, path)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", die)
        with pytest.raises(CommandError, match="goes on"):
            run(tmp_path, "--tables", "messages")
    run(tmp_path, "--tables", "messages")
    assert [row["id"] for row in read_back(tmp_path, "messages")] == [one.pk for one in said]
    assert not list(tmp_path.rglob("*.tmp"))
    assert json.loads((tmp_path / "manifest.json").read_text())["tables"]["messages"]["rows"] == len(said)


def test_few_rows_are_in_memory_at_once(
    said: list[Message], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BATCH", 2)
    batches = rows.read(TABLES["messages"], workspace.pk)
    assert [len(batch) for batch in batches] == [2, 2, 1]


def test_a_folder_holds_one_export(said: list[Message], stranger: User, tmp_path: Path) -> None:
    run(tmp_path, "--tables", "messages")
    with pytest.raises(CommandError, match="another folder"):
        run(tmp_path, "--tables", "users")
    with pytest.raises(CommandError, match="another folder"):
        call_command("export", "--workspace", "initech", "--to", str(tmp_path), "--tables", "messages")
    with pytest.raises(CommandError, match="no workspace"):
        call_command("export", "--workspace", "nobody", "--to", str(tmp_path))
