"""The process that computations are forked from, and computations that go wrong at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.runs.children import Child, Children
from layers.runs.density import DENSITY
from layers.runs.errors import RunCrashed
from tests.layers.runs.workers import children_of, gone, wait_for

NOWHERE = "postgresql://nobody@/nothing?host=/nonexistent"
ORDER = {"application": NOWHERE, "admin": NOWHERE, "run": 1, "attempt": 1, "megabytes": 4096}


def templates() -> set[int]:
    return {
        process
        for process in children_of([os.getpid()])
        if b"layers.runs.template" in Path(f"/proc/{process}/cmdline").read_bytes()
    }


@pytest.fixture(scope="module")
def others() -> set[int]:
    """Return the templates that other tests of this process have begun."""
    return templates()


@pytest.fixture(scope="module")
def children(others: set[int]) -> Iterator[Children]:
    with Children() as made:
        yield made


def failed(child: Child) -> RunCrashed:
    """Wait until the computation has found no database."""
    wait_for(lambda: child.ended, "the end")
    crash = child.crash(DENSITY)
    assert isinstance(crash, RunCrashed)
    return crash


def test_a_computation_is_forked_from_a_process_of_one_thread(children: Children, others: set[int]) -> None:
    for _ in range(2):
        with children.compute(ORDER) as child:
            assert failed(child).details["exit"] == 1
        (template,) = templates() - others
        assert len(list(Path(f"/proc/{template}/task").iterdir())) == 1
        assert children_of([template]) == []


def test_a_computation_can_be_ended_before_it_has_begun() -> None:
    before = templates()
    with Children() as children, children.compute(ORDER) as child:
        (fresh,) = templates() - before
        child.kill()
        assert gone(fresh)
        assert child.ended


def test_a_template_that_was_killed_is_replaced(children: Children, others: set[int]) -> None:
    children.get_ready()
    (first,) = templates() - others
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: gone(first), "the end of the template")
    with children.compute(ORDER) as child:
        assert failed(child).details["exit"] == 1
        assert first not in templates()
