"""Levels of all 5G sectors around many places, with and without sight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sample_gis.city import City
from sample_gis.planted.radio_levels import Panels, level_dbm
from sample_gis.planted.radio_sight import Sight

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Sectors farther away are not looked at.
REACH_M = 4000.0


@dataclass
class Field:
    """Levels of sectors at places, by pairs in the order of the places.

    Attributes
    ----------
    panels : Panels
        The sectors in service.
    xy : ndarray of float, shape (n, 2)
        The places.
    place, panel : ndarray of int
        The pairs.
    hidden_dbm, seen_dbm : ndarray of float
        Level without sight, and with free sight.
    """

    panels: Panels
    xy: Numbers
    place: Indices
    panel: Indices
    hidden_dbm: Numbers
    seen_dbm: Numbers

    @classmethod
    def of(cls, city: City, panels: Panels, xy: Numbers) -> Field:
        """Pair places with the sectors within reach."""
        near = cKDTree(panels.xy).query_ball_point(xy, REACH_M)
        place = np.repeat(np.arange(len(xy)), [len(rows) for rows in near])
        panel = np.array([row for rows in near for row in sorted(rows)], dtype=np.int64)
        hidden, seen = (level_dbm(city, panels, panel, xy[place], free) for free in (False, True))
        return cls(panels, xy, place, panel, hidden, seen)

    def best(self, level: Numbers) -> tuple[Numbers, Indices]:
        """Return the highest level at each place and the panel that gives it, -1 where there is none."""
        highest, of = np.full(len(self.xy), -np.inf), np.full(len(self.xy), -1, dtype=np.int64)
        if not len(level):
            return highest, of
        rounded = np.round(level, 3)
        begin = np.flatnonzero(np.diff(self.place, prepend=-1))
        top = np.maximum.reduceat(rounded, begin)
        highest[self.place[begin]] = top
        # The first of the pairs of a place that has the highest level.
        rows = np.flatnonzero((rounded == np.repeat(top, np.diff([*begin, len(level)]))) & np.isfinite(level))
        place, first = np.unique(self.place[rows], return_index=True)
        of[place] = self.panel[rows[first]]
        return highest, of

    def free(self, sight: Sight, rows: Indices, least_dbm: float) -> NDArray[np.bool_]:
        """Return which pairs have free sight, looked at for some places and where it would matter.

        Parameters
        ----------
        rows : ndarray of int
            Places to look from.
        least_dbm : float
            Pairs that stay under it even with sight count as hidden.
        """
        asked = np.flatnonzero(np.isin(self.place, rows) & (self.seen_dbm > least_dbm))
        # Sectors of one site share their sight.
        pairs = np.column_stack([self.place[asked], self.panels.site[self.panel[asked]]])
        _, first, of = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
        line = asked[first]
        over = sight.over(
            self.panels.xy[self.panel[line]],
            self.panels.height_m[self.panel[line]],
            self.xy[self.place[line]],
        )
        free = np.zeros(len(self.place), dtype=bool)
        free[asked] = over.free[of.ravel()]
        return free


def best_dbm(city: City, sight: Sight | None, panels: Panels, places: Numbers) -> Numbers:
    """Return the highest level at places, minus infinity out of all reach.

    Parameters
    ----------
    sight : Sight or None
        None takes no sector as in sight.
    """
    known = Field.of(city, panels, places)
    if sight is None:
        return known.best(known.hidden_dbm)[0]
    free = known.free(sight, np.arange(len(places)), -np.inf)
    return known.best(np.where(free, known.seen_dbm, known.hidden_dbm))[0]
