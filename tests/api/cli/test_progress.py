"""Progress of a long work."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from api.cli.progress import Steps


def drawn(*, terminal: bool) -> tuple[Steps, io.StringIO]:
    page = io.StringIO()
    return Steps(Console(file=page, force_terminal=terminal, width=100)), page


def test_elsewhere_than_on_a_terminal_a_finished_step_is_one_line():
    steps, page = drawn(terminal=False)
    with steps:
        steps.tell("Tables", 0.0)
        steps.tell("Tables", 0.5)
        assert page.getvalue() == ""
        steps.tell("地下管线", 0.0)
        steps.tell("地下管线", 1.0)
    lines = page.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["Tables", "地下管线"]
    assert lines[0].index("0.0 s") == lines[1].index("0.0 s") + 4, "four characters of double width"


def test_the_last_step_ends_with_the_work():
    steps, page = drawn(terminal=False)
    with steps:
        steps.tell("Database", 0.0)
    assert page.getvalue().startswith("Database")


def test_an_empty_name_ends_the_step_and_begins_none():
    steps, page = drawn(terminal=False)
    with steps:
        steps.tell("建筑", 0.5)
        steps.tell("", 1.0)
        assert page.getvalue().count("\n") == 1
    assert page.getvalue().count("\n") == 1


def test_a_step_that_failed_is_not_called_finished():
    steps, page = drawn(terminal=False)
    with pytest.raises(RuntimeError), steps:
        steps.tell("Database", 0.3)
        raise RuntimeError
    assert page.getvalue() == ""


def test_on_a_terminal_every_step_has_a_bar():
    steps, page = drawn(terminal=True)
    with steps:
        steps.tell("Tables", 1.0)
        steps.tell("建筑", 0.25)
    assert "Tables" in page.getvalue()
    assert "建筑" in page.getvalue()
    assert "100 %" in page.getvalue()
