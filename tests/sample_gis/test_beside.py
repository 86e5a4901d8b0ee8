"""A work beside another, in a fork: its result, its error, and its end."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from geo.errors import NotFound
from sample_gis.beside import Beside

#: Run in a process of its own: this one has threads, and nobody should fork it.
PREPARED = (
    "import os, signal; from sample_gis.beside import Beside; from geo.errors import *; here = os.getpid()\n"
)


def in_a_process(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PREPARED + program], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.strip()


def test_a_forked_work_returns_what_it_made_elsewhere_and_changes_nothing_here() -> None:
    program = (
        "city = {'roads': 1}\n"
        "def make():\n"
        "    city['roads'] += 1\n"
        "    return city, os.getpid() == here, list(range(100_000))\n"
        "beside = Beside(make, fork=True)\n"
        "made, same, many = beside.result()\n"
        "print(made, same, len(many), city, beside.is_ready)"
    )
    assert in_a_process(program) == "{'roads': 2} False 100000 {'roads': 1} True"


def test_what_goes_wrong_in_a_fork_is_raised_where_its_result_is_asked_for() -> None:
    program = (
        "def fail():\n"
        "    raise NotFound('no such county', county='000000')\n"
        "beside = Beside(fail, fork=True)\n"
        "try:\n"
        "    beside.result()\n"
        "except NotFound as error:\n"
        "    print(error, error.details)"
    )
    assert in_a_process(program) == "no such county {'county': '000000'}"


def test_a_killed_fork_is_told_and_not_waited_for() -> None:
    program = (
        "beside = Beside(lambda: os.kill(os.getpid(), signal.SIGKILL), fork=True)\n"
        "try:\n"
        "    beside.result()\n"
        "except Unavailable as error:\n"
        "    print(error)"
    )
    assert "was ended" in in_a_process(program)


def test_without_a_fork_it_is_done_here_and_now() -> None:
    done: list[int] = []
    beside = Beside(lambda: done.append(os.getpid()), fork=False)
    assert done == [os.getpid()]
    assert beside.is_ready
    with pytest.raises(NotFound):
        Beside(fail, fork=False)


def fail() -> None:
    raise NotFound("no such county", county="000000")
