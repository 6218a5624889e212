"""Part files in a folder, with a manifest that says which are complete. Interrupted, it goes on after those.

A part is written beside its place, flushed to the disk and renamed; only then does the manifest name it. So a file
that the manifest doesn't name is overwritten by the next run: nothing twice, nothing missing.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from django.utils import timezone

from accounts.models import Workspace
from pylon.exporting.rows import Row, line, read
from pylon.exporting.tables import TABLES, Table

VERSION = 1
"""Of the manifest and the layout of the folder."""
PART = 50_000
"""Rows in one file, about; a part ends with a batch."""
MANIFEST = "manifest.json"

Manifest = dict[str, Any]


class ExportError(Exception):
    """One sentence that says what to do."""


def export(
    workspace: Workspace, tables: Sequence[str], folder: Path, *, tell: Callable[[str], object] = lambda _said: None
) -> Manifest:
    """Write these tables, going on where an earlier run into the same folder ended. `tell` hears of each part."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        manifest = _begun(workspace, tables, folder)
        for name in tables:
            if not manifest["tables"][name]["finished"]:
                _export_table(TABLES[name], workspace, folder, manifest, tell)
        if not manifest["finished_at"]:
            manifest["finished_at"] = timezone.now().isoformat()
            _write_manifest(folder, manifest)
    return manifest


def _begun(workspace: Workspace, tables: Sequence[str], folder: Path) -> Manifest:
    path = folder / MANIFEST
    columns = {name: [{"name": column, "type": kind} for column, kind in TABLES[name].types.items()] for name in tables}
    if not path.exists():
        manifest = {
            "version": VERSION, "format": "jsonl", "workspace": {"id": workspace.pk, "name": workspace.name},
            "started_at": timezone.now().isoformat(), "finished_at": None,
            "tables": {
                name: {"columns": columns[name], "rows": 0, "last": 0, "upto": None, "finished": False, "parts": []}
                for name in tables
            },
        }  # fmt: skip
        _write_manifest(folder, manifest)
        return manifest
    try:
        known: Manifest = json.loads(path.read_text(encoding="utf-8"))
        same = (
            known["version"] == VERSION
            and known["workspace"]["id"] == workspace.pk
            and {name: table["columns"] for name, table in known["tables"].items()} == columns
        )
    except (ValueError, KeyError, TypeError):
        raise ExportError(f"{path} can't be read: choose another folder.") from None
    if not same:
        raise ExportError(f"{folder} holds an export of something else: choose another folder.")
    return known


def _export_table(
    table: Table, workspace: Workspace, folder: Path, manifest: Manifest, tell: Callable[[str], object]
) -> None:
    """What is added after the table was begun is not in it: otherwise it might never end."""
    state = manifest["tables"][table.name]
    if state["upto"] is None:
        state["upto"] = table.rows(workspace.pk).order_by("-pk").values_list("pk", flat=True).first() or 0
        _write_manifest(folder, manifest)
    (folder / table.name).mkdir(mode=0o700, exist_ok=True)
    batches = read(table, workspace.pk, after=state["last"], upto=state["upto"])
    while first := next(batches, None):
        file = f"{table.name}/part-{len(state['parts']) + 1:05}.jsonl.gz"
        with _in_place(folder / file) as raw:
            rows, last = _write_part(raw, chain([first], batches))
        state["parts"].append({"file": file, "rows": rows, "last": last})
        state["rows"] += rows
        state["last"] = last
        _write_manifest(folder, manifest)
        tell(f"{table.name}: {state['rows']:,} rows, {file}")
    state["finished"] = True
    _write_manifest(folder, manifest)


def _write_part(raw: BinaryIO, batches: Iterator[list[Row]]) -> tuple[int, object]:
    """How many rows it has, and the last one's id."""
    rows, last = 0, None
    with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
        for batch in batches:
            packed.write("".join(map(line, batch)).encode())
            rows, last = rows + len(batch), batch[-1]["id"]
            if rows >= PART:
                break
    return rows, last


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    with _in_place(folder / MANIFEST) as raw:
        raw.write(json.dumps(manifest, indent=1, ensure_ascii=False).encode())


@contextmanager
def _in_place(path: Path) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all, for its owner's eyes only."""
    beside = path.with_name(f"{path.name}.tmp")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
        yield raw
        raw.flush()
        os.fsync(raw.fileno())
    beside.replace(path)
    holder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(holder)
    finally:
        os.close(holder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The lock ends with the process, however that ends."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportError(f"Another export is writing to {folder}.") from None
        yield
