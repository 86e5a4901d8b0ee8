"""Progress of a search that has an answer before it has the best one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from layers.runs.kinds import Progress

#: Told the best so far and its bound as a JSON object; False asks to end with that.
Stand = Callable[[Mapping[str, Any]], bool]


class Reporter:
    """Progress that is also told how good the answer is so far, while a better one is sought.

    Parameters
    ----------
    tell : callable
        Told the share done.
    stand : callable
        Told how good the answer is so far.
    """

    def __init__(self, tell: Progress, stand: Stand) -> None:
        self._tell, self._stand = tell, stand

    def __call__(self, share: float) -> None:
        """Tell the share done."""
        self._tell(share)

    def standing(self, now: Mapping[str, Any]) -> bool:
        """Tell how good the answer is, and hear whether to go on."""
        return self._stand(now)
