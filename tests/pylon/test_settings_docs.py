from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented_and_nothing_else() -> None:
    read = {
        name
        for file in (ROOT / "pylon").rglob("*.py")
        for name in re.findall(r'env\.(?:text|integer|boolean|listing|url|choice)\(\s*"(\w+)"', file.read_text())
    }
    rows = re.findall(r"^\| (`.+?) \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    assert read == {name for row in rows for name in re.findall(r"`(\w+)`", row)}
