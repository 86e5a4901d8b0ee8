"""One statement a layer adds up everything that indicators need of it, by region, for all regions at once.

A feature inside a smallest region counts there and for all regions above: the statement groups by region code
and the sums roll up by prefix. One that crosses a boundary counts once in each region that it touches; its
length and area are cut to the smallest regions and add up below the one that holds it whole, so that every
level is measured by intersection and not by code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

from psycopg import sql

from layers.definitions.code_lists import CodeList
from layers.definitions.indicator import Amount
from layers.definitions.layer import GeometryFamily, LayerDefinition
from layers.features.cql2_filters import Bound, compile_filter
from layers.schema.names import CITY, REGIONS

#: Lengths of the prefixes of regions above a smallest one: province, city, county, town, community.
LENGTHS = (2, 4, 6, 9, 12)
_WHOLE_CODE = 64

_GROUPED = sql.SQL(
    "{extent}SELECT t._place, t._floor, {sums} FROM (\n{rows}\n) AS t"
    " WHERE t._place IS NOT NULL GROUP BY 1, 2"
)
# Without OFFSET 0 each sum would cut and measure every part anew.
_MEASURED = sql.SQL(
    "SELECT s.*, {size} AS _size FROM (\n{rows}\nOFFSET 0) AS s WHERE s._place IS NOT NULL OFFSET 0"
)
_PLAIN = sql.SQL(
    "SELECT t.*, {place} AS _place, 0 AS _floor{part} FROM {table} AS t{extent} WHERE {valid}{whole}{inside}"
)
# Counted once in each region that it touches.
_TOUCHING = sql.SQL(
    "UNION ALL SELECT t.*, p.prefix AS _place, -1 AS _floor FROM {table} AS t{extent}"
    " CROSS JOIN LATERAL (SELECT DISTINCT left(c.code, l.length) AS prefix"
    " FROM unnest(t.region_codes) AS c (code), unnest({lengths}::int[]) AS l (length)"
    " WHERE length(c.code) >= l.length OR l.length = {longest}) AS p"
    " WHERE {valid} AND t.region_codes IS NOT NULL{inside}"
)
# Cut to the smallest regions that it touches, for those below the one that holds it whole.
_PIECES = sql.SQL(
    "UNION ALL SELECT t.*, c.code AS _place, coalesce(length(CASE WHEN t.region_code LIKE '____00'"
    " THEN left(t.region_code, 4) ELSE t.region_code END), 0) AS _floor,"
    " ext.ST_Intersection({part}, r.geom) AS _part FROM {table} AS t{extent}"
    " CROSS JOIN LATERAL unnest(t.region_codes) AS c (code)"
    " JOIN city.regions AS r ON r.code = c.code AND r.system IN ('admin', 'governance_grid')"
    " WHERE {valid} AND t.region_codes IS NOT NULL{inside}"
)
_EXTENT = sql.SQL(
    "WITH e AS MATERIALIZED (SELECT ext.ST_Union(x.geom) AS geom FROM city.extents AS x"
    " WHERE x.kind = {kind} AND x.status = 'in_service')\n"
)
_SIZES: dict[str, LiteralString] = {
    "length": "ext.ST_Length(s._part::ext.geography) / 1e3",
    "area": "ext.ST_Area(s._part::ext.geography) / 1e6",
}
_CUT: LiteralString = (
    "CASE WHEN ext.ST_Covers({area}, t.geom) THEN t.geom ELSE ext.ST_Intersection(t.geom, {area}) END"
)
_FLAT = sql.SQL(
    "SELECT {place} AS _place, {floor} AS _floor, {sums} FROM {table} AS t"
    " WHERE {valid} AND {place} IS NOT NULL GROUP BY 1"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """The city's day: "today" of every indicator.

    Attributes
    ----------
    day : date
        The day that is told of.
    today : date
        The city's own day: that of its card, or the calendar's in a live city.
    timezone : ZoneInfo
        In which a day is a day.
    """

    day: date
    today: date
    timezone: ZoneInfo

    @property
    def end(self) -> datetime:
        """The last moment of the day."""
        return datetime(self.day.year, self.day.month, self.day.day, 23, 59, 59, 999_999, self.timezone)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One sum of a pass: an amount, and whether its number of rows or those that are unknown are asked."""

    amount: Amount
    among: str | None = None
    rows: bool = False


