"""Ids and timestamps that never come back: an app remembers the events and messages it has seen."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sandbox.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "one.sqlite3")


def ids(store: Store) -> list[str]:
    return [store.next_id("Ev") for _ in range(5000)]


def test_ids_after_clearing_are_new(store: Store) -> None:
    before = ids(store)
    store.clear()
    assert not set(before) & set(ids(store))


def test_ids_of_another_home_are_different(store: Store, tmp_path: Path) -> None:
    mine = {store.next_id("Ev") for _ in range(3)}
    time.sleep(0.05)  # Two homes are never begun in the same instant.
    other = Store(tmp_path / "other.sqlite3")
    assert not mine & {other.next_id("Ev") for _ in range(3)}


def test_timestamps_are_unique_in_a_channel(store: Store) -> None:
    first = store.new_ts("C1", 1_700_000_000.5)
    store.add("messages", channel_id="C1", ts=first, in_channel=1, body="{}")
    assert first == "1700000000.500000"
    assert store.new_ts("C1", 1_700_000_000.5) == "1700000000.500001"
    assert store.new_ts("C2", 1_700_000_000.5) == first
