"""All checks of the project, in strands side by side, with one summary at the end.

``python .ci/checks.py`` runs all of them; names of groups (``lint``, ``pure``, …) choose.
Every check runs even where an earlier one failed; the exit code is 1 if any did.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

CHECKOUT = Path(__file__).resolve().parents[1]
BIN = CHECKOUT / ".venv/bin"
ROOMS = ("geo", "layers", "tilecache", "api", "sample_gis")
GROUPS = ("lint", "web", "city", "pure", "postgis", "e2e")
#: Rings of tests that stand each other in one process; a browser's event loop does not.
TOGETHER = ("city", "pure", "postgis")
MARKS = {
    "city": "city and not soak",
    "pure": "not (city or postgis or e2e or soak)",
    "postgis": "postgis and not e2e and not soak",
    "e2e": "e2e and not soak",
}
WHERE = {
    "city": ("tests/sample_gis",),
    "pure": (*ROOMS, "tests"),
    "postgis": ("tests",),
    "e2e": ("tests/e2e",),
}
#: Files in memory spare the tests a tenth to a fifth of their time; a run needs less than half of this room.
MEMORY = Path("/dev/shm")  # noqa: S108 - only tests write there
ROOM_IN_MEMORY = 8_000_000_000
#: Groups that follow each other; the strands go side by side, for none keeps the cores busy all the time.
STRANDS = (TOGETHER, ("lint", "e2e"), ("web",))


@dataclass(frozen=True)
class Check:
    """A command, and where it leaves its count of tests."""

    group: str
    name: str
    command: tuple[str, ...]
    directory: Path = CHECKOUT
    junit: Path | None = None
    vitest: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """How a check went."""

    check: Check
    code: int
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def checks_of(reports: Path, names: set[str]) -> Iterator[Check]:
    """Yield the chosen checks, those of a group in their order.

    Rings of tests that go side by side in one process are one run where several are chosen: tests are
    collected once, and no worker waits at the end of each ring.
    """
    for check in _static(reports):
        if check.group in names:
            yield check
    rings = [ring for ring in TOGETHER if ring in names]
    if rings:
        yield _tests(reports, rings, workers=3)
    if "e2e" in names:
        yield _tests(reports, ["e2e"], workers=1 if rings else 2)


def _static(reports: Path) -> Iterator[Check]:
    yield Check("lint", "ruff", (f"{BIN}/ruff", "check", "."))
    yield Check("lint", "format", (f"{BIN}/ruff", "format", "--check", "--quiet", "."))
    yield Check("lint", "types", (f"{BIN}/mypy",))
    yield Check("lint", "import directions", (f"{BIN}/lint-imports", "--no-cache"))
    web = CHECKOUT / "web"
    yield Check("web", "web types", (f"{BIN}/npm", "run", "--silent", "check"), web)
    vitest = reports / "vitest.json"
    report = ("--reporter=default", "--reporter=json", f"--outputFile.json={vitest}")
    yield Check("web", "web tests", (f"{BIN}/npm", "test", "--silent", "--", *report), web, vitest=vitest)


def _tests(reports: Path, rings: list[str], workers: int) -> Check:
    """Return the run of some rings of tests by some processes."""
    junit = reports / f"{rings[0]}.xml"
    asked = dict.fromkeys(path for ring in rings for path in WHERE[ring])
    # None twice: a folder inside another one that is asked for comes with it.
    paths = [path for path in asked if not any(str(above) in asked for above in Path(path).parents)]
    options: tuple[str, ...] = (
        "-q",
        "-m",
        " or ".join(f"({MARKS[ring]})" for ring in rings),
        "-n",
        str(workers),
        "--dist=loadgroup",
        # In the order of tests/conftest.py, the long ones first, whatever the number of their tests.
        "--no-loadscope-reorder",
        f"--junit-xml={junit}",
        "--durations=60",
        "--durations-min=3",
        # A test that hangs shows where, and ends, instead of holding up the whole run.
        "-o",
        "faulthandler_timeout=300",
        "-o",
        "faulthandler_exit_on_timeout=true",
        # Alembic's files run only inside Alembic.
        "--ignore-glob=*/migrations/*",
        "-p",
        "no:cacheprovider",
    )
    if "pure" in rings:
        options += ("--doctest-modules",)
    command = (f"{BIN}/pytest", *options, *paths)
    return Check(rings[0], f"{', '.join(rings)} tests", command, junit=junit)


def _environment() -> dict[str, str]:
    """Return the environment of the checks: what tests write lies in memory where there is room for it."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    # Tests as pytest rewrites them are kept: doing it again takes a third of a worker's collection.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if "TMPDIR" not in environment and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_IN_MEMORY:
        environment["TMPDIR"] = str(MEMORY)
    return environment


