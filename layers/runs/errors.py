"""What can go wrong with a run, as members of the one exception tree."""

from __future__ import annotations

from typing import Any

from geo.errors import BadInput, NotFound, OneMapError, Refused, Unavailable


class BadRunParameter(BadInput):
    """A parameter of an analysis cannot be used; details: ``parameter``, ``value``, ``expected``, facts.

    ``expected`` is the key of a phrase that the interface puts into words.
    """

    code = "bad-parameter"


class NoKind(NotFound):
    """There is no analysis of this kind; details: ``kind``, ``known``."""

    code = "no-analysis"


class NoRun(NotFound):
    """There is no such run, or not for this reader; details: ``run``."""

    code = "no-run"


class NoResult(NotFound):
    """The run has no cells to read: not yet, never, or not any more; details: ``run``, ``state``."""

    code = "no-result"


class NoCell(NotFound):
    """The run has no such cell; details: ``run``, ``cell``."""

    code = "no-cell"


class NoSuchRegion(NotFound):
    """There is no such region, or not for this reader; details: ``region``."""

    code = "no-region"


class RegionNeeded(Refused):
    """Who sees only some regions names one of them; details: ``regions``."""

    code = "region-needed"


class TooManyRuns(Unavailable):
    """Too many runs wait already; details: ``limit``."""

    code = "too-many-runs"


class RunInterrupted(Unavailable):
    """The worker ended in the middle of the run, as often as it was tried; details: ``attempts``."""

    code = "run-interrupted"


class RunTooLong(Refused):
    """The run reached its time limit; details: ``seconds``."""

    code = "run-too-long"


class RunTooLarge(Refused):
    """The run needed more memory than it may take; details: ``megabytes``."""

    code = "run-too-large"


class RunCrashed(OneMapError):
    """The computation ended without an answer; the log of the worker says more; details: ``exit``."""

    code = "run-crashed"


class ResultDiskFull(Unavailable):
    """The database's disk has no room for the result."""

    code = "result-disk-full"


def as_json(error: OneMapError) -> dict[str, Any]:
    """Return an error as the record of a run keeps it.

    Examples
    --------
    >>> as_json(RunTooLong("too long", seconds=5))
    {'code': 'run-too-long', 'message': 'too long', 'details': {'seconds': 5}}
    """
    return {"code": error.code, "message": error.message, "details": error.details}
