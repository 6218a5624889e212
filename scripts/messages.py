"""Bring the translations up to what the pages say: `make messages`, then translate what is new in `locale/`.

    .venv/bin/python scripts/messages.py [--check]

Texts are found as Django's own makemessages finds them, without needing GNU gettext. A text that is gone is
dropped; what is new stands there empty, and the page shows it in English until it is translated.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pylon.settings")

from babel.messages.catalog import Catalog  # noqa: E402
from babel.messages.extract import extract_javascript, extract_python  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402
from django.utils.translation.template import templatize  # noqa: E402

APPS = ("accounts", "conversations", "triage", "integrations", "pylon")
NAMES = dict.fromkeys(
    [
        "_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy",
        "pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy",
    ]
)  # fmt: skip
Found = tuple[str | tuple[str, str], str | None]
"""A text, or its singular and plural; its context."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Bring the translations up to what the pages say.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is not translated")
    options = parser.parse_args()
    missing = 0
    for file in sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po")):
        catalogue = updated(file)
        left = untranslated(catalogue)
        missing += len(left)
        print(f"{file.relative_to(ROOT)}: {len(catalogue)} texts, {len(left)} not translated")
        if options.check:
            for text in left:
                print(f"  {text!r}")
        else:
            with file.open("wb") as target:
                write_po(target, catalogue, sort_output=True, no_location=True, ignore_obsolete=True, omit_header=True)
    if options.check and missing:
        sys.exit(1)


def updated(file: Path) -> Catalog:
    """The translations of a file, with the texts of the program as it is now."""
    language = file.parts[-3]
    with file.open("rb") as source:
        catalogue = read_po(source, locale=language, domain=file.stem)
    catalogue.update(template(file.stem), no_fuzzy_matching=True, update_header_comment=False)
    return catalogue


def template(domain: str) -> Catalog:
    """All texts of a domain: `django` is Python and templates, `djangojs` the browser's scripts."""
    catalogue = Catalog(domain=domain, charset="utf-8")
    for text, context in in_scripts() if domain == "djangojs" else in_pages():
        catalogue.add(text, context=context)
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    return [str(message.id) for message in catalogue if message.id and (message.fuzzy or not _is_whole(message.string))]


def in_pages() -> Iterator[Found]:
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            yield from _found(extract_python(BytesIO(file.read_bytes()), NAMES, [], {}))
    for file in sorted((ROOT / "templates").rglob("*.html")):
        # In brackets, or Python would stumble over how the template is indented.
        code = f"(\n{templatize(file.read_text('utf-8'), origin=str(file))}\n)"
        yield from _found(extract_python(BytesIO(code.encode()), NAMES, [], {"encoding": "utf-8"}))


def in_scripts() -> Iterator[Found]:
    for file in sorted((ROOT / "static" / "js").rglob("*.js")):
        yield from _found(extract_javascript(BytesIO(file.read_bytes()), NAMES, [], {"encoding": "utf-8"}))


def _found(calls: Iterable[Any]) -> Iterator[Found]:
    """`calls`: line, the function's name, its one argument or all of them, comments."""
    for _line, name, said, _comments in calls:
        words = list(said) if isinstance(said, tuple | list) else [said]
        context = words.pop(0) if "pgettext" in name else None
        texts = words[: 2 if name.startswith("n") else 1]
        if all(isinstance(text, str) and text for text in texts):
            yield (texts[0], texts[1]) if len(texts) == 2 else texts[0], context


def _is_whole(translation: Any) -> bool:
    return bool(translation) if isinstance(translation, str) else bool(translation) and all(translation)


if __name__ == "__main__":
    main()
