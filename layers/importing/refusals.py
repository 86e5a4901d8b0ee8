"""What an import says about rows that it cannot take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from psycopg import errors

from geo.errors import BadInput, Conflict
from layers.definitions import LayerDefinition

_LISTED = 100
_VALUE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why one row is not taken.

    Attributes
    ----------
    row : int
        Number of the row, the first one is 1.
    field : str or None
        The field at fault; ``geom`` for the geometry.
    value : str
        What stands there, shortened to 80 characters.
    reason : str
        A stable code: ``required``, ``type``, ``range``, ``code``, ``pattern``, ``length``, ``text``,
        ``duplicate`` (in the file), ``taken`` (in the layer), ``period``, ``filter``, ``outside-scope``, or
        one of `layers.importing.geometry.Prepared`.
    allowed : str or None
        What would be allowed, where that can be said briefly.
    """

    row: int
    field: str | None
    value: str
    reason: str
    allowed: str | None = None


def key_taken(definition: LayerDefinition, error: errors.UniqueViolation) -> Conflict:
    """Return what a write is told whose key another row has."""
    return Conflict(
        f"a key is taken in layer {definition.name!r} ({error.diag.constraint_name})",
        layer=definition.name,
        rule=error.diag.constraint_name,
    )


def shortened(value: object) -> str:
    """Return a value as text that fits into a report.

    Examples
    --------
    >>> shortened("x" * 100)[-2:]
    'x…'
    """
    text = "" if value is None else str(value)
    return text if len(text) <= _VALUE_LENGTH else text[: _VALUE_LENGTH - 1] + "…"


class RowsRefused(BadInput):
    """Rows do not fit the layer; nothing was stored.

    Attributes
    ----------
    refusals : tuple of Refusal
        All of them; ``details`` holds the first hundred and counts by reason.
    """

    code = "rows-refused"

    def __init__(self, layer: str, refusals: Sequence[Refusal], rows: int) -> None:
        self.refusals = tuple(refusals)
        first = refusals[0]
        where = f"row {first.row}" + (f", field {first.field}" if first.field else "")
        hint = f", allowed is {first.allowed}" if first.allowed else ""
        refused = len({refusal.row for refusal in refusals})
        super().__init__(
            f"{refused} of {rows} rows do not fit layer {layer!r}; first {where}: {first.value!r} is refused "
            f"({first.reason}{hint}). Nothing was stored; correct the rows, or have refused rows skipped",
            layer=layer,
            rows=rows,
            refused=refused,
            by_reason=dict(Counter(refusal.reason for refusal in refusals)),
            refusals=[asdict(refusal) for refusal in refusals[:_LISTED]],
        )
