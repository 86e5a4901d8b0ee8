"""The root of the one exception tree.

Every error that the product raises on purpose derives from :class:`OneMapError`. An error carries a stable
``code`` and the facts as ``details``; it never carries prose for the screen. ``api.problems`` turns the code
and its details into an RFC 9457 problem document in Chinese and English.
"""

from __future__ import annotations

from typing import Any, ClassVar


class OneMapError(Exception):
    """Anything that goes wrong for a reason we know.

    Parameters
    ----------
    message : str
        What happened and what to do, in plain English, for logs and the command line.
    **details : Any
        The facts of this case (a layer name, a line number, an allowed range), JSON-serialisable. The
        messages of ``api.problems`` are filled with them.

    Examples
    --------
    >>> error = NotFound("no layer is called 'pipe'", layer="pipe")
    >>> error.code, error.details["layer"]
    ('not-found', 'pipe')
    """

    code: ClassVar[str] = "internal"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class BadInput(OneMapError):
    """Something that came from outside is not usable; the caller can correct it."""

    code = "bad-input"


class NotFound(OneMapError):
    """What was asked for does not exist, or not for this reader."""

    code = "not-found"


class Refused(OneMapError):
    """The caller may not do this, or the present state forbids it."""

    code = "refused"


class Conflict(Refused):
    """The state has changed since the caller read it (If-Match), or a key is taken."""

    code = "conflict"


class Unavailable(OneMapError):
    """A part that is needed (database, disk, browser) cannot be used now; trying later may help."""

    code = "unavailable"
