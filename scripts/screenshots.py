"""Draws the pictures of README and docs: starts a demo of its own, signs in as Dana, photographs the pages.

    .venv/bin/python scripts/screenshots.py [--out docs/images]

Needs a Chromium on the machine.
"""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
WEB, SANDBOX = "http://127.0.0.1:8090", "http://127.0.0.1:8091"
DESKTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
PAGES = {
    "accounts": "/accounts/",
    "analytics": "/analytics/",
    "support-tools": "/settings/integrations/",
    "first-steps": "/settings/",
}
NARROWER = ViewportSize(width=1120, height=760)
TO_WEBP = """async (png) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").drawImage(image, 0, 0);
  const webp = await canvas.convertToBlob({ type: "image/webp", quality: 0.9 });
  return btoa(Array.from(new Uint8Array(await webp.arrayBuffer()), (byte) => String.fromCharCode(byte)).join(""));
}"""
"""The browser compresses: a third of the PNG that it would write itself."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "images", help="where the pictures go")
    out: Path = parser.parse_args().out
    executable = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if executable is None:
        sys.exit(f"No browser found. Install one of: {', '.join(BROWSERS)}.")
    out.mkdir(parents=True, exist_ok=True)
    with running_demo(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        for scheme in ("light", "dark"):
            photograph_board(browser, out, scheme)
        photograph_rest(browser, out)
        photograph_posts(browser, out)
        browser.close()


@contextmanager
def running_demo() -> Iterator[None]:
    """A demo with its own data and ports, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="pylon-pictures-") as home:
        Path(home).chmod(0o711)  # as root, PostgreSQL runs as another user
        demo = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=REPOSITORY,
            env=os.environ | {"PYLON_HOME": f"{home}/home", "PORT": "8090", "SANDBOX_PORT": "8091"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            for line in demo.stdout or ():
                print(line, end="", flush=True)
                if "Three things to try" in line:
                    break
            else:
                sys.exit("The demo did not start.")
            yield
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(30)


def photograph_board(browser: Browser, out: Path, scheme: str) -> None:
    page = signed_in(browser, DESKTOP, scheme)
    keep(page, out / f"board-{scheme}.webp")
    page.context.close()


def photograph_rest(browser: Browser, out: Path) -> None:
    page = signed_in(browser, DESKTOP, "light")
    page.get_by_role("link", name="Question about invoice").click()
    page.wait_for_url("**/conversations/**")
    keep(page, out / "conversation.webp")
    page.set_viewport_size(NARROWER)
    for name, path in PAGES.items():
        page.goto(f"{WEB}{path}")
        keep(page, out / f"{name}.webp")
    page.context.close()
    phone = signed_in(browser, PHONE, "light")
    keep(phone, out / "board-phone.webp")
    phone.context.close()
    sandbox = browser.new_context(viewport=DESKTOP).new_page()
    sandbox.goto(f"{SANDBOX}/")
    sandbox.wait_for_load_state("networkidle")
    keep(sandbox, out / "sandbox.webp")
    sandbox.context.close()


def photograph_posts(browser: Browser, out: Path) -> None:
    """Those of the triage channel, as the sandbox shows them: open ones, and one that was acknowledged."""
    page = browser.new_context(viewport=ViewportSize(width=1280, height=960)).new_page()
    page.goto(f"{SANDBOX}/?channel=C0TRIAGE01")
    page.get_by_role("button", name="Acknowledge").first.click()
    page.locator(".block.actions").first.get_by_role("button", name="Undo").wait_for()
    page.wait_for_load_state("networkidle")
    keep(page, out / "triage.webp")
    page.context.close()


def keep(page: Page, path: Path) -> None:
    """What the page shows once it stands still. An empty page compresses it: ours let no script fetch data."""
    page.wait_for_timeout(500)
    empty = page.context.new_page()
    webp: str = empty.evaluate(TO_WEBP, base64.b64encode(page.screenshot(animations="disabled")).decode())
    empty.close()
    path.write_bytes(base64.b64decode(webp))
    print(f"{path.name}: {path.stat().st_size // 1000} kB", flush=True)


def signed_in(browser: Browser, viewport: ViewportSize, scheme: str) -> Page:
    """A new window on the board."""
    dark = scheme == "dark"
    page = browser.new_context(viewport=viewport, color_scheme="dark" if dark else "light").new_page()
    page.goto(f"{WEB}/board/")
    page.fill("input[name=username]", "dana@acme.example")
    page.fill("input[name=password]", "demo")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/board/**")
    page.wait_for_timeout(500)
    return page


if __name__ == "__main__":
    main()
