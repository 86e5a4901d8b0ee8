"""The H3 grid: an analysis index only, never an official unit and never a radio cell."""

from geo.cells.aggregate import rollup, to_regions
from geo.cells.counting import count
from geo.cells.covering import Containment, cover
from geo.cells.indexing import (
    area_m2,
    centres,
    children,
    index,
    parents,
    parse,
    resolution_of,
    to_text,
)
from geo.cells.rings import disk_positions, neighbours
from geo.cells.shapes import corners, groups, outline, polygons

__all__ = [
    "Containment",
    "area_m2",
    "centres",
    "children",
    "corners",
    "count",
    "cover",
    "disk_positions",
    "groups",
    "index",
    "neighbours",
    "outline",
    "parents",
    "parse",
    "polygons",
    "resolution_of",
    "rollup",
    "to_regions",
    "to_text",
]
