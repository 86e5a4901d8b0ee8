"""The command line as its users run it: a process of its own, in a place of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Onemap = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def onemap_program() -> list[str]:
    """Return the program and its first arguments."""
    return [sys.executable, "-c", "from api.cli.main import app; app()"]


@pytest.fixture(scope="session")
def plain_environment() -> Mapping[str, str]:
    """Return the environment without any setting of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}


@pytest.fixture
def onemap(tmp_path: Path, onemap_program: list[str], plain_environment: Mapping[str, str]) -> Onemap:
    """Return ``onemap("db", "status", ONEMAP_PORT="1")``, which runs in the home ``tmp_path / "home"``."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*onemap_program, *arguments],
            env={**plain_environment, "ONEMAP_HOME": str(tmp_path / "home"), **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
