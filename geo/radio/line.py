"""One sector and one point: the budget line by line, and what stands between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo.radio.surface import Blocking
from geo.radio.terrain import cuts_sight


@dataclass(frozen=True, slots=True)
class Line:
    """The budget of one sector at the point, in dB and dBm.

    Attributes
    ----------
    sector : object
        Its index.
    bearing_deg, off_axis_deg, below_horizon_deg : float
        From the antenna to the point: from true north, from its main direction, under the horizon.
    element_dbm : float
        Power of one resource element at the antenna.
    gain_dbi, peak_dbi : float
        Towards the point, and the most that the antenna has.
    loss_db : float
        Path loss that was used; ``loss_seen_db`` with line of sight.
    chance : float
        Probability of line of sight; 0 or 1 where buildings decide, NaN where the model knows none.
    blocked : Blocking, optional
        By which building; None where no buildings were given.
    terrain_db : float
        Diffraction over hills.
    level_dbm : float
        What is received.
    in_service : bool
    """

    sector: Any
    distance_m: float
    bearing_deg: float
    azimuth_deg: float
    off_axis_deg: float
    below_horizon_deg: float
    tilt_deg: float
    height_m: float
    frequency_mhz: float
    element_dbm: float
    gain_dbi: float
    peak_dbi: float
    loss_db: float
    loss_seen_db: float
    free_space_db: float
    chance: float
    terrain_db: float
    level_dbm: float
    blocked: Blocking | None = None
    in_service: bool = True

    @property
    def in_the_way(self) -> tuple[str, ...]:
        """What is known to stand in the line of sight: ``building``, ``hill``, both or nothing.

        Examples
        --------
        >>> numbers = dict.fromkeys(Line.__match_args__[1:18], 0.0)
        >>> Line("SQ1", **numbers | {"terrain_db": 13.0}).in_the_way
        ('hill',)
        """
        house = self.blocked is not None and not self.blocked.clear
        return ("building",) * house + ("hill",) * cuts_sight(self.terrain_db, self.distance_m)

    @property
    def line_of_sight(self) -> bool | None:
        """Whether the point is seen; None where only a probability is known, or not even that."""
        if self.in_the_way:
            return False
        known = self.blocked is not None or self.chance == 1
        return True if known else None
