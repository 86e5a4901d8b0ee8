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
from datetime import date
from typing import Any, LiteralString

from psycopg import sql

from layers.definitions.indicator import Amount
from layers.definitions.layer import GeometryFamily, LayerDefinition
from layers.definitions.loading import Catalog
from layers.features.cql2_filters import Bound, compile_filter
from layers.indicators.clock import Clock
from layers.indicators.conditions import VALID, Conditioned, Ways, group_of, part_of
from layers.schema.names import CITY, REGIONS

#: Lengths of the prefixes of regions above a smallest one: province, city, county, town, community.
LENGTHS = (2, 4, 6, 9, 12)
_WHOLE_CODE = 64

_GROUPED = sql.SQL(
    "{area}SELECT t._place, t._floor, {sums} FROM (\n{rows}\n) AS t WHERE t._place IS NOT NULL GROUP BY 1, 2"
)
# Without OFFSET 0 each sum would cut and measure every part anew.
_MEASURED = sql.SQL(
    "SELECT s.*, {size} AS _size FROM (\n{rows}\nOFFSET 0) AS s WHERE s._place IS NOT NULL OFFSET 0"
)
_PLAIN = sql.SQL(
    "SELECT t.*, {place} AS _place, 0 AS _floor{part} FROM {table} AS t{area} WHERE {valid}{whole}{inside}"
)
# Counted once in each region that it touches.
_TOUCHING = sql.SQL(
    "UNION ALL SELECT t.*, p.prefix AS _place, -1 AS _floor FROM {table} AS t{area}"
    " CROSS JOIN LATERAL (SELECT DISTINCT left(c.code, l.length) AS prefix"
    " FROM unnest(t.region_codes) AS c (code), unnest({lengths}::int[]) AS l (length)"
    " WHERE length(c.code) >= l.length OR l.length = {longest}) AS p"
    " WHERE {valid} AND t.region_codes IS NOT NULL{inside}"
)
# Cut to the smallest regions that it touches, for those below the one that holds it whole.
_PIECES = sql.SQL(
    "UNION ALL SELECT t.*, c.code AS _place, coalesce(length(CASE WHEN t.region_code LIKE '____00'"
    " THEN left(t.region_code, 4) ELSE t.region_code END), 0) AS _floor,"
    " ext.ST_Intersection({part}, r.geom) AS _part FROM {table} AS t{area}"
    " CROSS JOIN LATERAL unnest(t.region_codes) AS c (code)"
    " JOIN city.regions AS r ON r.code = c.code AND r.system IN ('admin', 'governance_grid'){meeting}"
    " WHERE {valid} AND t.region_codes IS NOT NULL{inside}"
)
_SIZES: dict[str, LiteralString] = {
    "length": "ext.ST_Length(s._part::ext.geography) / 1e3",
    "area": "ext.ST_Area(s._part::ext.geography) / 1e6",
    # a share of one small area: degrees will do
    "spread": "ext.ST_Area(s._part) / nullif(ext.ST_Area(s.geom), 0)",
}
# What only meets the box of a piece of the area is not cut: the test costs far less.
_CUT = sql.SQL(
    "CASE WHEN ext.ST_Covers(e.geom, {own}) THEN {own}"
    " WHEN ext.ST_Intersects(e.geom, {own}) THEN ext.ST_Intersection({own}, e.geom) END"
)
_FLAT = sql.SQL(
    "SELECT {place} AS _place, {floor} AS _floor, {sums} FROM {table} AS t"
    " WHERE {valid} AND {place} IS NOT NULL GROUP BY 1"
)
_INSIDE = sql.SQL(" AND t.id IN (SELECT h.id FROM {table} AS h JOIN e ON ext.ST_Intersects(e.geom, h.geom))")

