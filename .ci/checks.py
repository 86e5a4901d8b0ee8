"""All checks of the project, one after the other, with one summary at the end.

``python .ci/checks.py`` runs all of them; names of groups (``lint``, ``pure``, …) choose.
Every check runs even where an earlier one failed; the exit code is 1 if any did.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

CHECKOUT = Path(__file__).resolve().parents[1]
BIN = CHECKOUT / ".venv/bin"
ROOMS = ("geo", "layers", "tilecache", "api", "sample_gis")
GROUPS = ("lint", "web", "city", "pure", "postgis", "e2e")
#: Checks that keep one core busy each and go side by side; the rings of tests take all cores.
BESIDE = ("lint", "web")


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
    """Yield the chosen checks in their order, the quick ones first.

    Where both are chosen, whole cities are tested in the run of the pure tests: while one worker makes a
    city, the other goes on with the rest.
    """
    for check in _checks(reports, together=names >= {"city", "pure"}):
        if check.group in names:
            yield check


def _checks(reports: Path, *, together: bool) -> Iterator[Check]:
    yield Check("lint", "ruff", (f"{BIN}/ruff", "check", "."))
    yield Check("lint", "format", (f"{BIN}/ruff", "format", "--check", "--quiet", "."))
    yield Check("lint", "types", (f"{BIN}/mypy",))
    yield Check("lint", "import directions", (f"{BIN}/lint-imports", "--no-cache"))
    web = CHECKOUT / "web"
    yield Check("web", "web types", (f"{BIN}/npm", "run", "--silent", "check"), web)
    vitest = reports / "vitest.json"
    report = ("--reporter=default", "--reporter=json", f"--outputFile.json={vitest}")
    yield Check("web", "web tests", (f"{BIN}/npm", "test", "--silent", "--", *report), web, vitest=vitest)
    others = "postgis or e2e or soak" if together else "city or postgis or e2e or soak"
    rings = (
        ("city", "city and not soak", "1", ("tests/sample_gis",)),
        (
            "pure",
            f"not ({others})",
            "2",
            ("--doctest-modules", *ROOMS, "tests"),
        ),
        ("postgis", "postgis and not e2e and not soak", "2", ("tests",)),
        ("e2e", "e2e and not soak", "2", ("tests",)),
    )
    for group, marks, workers, paths in rings:
        if group == "city" and together:
            continue
        junit = reports / f"{group}.xml"
        options = (
            "-q",
            "-m",
            marks,
            "-n",
            workers,
            "--dist=loadgroup",
            f"--junit-xml={junit}",
            "--durations=40",
            "--durations-min=3",
        )
        # A test that hangs shows where, and ends, instead of holding up the whole run.
        options += ("-o", "faulthandler_timeout=300", "-o", "faulthandler_exit_on_timeout=true")
        if group == "postgis":
            # In the order of tests/conftest.py, the long ones first, whatever the number of their tests.
            options += ("--no-loadscope-reorder",)
        # Alembic's files run only inside Alembic.
        options += ("--ignore-glob=*/migrations/*", "-p", "no:cacheprovider")
        yield Check(group, f"{group} tests", (f"{BIN}/pytest", *options, *paths), junit=junit)


def run(check: Check, *, beside: bool = False) -> Outcome:
    """Run one check and count its tests; its output goes to ours, at its end where others run beside it."""
    head = f"\n── {check.name} " + "─" * (70 - len(check.name))
    if not beside:
        print(head, flush=True)
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    start = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own commands
        check.command, cwd=check.directory, env=environment, check=False,
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
        strands = [[check for check in chosen if check.group == group] for group in BESIDE]
        with ThreadPoolExecutor() as pool:
            halves = pool.map(lambda strand: [run(check, beside=True) for check in strand], strands)
            outcomes = [outcome for half in halves for outcome in half]
        outcomes += [run(check) for check in chosen if check.group not in BESIDE]
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
