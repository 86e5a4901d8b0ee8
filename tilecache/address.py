"""What a tile is called, and which tiles a box touches."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import NamedTuple

from layers.definitions import LayerDefinition
from layers.features.moments import Moment
from layers.schema.tile_functions import TILE_BUFFER, TILE_EXTENT
from layers.scope import LayerScope, Scope

#: West, south, east, north in EPSG:3857.
Box = tuple[float, float, float, float]

#: Half the width of WebMercatorQuad in metres (OGC 17-083r4, annex D.1).
HALF = 20_037_508.342789244
GREATEST_ZOOM = 22

#: Counts changes of how tiles are drawn from the same definition: tiles drawn before one are never met again.
_DRAWING = 3

#: How far beyond its edge a tile shows features, as a share of its width. One unit more than the buffer:
#: PostGIS keeps boxes in an index as single floats, and coordinates are rounded to units.
REACH = (TILE_BUFFER + 1) / TILE_EXTENT

#: How far from a changed cell tiles of its result may have changed, as a share of their width: where zooms
#: show coarser cells, the one around it is different too, and less than a tenth of a tile wide (up to 40° of
#: latitude; twice that at 65°).
RESULT_REACH = 0.25


@dataclass(frozen=True, slots=True)
class TileSet:
    """All tiles of one layer, drawn in one way for readers of equal rights.

    Attributes
    ----------
    layer : str
        Name in the address; for a result, its kind.
    generation : str
        Digest of how it is drawn: another definition (a field taken out, another classification) never meets
        tiles of this one. For a result, the number of its run.
    scope : str
        Digest of the rights (`LayerScope.digest`).
    source : str
        Table whose changes make tiles stale; empty where nothing ever changes.
    by_region : bool
        True where regions cut what is shown, so that a change of a region matters too.
    """

    layer: str
    generation: str
    scope: str
    source: str
    by_region: bool = False
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        # Asked at every look-up.
        object.__setattr__(self, "_hash", hash((self.layer, self.generation, self.scope)))

    def __hash__(self) -> int:
        return self._hash

    @classmethod
    def of_layer(
        cls, definition: LayerDefinition, scope: LayerScope, moment: Moment | None = None
    ) -> TileSet:
        """Return the tile set of a layer for a reader, as of a moment or, without one, as it is now.

        What changes now makes tiles of an earlier moment stale too: of most of them the new drawing is equal
        to the old one, but a date that is stated afterwards changes what was there.

        Examples
        --------
        >>> from layers.definitions.loading import read_catalog
        >>> cameras = read_catalog().layer("cameras")
        >>> one = TileSet.of_layer(cameras, LayerScope("cameras", True))
        >>> one == TileSet.of_layer(cameras, LayerScope("cameras", True))
        True
        >>> one == TileSet.of_layer(cameras, LayerScope("cameras", False, ("341504",)))
        False
        """
        drawn = f"{_DRAWING}{definition.model_dump_json()}{'' if moment is None else moment}"
        return cls(
            layer=definition.name,
            generation=hashlib.blake2b(drawn.encode(), digest_size=8).hexdigest(),
            scope=scope.digest(),
            source=definition.table,
            by_region=not scope.whole_city,
        )

    @classmethod
    def of_result(cls, kind: str, run: int, scope: Scope, *, live: bool = False) -> TileSet:
        """Return the tile set of a run's cells: they never change, but for a live result's.

        The log has changes of live results under the name of their kind.

        Examples
        --------
        >>> everything = Scope.everything("tests")
        >>> TileSet.of_result("density", 7, everything).generation
        'run7'
        >>> TileSet.of_result("density", 8, everything, live=True).source
        'density'
        """
        rights = "|".join((*sorted(scope.classifications), "*", *sorted(scope.region_prefixes or ("",))))
        digest = hashlib.blake2b(rights.encode(), digest_size=8).hexdigest()
        return cls(kind, f"run{run}", digest, source=kind if live else "")


class TileAddress(NamedTuple):
    """One tile of WebMercatorQuad: rows count from the north."""

    tiles: TileSet
    z: int
    x: int
    y: int

    @property
    def key(self) -> str:
        """The address as one text."""
        tiles = self.tiles
        return f"{tiles.layer}.{tiles.generation}.{tiles.scope}/{self.z}/{self.x}/{self.y}"


class TileRange(NamedTuple):
    """Tiles of one zoom in a rectangle; all bounds are inside."""

    z: int
    x_min: int
    x_max: int
    y_min: int
    y_max: int

    @property
    def size(self) -> int:
        """Number of tiles."""
        return (self.x_max - self.x_min + 1) * (self.y_max - self.y_min + 1)

    def holds(self, z: int, x: int, y: int) -> bool:
        """Tell whether a tile is one of these."""
        return z == self.z and self.x_min <= x <= self.x_max and self.y_min <= y <= self.y_max


def cover(box: Box, z: int, reach: float = REACH) -> TileRange | None:
    """Return the tiles of one zoom that show something of a box, at their edge included.

    Parameters
    ----------
    box : Box
        West, south, east, north in EPSG:3857.
    z : int
        Zoom, 0 to 22.
    reach : float
        How far from their edge tiles show features, as a share of their width.

    Returns
    -------
    TileRange or None
        None where the box lies beside the matrix.

    Examples
    --------
    >>> cover((12_900_000, 3_700_000, 12_900_000, 3_700_000), 10)
    TileRange(z=10, x_min=841, x_max=841, y_min=417, y_max=417)
    """
    count = 1 << z
    width = 2 * HALF / count
    west, south, east, north = box
    x_min = math.ceil((west + HALF) / width - reach) - 1
    x_max = math.floor((east + HALF) / width + reach)
    y_min = math.ceil((HALF - north) / width - reach) - 1
    y_max = math.floor((HALF - south) / width + reach)
    if x_max < 0 or y_max < 0 or x_min >= count or y_min >= count:
        return None
    return TileRange(z, max(x_min, 0), min(x_max, count - 1), max(y_min, 0), min(y_max, count - 1))


def covers(
    boxes: tuple[Box, ...], zooms: range = range(GREATEST_ZOOM + 1), reach: float = REACH
) -> frozenset[TileRange]:
    """Return the ranges of all boxes at all zooms, equal ones once."""
    found = (cover(box, z, reach) for box in boxes for z in zooms)
    return frozenset(one for one in found if one is not None)


def mercator_box(degrees: Box) -> Box:
    """Return a box of longitudes and latitudes in EPSG:3857.

    Examples
    --------
    >>> [round(side) for side in mercator_box((115.6, 31.7, 115.7, 31.8))]
    [12868533, 3723995, 12879665, 3737086]
    """

    def mercator(longitude: float, latitude: float) -> tuple[float, float]:
        inside = math.radians(max(-85.06, min(85.06, latitude)))
        return longitude / 180 * HALF, math.asinh(math.tan(inside)) / math.pi * HALF

    return (*mercator(degrees[0], degrees[1]), *mercator(degrees[2], degrees[3]))


def tile_box(z: int, x: int, y: int) -> Box:
    """Return the box of a tile in EPSG:3857, without its buffer.

    Examples
    --------
    >>> tile_box(0, 0, 0) == (-HALF, -HALF, HALF, HALF)
    True
    """
    width = 2 * HALF / (1 << z)
    return x * width - HALF, HALF - (y + 1) * width, (x + 1) * width - HALF, HALF - y * width