@dataclass
class Sums:
    """What a pass found.

    Attributes
    ----------
    by_region : dict
        Sums by the prefix of each region that has any.
    rows : int
        More than 0 where the layer has any feature on the day, anywhere.
    snapshot : str
        ``pg_current_snapshot()`` from before the pass.
    """

    by_region: dict[str, list[float]]
    rows: int
    snapshot: str = ""

    def of(self, prefix: str, place: int) -> float | None:
        """Return one sum of a region; None where the region has no row at all."""
        found = self.by_region.get(prefix)
        return None if found is None else found[place]


@dataclass(frozen=True)
class Pass:
    """One statement over one layer.

    Attributes
    ----------
    layer : LayerDefinition
        What is read.
    exact : bool
        True where a row stands for its own region alone (``value``): nothing rolls up then.
    """

    layer: LayerDefinition
    statement: str
    values: tuple[Any, ...]
    columns: int
    exact: bool
    tables: frozenset[str] = field(default_factory=frozenset)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells two passes apart."""
        return self.statement, tuple(map(str, self.values))

    async def run(self, connection: Any, snapshot: str) -> Sums:
        """Add up, inside a transaction that has the scope set."""
        rows = await connection.fetch(self.statement, *self.values)
        return Sums(*_rolled_up(rows, self.columns), snapshot)


def make_pass(
    layer: LayerDefinition,
    wanted: Sequence[Wanted],
    code_lists: Mapping[str, CodeList],
    clock: Clock,
) -> Pass:
    """Return the pass that adds up several amounts of one layer.

    Parameters
    ----------
    wanted : sequence of Wanted
        All with the same extent; values, lengths and areas each by themselves.

    Raises
    ------
    BadFilter
        Where a filter does not fit the layer.
    """
    bound = Bound([clock.day, clock.timezone.key, clock.end])
    exact = wanted[0].amount.measure == "value"
    sums = [_sum(one, layer, code_lists, clock, bound) for one in wanted]
    counted = sql.SQL("count(*)::float8 AS n")
    listed = sql.SQL(", ").join([*sums, counted])
    table = sql.Identifier(CITY, layer.table)
    place = sql.SQL("t.code") if layer.table == REGIONS else sql.SQL("t.region_code")
    valid = sql.SQL(
        "coalesce(t.valid_from, '-infinity') <= $3::timestamptz"
        " AND coalesce(t.valid_to, 'infinity') > $3::timestamptz AND $1::date IS NOT NULL AND $2::text <> ''"
    ) + _part_of(layer, bound)
    tables = {layer.table}
    if exact or layer.geometry is GeometryFamily.NONE:
        made = _FLAT.format(
            place=place, floor=sql.Literal(-1 if exact else 0), sums=listed, table=table, valid=valid
        )
    else:
        extent = wanted[0].amount.extent
        size = next((_SIZES[one.amount.measure] for one in wanted if one.amount.measure in _SIZES), None)
        rows = _rows(layer, table, place, valid, in_extent=extent is not None, measured=size is not None)
        if size is not None:
            rows = _MEASURED.format(size=sql.SQL(size), rows=rows)
        named = sql.SQL("") if extent is None else _EXTENT.format(kind=bound.add(extent, "text"))
        made = _GROUPED.format(extent=named, sums=listed, rows=rows)
        tables |= {REGIONS} | ({"extents"} if extent else set())
    return Pass(layer, made.as_string(), tuple(bound.values), len(sums) + 1, exact, frozenset(tables))


def _part_of(layer: LayerDefinition, bound: Bound) -> sql.Composable:
    tests = [
        sql.SQL(" AND t.{} = {}").format(sql.Identifier(name), bound.add(value, "text"))
        for name, value in (layer.filter or {}).items()
    ]
    return sql.SQL("").join(tests)


def _rows(
    layer: LayerDefinition,
    table: sql.Composable,
    place: sql.Composable,
    valid: sql.Composable,
    *,
    in_extent: bool,
    measured: bool,
) -> sql.Composable:
    """Return the rows with their place, and where it is measured the part of each that lies there."""
    extent = sql.SQL(" CROSS JOIN e" if in_extent else "")
    common = {"table": table, "extent": extent, "valid": valid}
    point = layer.geometry is GeometryFamily.POINT or layer.table == REGIONS
    if measured:
        # What lies outside an extent has a part without length: no further test is needed.
        near = sql.SQL(" AND t.geom && e.geom" if in_extent else "")
        part = sql.SQL(_CUT).format(area=sql.SQL("e.geom")) if in_extent else sql.SQL("t.geom")
        own = sql.SQL(", {} AS _part").format(part)
        plain = _PLAIN.format(place=place, part=own, whole=sql.SQL(""), inside=near, **common)
        return (
            plain if point else sql.SQL("\n").join([plain, _PIECES.format(part=part, inside=near, **common)])
        )
    inside = sql.SQL(" AND ext.ST_Intersects(e.geom, t.geom)" if in_extent else "")
    whole = sql.SQL("" if point else " AND t.region_codes IS NULL")
    plain = _PLAIN.format(place=place, part=sql.SQL(""), whole=whole, inside=inside, **common)
    if point:
        return plain
    lengths = sql.Literal("{" + ",".join(map(str, (*LENGTHS, _WHOLE_CODE))) + "}")
    touching = _TOUCHING.format(lengths=lengths, longest=sql.Literal(_WHOLE_CODE), inside=inside, **common)
    return sql.SQL("\n").join([plain, touching])


def _sum(
    wanted: Wanted, layer: LayerDefinition, code_lists: Mapping[str, CodeList], clock: Clock, bound: Bound
) -> sql.Composable:
    """Return one aggregate with its filter."""
    amount = wanted.amount
    tests: list[sql.Composable] = [
        sql.SQL("t.status = ANY ({})").format(bound.add(list(amount.states), "text[]"))
    ]
    if amount.where is not None:
        tests.append(compile_filter(amount.where, layer, code_lists, bound))
    if amount.window is not None:
        tests.append(_in_window(amount, layer, bound))
    if amount.year is not None:
        tests.append(sql.SQL("t.year = {}").format(bound.add(_year_of(clock), "int")))
    if wanted.among is not None:
        tests.append(compile_filter(wanted.among, layer, code_lists, bound))
    value: sql.Composable = sql.SQL("count(*)")
    if not wanted.rows:
        value, more = _aggregate(amount)
        tests += more
    return sql.SQL("({} FILTER (WHERE {}))::float8").format(value, sql.SQL(" AND ").join(tests))


def _aggregate(amount: Amount) -> tuple[sql.Composable, list[sql.Composable]]:
    field_name = sql.Identifier("t", amount.field or "id")
    match amount.measure:
        case "count":
            return sql.SQL("count(*)"), []
        case "length" | "area":
            return sql.SQL("sum(t._size)"), []
        case "hours":
            begin = sql.Identifier("t", amount.since or "id")
            hours = sql.SQL("sum(extract(epoch FROM {} - {})::float8 / 3600)").format(field_name, begin)
            return hours, [sql.SQL("{} >= {}").format(field_name, begin)]
        case _:
            return sql.SQL("sum({}::float8)").format(field_name), []


def _in_window(amount: Amount, layer: LayerDefinition, bound: Bound) -> sql.Composable:
    """Test the days of a window as moments, so that an index on the field can serve."""
    window = amount.window
    if window is None:
        return sql.SQL("true")
    name = sql.Identifier("t", window.field)
    last = sql.SQL("($1::date - {})").format(bound.add(window.ends_days_ago, "int"))
    first = sql.SQL("({} - {} + 1)").format(last, bound.add(window.days, "int"))
    if layer.field(window.field).type == "date":
        return sql.SQL("({} BETWEEN {} AND {})").format(name, first, last)
    return sql.SQL(
        "({0} >= {1}::timestamp AT TIME ZONE $2::text AND {0} < ({2} + 1)::timestamp AT TIME ZONE $2::text)"
    ).format(name, first, last)


def _year_of(clock: Clock) -> int:
    """Return the last year that is over, which the last day of a year is."""
    is_over = (clock.day.month, clock.day.day) == (12, 31)
    return clock.day.year if is_over else clock.day.year - 1


def _rolled_up(rows: Sequence[Any], columns: int) -> tuple[dict[str, list[float]], int]:
    """Return the sums of each region, and how many features were met."""
    found: dict[str, list[Any]] = defaultdict(lambda: [None] * columns)
    total = 0

    def add(prefix: str, row: Sequence[Any]) -> None:
        kept = found[prefix]
        for place, value in enumerate(row):
            if value is not None:
                kept[place] = value if kept[place] is None else kept[place] + value

    for place, floor, *values in rows:
        total += int(values[-1])
        add(place, values)
        if floor >= 0:
            for length in LENGTHS:
                if floor < length < len(place):
                    add(place[:length], values)
    return dict(found), total
