"""Everything the parts of the sandbox share."""

from __future__ import annotations

from asyncio import Queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.config import Config
from sandbox.delivery import Outbox
from sandbox.misbehaviour import Misbehaviour
from sandbox.seed import seed
from sandbox.store import Json, Store


class Live:
    """Tells open pages what changed, so that they ask again."""

    def __init__(self) -> None:
        self._listeners: set[Queue[Json | None]] = set()

    def publish(self, change: Json) -> None:
        for listener in self._listeners:
            listener.put_nowait(change)

    def end(self) -> None:
        """Let every listener go."""
        for listener in self._listeners:
            listener.put_nowait(None)

    @contextmanager
    def listener(self) -> Iterator[Queue[Json | None]]:
        """A queue that receives every change while the context is open, and None at the end."""
        queue: Queue[Json | None] = Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)


@dataclass
class World:
    """The store, the way out to the app, the open pages, and the faults asked for."""

    config: Config
    store: Store
    misbehaviour: Misbehaviour
    outbox: Outbox
    live: Live = field(default_factory=Live)
    tickets: set[str] = field(default_factory=set)
    """Socket Mode addresses handed out and not used yet."""

    @classmethod
    def open(cls, config: Config) -> World:
        store = Store(config.database)
        seed(store)
        misbehaviour = Misbehaviour(store)
        live = Live()
        outbox = Outbox(config, store, misbehaviour, notify=live.publish)
        return cls(config, store, misbehaviour, outbox, live)

    @property
    def app(self) -> Json:
        """The app under test, as in ``seed.json`` under ``app``."""
        app: Json = self.store.get_meta("app")
        return app

    async def reset(self) -> None:
        """Forget everything and start from the seed."""
        await self.outbox.stop()
        self.store.clear()
        seed(self.store)
        self.misbehaviour.reload()
        self.outbox.start()
        self.live.publish({"type": "reset"})
