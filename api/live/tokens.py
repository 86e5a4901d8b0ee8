"""Where a reader stands in the log, as text for ``Last-Event-ID``: exact also in the middle of a batch."""

from __future__ import annotations

from dataclasses import dataclass

from api.live.follower import Position
from geo.errors import BadInput
from layers.features.changes import Change, Snapshot

LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Token:
    """What a reader has been told.

    Attributes
    ----------
    database : str
        In which the numbers mean something.
    told : Snapshot
        All changes visible in it have been told.
    telling : Snapshot, optional
        Of the batch whose first part has been told too.
    last : int
        ``seq`` of the last change of that part.

    Notes
    -----
    A single number would not do: changes commit in another order than they are numbered.

    Examples
    --------
    >>> token = Token.parse("a.1.1;10:12:10;10:15:14;7")
    >>> str(token), token.covers(Change(6, 10, "x", "insert", 1, None, None))
    ('a.1.1;10:12:10;10:15:14;7', True)
    """

    database: str
    told: Snapshot
    telling: Snapshot | None = None
    last: int = 0

    @classmethod
    def parse(cls, text: str) -> Token:
        """Return the token of a text, or raise `BadInput`."""
        parts = text.split(";")
        if len(text) > LONGEST or len(parts) not in (2, 4) or not parts[-1]:
            raise BadInput("this is no position of the stream", position=text[:80])
        told = Snapshot.parse(parts[1])
        if len(parts) == 2:
            return cls(parts[0], told)
        if not (parts[3].isascii() and parts[3].isdigit()) or len(parts[3]) > 19:
            raise BadInput("this is no position of the stream", position=text[:80])
        return cls(parts[0], told, Snapshot.parse(parts[2]), int(parts[3]))

    @classmethod
    def at(cls, position: Position) -> Token:
        """Return the token of who has been told everything."""
        return cls(position.database, Snapshot.parse(position.snapshot))

    def covers(self, change: Change) -> bool:
        """Tell whether a change, committed by now, has been told."""
        if self.told.holds(change.xid):
            return True
        return self.telling is not None and change.seq <= self.last and self.telling.holds(change.xid)

    def __str__(self) -> str:
        """Return the text."""
        parts = [self.database, str(self.told)]
        if self.telling is not None:
            parts += [str(self.telling), str(self.last)]
        return ";".join(parts)