_DAILY = sql.SQL(
    "SELECT {place} AS _place, {day} - {first} AS _day, {sums} FROM {table} AS t"
    " WHERE {valid} AND t.region_code IS NOT NULL AND {since} GROUP BY 1, 2"
)
_ANY = sql.SQL("SELECT EXISTS (SELECT FROM {table} AS t WHERE t.region_code IS NOT NULL AND {valid})")


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
    columns : sequence of mapping
        Each sum by the prefix of each region that has any.
    rows : int
        More than 0 where the layer has any feature on the day, anywhere.
    """

    columns: Sequence[Mapping[str, float]]
    rows: int

    def of(self, prefix: str, place: int) -> float | None:
        """Return one sum of a region; None where the region has no row at all."""
        return self.columns[place].get(prefix)


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

    async def run(self, connection: Any) -> Sums:
        """Add up, inside a transaction that has the scope set."""
        rows = await connection.fetch(self.statement, *self.values)
        return _rolled_up(rows, self.columns)


def make_pass(
    layer: LayerDefinition,
    wanted: Sequence[Wanted],
    catalog: Catalog,
    clock: Clock,
    ways: Ways | None = None,
    *,
    days: Sequence[date] = (),
) -> Pass:
    """Return the pass that adds up several amounts of one layer.

    Parameters
    ----------
    wanted : sequence of Wanted
        All of one `layers.indicators.conditions.Group`.
    ways : Ways, optional
        What conditions by road and along lines have found.
    days : sequence of date
        Filters of all amounts are of each of these days in turn, everything else of the clock's own.

    Raises
    ------
    BadFilter
        Where a filter does not fit the layer.
    """
    bound = Bound([clock.day, clock.timezone.key, clock.end])
    conditioned = Conditioned(catalog.layers, catalog.code_lists, bound, ways or Ways())
    group = group_of(wanted[0].amount)
    exact = group.apart == "value"
    sums = [] if days else [_sum(one, layer, conditioned, clock) for one in wanted]
    for day in days:
        bound.today = bound.add(day, "date")
        sums += [_sum(one, layer, conditioned, clock) for one in wanted]
    counted = sql.SQL("count(*)::float8 AS n")
    listed = sql.SQL(", ").join([*sums, counted])
    table: sql.Composable = sql.Identifier(CITY, layer.table)
    place = sql.SQL("t.code") if layer.table == REGIONS else sql.SQL("t.region_code")
    valid = VALID + part_of(layer, bound)
    tables = {layer.table}
    for one in wanted:
        tables |= {catalog.layer(others.layer).table for _, others in one.amount.conditions()}
    if exact or layer.geometry is GeometryFamily.NONE:
        made = _FLAT.format(
            place=place, floor=sql.Literal(-1 if exact else 0), sums=listed, table=table, valid=valid
        )
    else:
        own: sql.Composable = sql.SQL("t.geom")
        if group.along is not None:
            table, own = conditioned.stretches(table, layer.name, group.along), sql.SQL("t._cut")
        size = _SIZES.get(group.apart)
        cut = _CUT.format(own=own) if group.area is not None and size is not None else own
        shape = _Shape(layer, table, place, valid, own, cut, in_area=group.area is not None)
        rows = shape.measured() if size is not None else shape.counted()
        if size is not None:
            rows = _MEASURED.format(size=sql.SQL(size), rows=rows)
        named: sql.Composable = sql.SQL("")
        if group.area is not None:
            named = conditioned.area(group.area, of_lines=group.apart == "length")
        made = _GROUPED.format(area=named, sums=listed, rows=rows)
        tables |= {REGIONS} | ({catalog.layer(group.area.layer).table} if group.area else set())
    return Pass(layer, made.as_string(), tuple(bound.values), len(sums) + 1, exact, frozenset(tables))


@dataclass(frozen=True)
class Daily:
    """One statement that adds up a layer of points by day and region."""

    statement: str
    values: tuple[Any, ...]
    any_row: str

    async def run(self, connection: Any) -> tuple[Sequence[Any], int]:
        """Return rows of place, day after the first, and sums; and whether the layer has anything."""
        rows = await connection.fetch(self.statement, *self.values)
        return rows, int(await connection.fetchval(self.any_row, *self.values[:3]))


def make_daily(
    layer: LayerDefinition,
    wanted: Sequence[Wanted],
    catalog: Catalog,
    clock: Clock,
    *,
    time: str,
    first: date,
    whole: bool,
) -> Daily:
    """Return what adds up several amounts of a layer of points for every day on which something is dated.

    Parameters
    ----------
    wanted : sequence of Wanted
        Without windows.
    clock : Clock
        Of the last day.
    time : str
        The field by which a feature is of a day.
    first : date
        Nothing before it is read; it is day 0.
    whole : bool
        True for the sums of grids too, else those of communities are the finest.
    """
    bound = Bound([clock.day, clock.timezone.key, clock.end])
    conditioned = Conditioned(catalog.layers, catalog.code_lists, bound, Ways())
    sums = [_sum(one, layer, conditioned, clock) for one in wanted]
    name, begins = sql.Identifier("t", time), bound.add(first, "date")
    is_date = layer.field(time).type == "date"
    zone = sql.SQL("{}" if is_date else "({} AT TIME ZONE $2::text)::date")
    moment = sql.SQL("{}" if is_date else "{}::timestamp AT TIME ZONE $2::text")
    place: sql.Composable = sql.SQL("t.region_code")
    if not whole:
        place = sql.SQL("left(t.region_code, {})").format(sql.Literal(LENGTHS[-1]))
    table = sql.Identifier(CITY, layer.table)
    made = _DAILY.format(
        place=place, day=zone.format(name), first=begins, sums=sql.SQL(", ").join(sums), table=table,
        valid=VALID + part_of(layer, bound),
        since=sql.SQL("{0} >= {1} AND {0} < {2}").format(
            name, moment.format(begins), moment.format(sql.SQL("($1::date + 1)"))
        ),
    )  # fmt: skip
    any_row = _ANY.format(table=table, valid=VALID)
    return Daily(made.as_string(), tuple(bound.values), any_row.as_string())


@dataclass(frozen=True, slots=True)
class _Shape:
    """The rows of a layer with geometry, each with its place."""

    layer: LayerDefinition
    table: sql.Composable
    place: sql.Composable
    valid: sql.Composable
    own: sql.Composable
    cut: sql.Composable
    in_area: bool

    @property
    def _is_point(self) -> bool:
        return self.layer.geometry is GeometryFamily.POINT or self.layer.table == REGIONS

    def _common(self, *, cut: bool = True) -> dict[str, sql.Composable]:
        area = sql.SQL(" CROSS JOIN e" if self.in_area and cut else "")
        return {"table": self.table, "area": area, "valid": self.valid}

    def measured(self) -> sql.Composable:
        """Return the rows with the part of each that lies in its place."""
        # What lies outside an area has a part without length: no further test is needed.
        near = sql.SQL(" AND {} && e.geom").format(self.own) if self.in_area else sql.SQL("")
        part = sql.SQL(", {} AS _part").format(self.cut)
        plain = _PLAIN.format(
            place=self.place, part=part, whole=sql.SQL(""), inside=near, **self._common()
        )  # fmt: skip
        if self._is_point:
            return plain
        meeting = sql.SQL(" AND r.geom && e.geom" if self.in_area else "")
        pieces = _PIECES.format(part=self.cut, inside=near, meeting=meeting, **self._common())
        return sql.SQL("\n").join([plain, pieces])

    def counted(self) -> sql.Composable:
        """Return the rows, one that crosses once in each region that it touches."""
        inside = _INSIDE.format(table=self.table) if self.in_area else sql.SQL("")
        whole = sql.SQL("" if self._is_point else " AND t.region_codes IS NULL")
        plain = _PLAIN.format(
            place=self.place, part=sql.SQL(""), whole=whole, inside=inside, **self._common(cut=False)
        )  # fmt: skip
        if self._is_point:
            return plain
        lengths = sql.Literal("{" + ",".join(map(str, (*LENGTHS, _WHOLE_CODE))) + "}")
        longest = sql.Literal(_WHOLE_CODE)
        touching = _TOUCHING.format(
            lengths=lengths, longest=longest, inside=inside, **self._common(cut=False)
        )
        return sql.SQL("\n").join([plain, touching])


def _sum(wanted: Wanted, layer: LayerDefinition, conditioned: Conditioned, clock: Clock) -> sql.Composable:
    """Return one aggregate with its filter."""
    amount, bound, code_lists = wanted.amount, conditioned.bound, conditioned.code_lists
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
    tests += conditioned.tests(amount)
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
        case "spread":
            return sql.SQL("sum({}::float8 * t._size)").format(field_name), []
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


def _rolled_up(rows: Sequence[Any], columns: int) -> Sums:
    """Return the sums of each region, and how many features were met: the last column has their number."""
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
    by_column: list[dict[str, float]] = [{} for _ in range(columns - 1)]
    for place, values in found.items():
        for column, value in zip(by_column, values, strict=False):
            if value is not None:
                column[place] = value
    return Sums(by_column, total)
