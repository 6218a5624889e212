"""``python -m sandbox``: serve the Slack stand-in until interrupted."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
import sys
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server

from sandbox.app import create_app
from sandbox.config import Config
from sandbox.world import World

STOP_SECONDS = 3.0
"""How long running requests may take to end once the process is told to stop."""


def main() -> int:
    config = _config(sys.argv[1:])
    taken = _why_not_free(config)
    if taken:
        sys.stderr.write(f"{taken}\n")
        return 1
    asyncio.run(_serve(config))
    return 0


def _config(arguments: list[str]) -> Config:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A small Slack stand-in: Web API under /api/, signed events, interactivity, and a page at /.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--home", type=Path, required=True, help="folder for its data; survives restarts")
    parser.add_argument("--events-url", required=True, help="where the app takes events")
    parser.add_argument("--interactivity-url", help="where it takes buttons and modals (default: the events URL)")
    parser.add_argument("--commands-url", help="where it takes slash commands (default: the events URL)")
    parser.add_argument("--speed", type=float, default=1.0, help="divide the gaps between retries by this")
    parser.add_argument(
        "--answer-timeout",
        type=float,
        default=3.0,
        metavar="SECONDS",
        help="how long the app may take (default: 3)",
    )
    given = parser.parse_args(arguments)
    if given.speed <= 0 or given.answer_timeout <= 0:
        parser.error("--speed and --answer-timeout must be above 0")
    return Config(
        host=given.host,
        port=given.port,
        home=given.home,
        events_url=given.events_url,
        interactivity_url=given.interactivity_url or given.events_url,
        commands_url=given.commands_url or given.events_url,
        speed=given.speed,
        answer_timeout_seconds=given.answer_timeout,
    )


def _why_not_free(config: Config) -> str | None:
    """One sentence when the port cannot be had; the server itself would share a taken port silently."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            return f"Cannot listen on {config.host}:{config.port} ({error.strerror}). Choose another with --port."
    return None


async def _serve(config: Config) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    world = World.open(config)
    server = Server(create_app(world), config.host, config.port, interface=Interfaces.ASGI, log_enabled=False)
    interrupted = asyncio.Event()
    for interrupt in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(interrupt, interrupted.set)
    serving = asyncio.create_task(server.serve())
    serving.add_done_callback(lambda _: interrupted.set())
    sys.stdout.write(f"Slack sandbox: {config.base_url}\n")
    sys.stdout.flush()
    await interrupted.wait()
    # The server waits for open connections, so those that never end by themselves are ended first.
    world.live.end()
    await world.outbox.close()
    await asyncio.gather(*(open_socket.disconnect() for open_socket in world.outbox.sockets))
    server.stop()  # type: ignore[no-untyped-call]  # granian leaves it without types
    done, _ = await asyncio.wait({serving}, timeout=STOP_SECONDS)
    for ended in done:
        ended.result()


if __name__ == "__main__":
    sys.exit(main())
