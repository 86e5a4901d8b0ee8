"""Every sentence and every fact that an analysis can put into its note has words in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.notes import chinese
from api.problems import message_file

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("geo", "layers/runs")
    for path in (ROOT / folder).rglob("*.py")
    if "MethodNote" in path.read_text(encoding="utf-8")
)


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield whole sentences below a node, with a figure where one is put in."""
    for node in [tree] if isinstance(tree, ast.Constant) else ast.iter_child_nodes(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "1" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif not isinstance(node, ast.Compare | ast.Constant):
            yield from texts(node)


#: Where they stand in a call of MethodNote that does not name them.
PLACES = {"method": 0, "facts": 3, "limits": 4}


def told(tree: ast.AST, name: str) -> Iterator[ast.AST]:
    """Yield what is given under a name, or assigned to one (``limits``, ``_LIMITS``, ``_LIMITS_OF_…``)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == name:
            yield node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [one.id.lower().strip("_") for one in targets if isinstance(one, ast.Name)]
            if any(one == name or one.startswith(f"{name}_of") for one in names):
                yield node
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "MethodNote":
            yield from node.args[PLACES[name] : PLACES[name] + 1]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "append"
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == name
        ):
            yield node


def sentences(tree: ast.AST) -> list[str]:
    found = [text for name in ("limits", "method") for node in told(tree, name) for text in texts(node)]
    return [text for text in found if text.endswith(".")]


def facts(tree: ast.AST) -> set[str]:
    return {
        key.value
        for given in told(tree, "facts")
        for node in (given, *ast.iter_child_nodes(given))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }


def test_sentences_are_found_where_they_are_written() -> None:
    found = {path.stem: sentences(ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES}
    assert len(found["viewsheds"]) > 4
    assert any(text.startswith("One sector beyond 1 m") for text in found["method"])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_note_speaks_chinese(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [text for text in sentences(tree) if chinese(text) is None] == []
    assert facts(tree) - message_file("notes")["facts"].keys() == set()
