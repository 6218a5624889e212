"""The shape of the house: which way imports go, how work is handed on, where errors may be caught."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import grimp
import pytest

Node = TypeVar("Node", ast.Attribute, ast.ExceptHandler)
ROOT = Path(__file__).resolve().parent.parent
APPS = ["accounts", "conversations", "triage", "integrations"]
"""From the inside out: each may import those before it."""
PACKAGES = ["pylon", *APPS, "sandbox", "benchmarks"]
MAY_START_TASKS = {"integrations/wake.py"}
"""The one place that starts tasks at once: after the rows are committed, and at most one wake-up at a time."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """All imports, those in function bodies too; those for type checkers alone don't run."""
    return grimp.build_graph("pylon", *APPS, "sandbox", exclude_type_checking_imports=True)


@pytest.mark.parametrize(("inner", "outer"), list(combinations(APPS, 2)))
def test_imports_go_one_way(graph: grimp.ImportGraph, inner: str, outer: str) -> None:
    chains = graph.find_shortest_chains(importer=inner, imported=outer, as_packages=True)
    assert not chains, "\n".join(" → ".join(chain) for chain in sorted(chains))


@pytest.mark.parametrize("package", ["pylon", *APPS])
def test_the_sandbox_knows_nothing_of_the_product_nor_the_product_of_it(graph: grimp.ImportGraph, package: str) -> None:
    for importer, imported in (("sandbox", package), (package, "sandbox")):
        chains = graph.find_shortest_chains(importer=importer, imported=imported, as_packages=True)
        assert not chains, "\n".join(" → ".join(chain) for chain in sorted(chains))


def test_the_contracts_in_pyproject_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_tasks_start_after_the_commit() -> None:
    """`.delay()` inside a transaction lets the worker look before the rows are there."""
    for path, node in nodes(ast.Attribute):
        if node.attr == "apply_async":
            assert path in MAY_START_TASKS, f"{path}:{node.lineno}: start tasks with delay_on_commit or wake()"
        assert node.attr != "delay", f"{path}:{node.lineno}: delay_on_commit, not delay"


def test_only_an_outermost_edge_catches_everything() -> None:
    for path, node in nodes(ast.ExceptHandler):
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        names = {name.id for name in caught if isinstance(name, ast.Name)}
        if node.type is None or names & {"Exception", "BaseException"}:
            lines = (ROOT / path).read_text(encoding="utf-8").splitlines()[node.lineno - 1 : node.lineno + 1]
            passes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            says_why = any("the edge: " in line.lower() for line in lines)
            assert passes_on or says_why, f"{path}:{node.lineno}: say why it may catch everything (# the edge: …)"


def nodes(kind: type[Node]) -> Iterator[tuple[str, Node]]:
    """Every such node of the product's sources, with the file it is in."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            yield from ((str(file.relative_to(ROOT)), node) for node in ast.walk(tree) if isinstance(node, kind))