def run(check: Check, *, beside: bool) -> Outcome:
    """Run one check and count its tests; its output goes to ours, at its end if a longer one runs beside."""
    head = f"\n── {check.name} " + "─" * (70 - len(check.name))
    if not beside:
        print(head, flush=True)
    start = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own commands
        check.command, cwd=check.directory, env=_environment(), check=False,
        stdout=subprocess.PIPE if beside else None, stderr=subprocess.STDOUT if beside else None,
    )  # fmt: skip
    code, seconds = done.returncode, time.monotonic() - start
    if beside:
        print(f"{head}\n{done.stdout.decode(errors='replace')}", end="", flush=True)
    counts = (0, 0, 0)
    if check.junit is not None and check.junit.exists():
        counts = junit_counts(check.junit)
    elif check.vitest is not None and check.vitest.exists():
        told = json.loads(check.vitest.read_text())
        counts = (told["numPassedTests"], told["numFailedTests"], told["numPendingTests"])
    return Outcome(check, code, seconds, *counts)


def _follow(strand: list[Check], place: int) -> list[Outcome]:
    """Run the checks of a strand one by one; only the first strand, the longest, shows how it goes."""
    return [run(check, beside=place > 0) for check in strand]


def junit_counts(path: Path) -> tuple[int, int, int]:
    """Return how many tests passed, failed and were skipped."""
    suites = ElementTree.parse(path).getroot().iter("testsuite")  # noqa: S314 - written by pytest a moment ago
    passed = failed = skipped = 0
    for suite in suites:
        bad = int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        left_out = int(suite.get("skipped", "0"))
        passed += int(suite.get("tests", "0")) - bad - left_out
        failed += bad
        skipped += left_out
    return passed, failed, skipped


def main(names: list[str]) -> int:
    """Run the named groups, or all, and print the summary."""
    unknown = set(names) - set(GROUPS)
    if unknown:
        print(f"there is no check called {', '.join(sorted(unknown))}; there are: {', '.join(GROUPS)}")
        return 2
    with tempfile.TemporaryDirectory() as reports:
        chosen = [*checks_of(Path(reports), set(names or GROUPS))]
        strands = [[check for check in chosen if check.group in strand] for strand in STRANDS]
        with ThreadPoolExecutor() as pool:
            parts = pool.map(_follow, filter(None, strands), count())
            outcomes = [outcome for part in parts for outcome in part]
    print("\n── summary " + "─" * 63)
    for outcome in outcomes:
        tests = f"{outcome.passed} passed, {outcome.failed} failed, {outcome.skipped} skipped"
        counted = outcome.check.junit or outcome.check.vitest
        verdict = "ok" if outcome.code == 0 else f"FAILED (exit {outcome.code})"
        print(f"{outcome.check.name:<20}{outcome.seconds:7.1f} s  {verdict:<18}{tests if counted else ''}")
    bad_checks = [outcome for outcome in outcomes if outcome.code != 0]
    passed, skipped = sum(o.passed for o in outcomes), sum(o.skipped for o in outcomes)
    failed = sum(o.failed for o in outcomes)
    if any(outcome.check.junit or outcome.check.vitest for outcome in outcomes):
        # A check that failed without a failed test (types, a crash) counts as one: nobody reads "0 failed".
        failed += sum(outcome.failed == 0 for outcome in bad_checks)
        print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if bad_checks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
