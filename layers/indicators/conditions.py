"""Conditions of amounts on other layers as SQL: areas that cut, codes that match, what a polygon holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from psycopg import sql

from layers.definitions.code_lists import CodeList
from layers.definitions.conditions import Along, ByRoad, Holding, Inside, Matched, Others
from layers.definitions.indicator import MEASURED, Amount
from layers.definitions.layer import LayerDefinition
from layers.definitions.words import Words
from layers.features.cql2_filters import Bound, compile_filter
from layers.schema.names import CITY

#: A row of the statement is valid on the day and in its time zone, which are its first three parameters.
VALID = sql.SQL(
    "coalesce(t.valid_from, '-infinity') <= $3::timestamptz"
    " AND coalesce(t.valid_to, 'infinity') > $3::timestamptz AND $1::date IS NOT NULL AND $2::text <> ''"
)

# In pieces of few vertices that do not overlap: a test or a cut with the whole of it costs far more.
_AREA = sql.SQL(
    "WITH e AS MATERIALIZED"
    " (SELECT ext.ST_Subdivide(ext.ST_Union(o.geom), {corners}) AS geom FROM {others} AS o)\n"
)
_CORNERS = 256
# Lines are cut piece by piece, each by the box of every one: fewer pieces cost less than larger ones.
_CORNERS_OF_LINES = 1024
# Circles of 16 corners: with more, joining thousands of them takes longer than a reader waits.
_WIDENED = sql.SQL("ext.ST_Buffer(t.geom::ext.geography, {width}, 4)::ext.geometry AS geom")
_OTHERS = sql.SQL("(SELECT {shape} FROM {table} AS t WHERE t.status = 'in_service' AND {valid}{where})")
_MATCHED = sql.SQL("t.code IN {others}")
# Found once for all rows: one that crosses stands in as many as it touches regions.
_HOLDING = sql.SQL(
    "t.id IN (SELECT h.id FROM {table} AS h JOIN {others} AS o ON ext.ST_Intersects(h.geom, o.geom)"
    " GROUP BY h.id HAVING count(*) >= {least})"
)
# A line of several parts is cut part by part; shares are of the part's planar length in degrees.
_STRETCHES = sql.SQL(
    "(SELECT p.*, ext.ST_LineSubstring(ext.ST_GeometryN(p.geom, u.part), u.first, u.last) AS _cut"
    " FROM {table} AS p JOIN unnest({ids}, {parts}, {firsts}, {lasts}) AS u (id, part, first, last)"
    " ON u.id = p.id OFFSET 0)"
)


class Group(NamedTuple):
    """What goes into one pass: a layer, what cuts it, and what cannot be added up beside the rest."""

    layer: str
    area: Inside | None = None
    apart: str = ""
    along: Along | None = None


def group_of(amount: Amount) -> Group:
    """Return the group of an amount of a layer."""
    area = amount.inside
    if amount.extent is not None:
        same = Words(zh=amount.extent, en=amount.extent)
        area = Inside(title=same, layer="extents", where=f"kind = '{amount.extent}'")
    apart = amount.measure if amount.measure == "value" or amount.measure in MEASURED else ""
    return Group(amount.layer or "", area, apart, amount.along)


class Members(list[Any]):
    """A long list of values of a statement that is told apart by a short key."""

    def __init__(self, values: list[Any], key: str) -> None:
        super().__init__(values)
        self.key = key

    def __str__(self) -> str:
        """Return the key: what tells two passes apart."""
        return self.key


@dataclass(frozen=True, slots=True)
class Stretch:
    """Stretches of lines: ids, parts, and shares of the part where each begins and ends."""

    ids: Members
    parts: Members
    firsts: Members
    lasts: Members


#: Features that are reached by road, by the layer of the features and the condition.
Reached = Mapping[tuple[str, ByRoad], Members]


@dataclass(frozen=True)
class Ways:
    """What was found by the ways that conditions ask for."""

    reached: Reached = field(default_factory=dict)
    along: Mapping[tuple[str, Along], Stretch] = field(default_factory=dict)


@dataclass(frozen=True)
class Conditioned:
    """Makes the SQL of conditions within one statement; its values go into ``bound``."""

    layers: Mapping[str, LayerDefinition]
    code_lists: Mapping[str, CodeList]
    bound: Bound
    ways: Ways

    def others(self, others: Others, shape: sql.Composable) -> sql.Composable:
        """Return the other features as a table in brackets with one column."""
        layer = self.layers[others.layer]
        where = part_of(layer, self.bound)
        if others.where is not None:
            where += sql.SQL(" AND ") + compile_filter(others.where, layer, self.code_lists, self.bound)
        table = sql.Identifier(CITY, layer.table)
        return _OTHERS.format(shape=shape, table=table, valid=VALID, where=where)

    def area(self, inside: Inside, *, of_lines: bool = False) -> sql.Composable:
        """Return the statement's beginning that names the area ``e``; with ``of_lines`` for cutting lines."""
        shape: sql.Composable = sql.SQL("t.geom")
        width: sql.Composable | None = None
        if inside.metres is not None:
            width = self.bound.add(inside.metres, "float8")
        elif inside.radius is not None:
            width = sql.Identifier("t", inside.radius)
        if width is not None:
            shape = _WIDENED.format(width=width)
        corners = _CORNERS_OF_LINES if of_lines else _CORNERS
        return _AREA.format(corners=sql.Literal(corners), others=self.others(inside, shape))

    def tests(self, amount: Amount) -> list[sql.Composable]:
        """Return the tests of an amount that are made row by row."""
        found: list[sql.Composable] = []
        if amount.matched is not None:
            found.append(self._matched(amount.matched))
        if amount.holding is not None:
            found.append(self._holding(amount.layer or "", amount.holding))
        if amount.by_road is not None:
            reached = self.ways.reached[amount.layer or "", amount.by_road]
            found.append(sql.SQL("t.id = ANY ({})").format(self.bound.add(reached, "bigint[]")))
        return found

    def stretches(self, table: sql.Composable, layer: str, along: Along) -> sql.Composable:
        """Return the table of a layer with the stretches of its lines as ``_cut``."""
        found = self.ways.along[layer, along]
        add = self.bound.add
        return _STRETCHES.format(
            table=table,
            ids=add(found.ids, "bigint[]"), parts=add(found.parts, "int[]"),
            firsts=add(found.firsts, "float8[]"), lasts=add(found.lasts, "float8[]"),
        )  # fmt: skip

    def _matched(self, matched: Matched) -> sql.Composable:
        return _MATCHED.format(others=self.others(matched, sql.Identifier("t", matched.key)))

    def _holding(self, layer: str, holding: Holding) -> sql.Composable:
        least: sql.Composable = self.bound.add(float(holding.at_least), "float8")
        if holding.per_km2 is not None:
            dense = sql.SQL("{} * ext.ST_Area(h.geom::ext.geography) / 1e6").format(
                self.bound.add(holding.per_km2, "float8")
            )
            least = sql.SQL("greatest({}, {})").format(least, dense)
        table = sql.Identifier(CITY, self.layers[layer].table)
        others = self.others(holding, sql.SQL("t.geom"))
        return _HOLDING.format(table=table, others=others, least=least)


def part_of(layer: LayerDefinition, bound: Bound) -> sql.Composable:
    """Return the test that a row belongs to a layer that is a part of another one."""
    tests = [
        sql.SQL(" AND t.{} = {}").format(sql.Identifier(name), bound.add(value, "text"))
        for name, value in (layer.filter or {}).items()
    ]
    return sql.SQL("").join(tests)
