"""Where a read function takes its rows from: the table as it is, or its rows as of a moment with the history.

A row has two times. Its validity (``valid_from`` to ``valid_to``, or from the field that the definition names
in ``begins``) says when the thing was there, as far as anybody has stated it. Its record (``updated_at``, in
the history ``recorded_from`` to ``recorded_to``) says which version of the row was known when. As of a moment
a feature is the version that was known then, if that was valid then.

Records begin when a layer is loaded, but the city is older than that. Before its first record a feature is as
it was first recorded: if a date is stated, from this date on; without one, if it came with the first load of
its layer. What was added later without a date was not there before, nor what took the natural key of a
feature that was deleted: it is the same thing, which was known by the other row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from layers.schema.names import CITY, CLEARANCE, MERCATOR_COPY

_NOTHING = sql.SQL("")
_ARGUMENTS = sql.SQL(", recorded timestamptz, moment timestamptz, day date")
_TYPES = sql.SQL(", timestamptz, timestamptz, date")


@dataclass(frozen=True, slots=True)
class Rows:
    """A source of rows for a function, as ``{table} AS t`` in its queries.

    Attributes
    ----------
    table : sql.Composable
        Name of a table, or a query in brackets.
    names : tuple of str
        Under which imports of the rows are recorded: of the layer, and of the whole that it is a part of.
    moments : bool
        True where a function takes, behind its other arguments, recorded, moment and day.
    """

    table: sql.Composable
    names: tuple[str, ...]
    moments: bool = False

    @property
    def arguments(self) -> sql.Composable:
        """What a function takes for it behind its other arguments, with names."""
        return _ARGUMENTS if self.moments else _NOTHING

    @property
    def types(self) -> sql.Composable:
        """The same without names."""
        return _TYPES if self.moments else _NOTHING

    def declared(self, first: int) -> sql.Composable:
        """Return the variables that the table needs, where its first argument has this number."""
        return moment_variables(self.names, first) + _FRAME if self.moments else _NOTHING

    def passed(self, first: int) -> sql.Composable:
        """Return the arguments handed on to another function."""
        numbers = [sql.SQL(", ${}").format(sql.Literal(first + place)) for place in range(3)]
        return sql.SQL("").join(numbers) if self.moments else _NOTHING


# The first is NULL for what is known now. Up to ``known`` a row without a date counts as of the first load.
_DECLARED = sql.SQL("""
    recorded timestamptz := coalesce(${recorded}, 'infinity');
    moment timestamptz := ${moment};
    day date := ${day};
    known timestamptz := greatest(v.recorded, onemap.loaded_at({names}));""")
_FRAME = sql.SQL("""
    degrees geometry := ST_Transform(v.buffered, 4326);""")

# A version that begins after the moment is shown where it is the first that was ever seen: one that was
# replaced in its own transaction was not, and one that took the key of a deleted one is not the first.
_VERSIONS = sql.SQL("""(
            SELECT {present} FROM {table} AS n
            WHERE coalesce(n.valid_to, 'infinity') > v.moment{present_tests}
              AND (n.updated_at <= v.recorded OR (n.version = 1 OR NOT EXISTS (
                  SELECT FROM {history} AS p WHERE p.id = n.id AND p.recorded_from < p.recorded_to)){new})
            UNION ALL
            SELECT {past} FROM {history} AS o
            WHERE o.recorded_to > v.recorded AND o.recorded_from < o.recorded_to
              AND coalesce(o.valid_to, 'infinity') > v.moment{past_tests}
              AND (o.recorded_from <= v.recorded OR (o.version = 1 OR NOT EXISTS (
                  SELECT FROM {history} AS p WHERE p.id = o.id AND p.recorded_from < p.recorded_to
                                               AND p.recorded_to <= o.recorded_from)){new_then})
        )""")
_NEW = sql.SQL("""
                  AND NOT EXISTS (
                  SELECT FROM {history} AS k WHERE k.id <> {row}.id AND k.recorded_from < k.recorded_to
                                               AND k.recorded_to <= {row}.{recorded}{same})""")
_BEGUN = sql.SQL(
    " AND CASE WHEN {row}.valid_from IS NOT NULL THEN {row}.valid_from <= v.moment{stated}"
    " ELSE {row}.{recorded} <= v.known END"
)
_STATED = sql.SQL(" WHEN {row}.{field} IS NOT NULL THEN {row}.{field} <= {until}")
_INDEX = sql.SQL("CREATE INDEX IF NOT EXISTS {name} ON {history} USING {method} ({columns});")


def moment_variables(names: tuple[str, ...], first: int) -> sql.Composed:
    """Return the variables of a moment that `versions` needs, from this argument and the two after it."""
    return _DECLARED.format(
        recorded=sql.Literal(first), moment=sql.Literal(first + 1), day=sql.Literal(first + 2),
        names=sql.Literal(list(names)),
    )  # fmt: skip


def present(layer: LayerDefinition) -> Rows:
    """Return a layer's rows as they are."""
    return Rows(sql.Identifier(CITY, layer.name), (layer.name,))


def as_of(layer: LayerDefinition, columns: Iterable[str]) -> Rows:
    """Return a layer's rows as of a moment, for functions that draw a tile."""
    return Rows(
        versions(layer, columns, sql.SQL(" AND o.geom && v.degrees")),
        import_names(layer),
        moments=True,
    )


def import_names(layer: LayerDefinition) -> tuple[str, ...]:
    """Return the names under which imports into a layer's table are recorded."""
    return tuple(dict.fromkeys((layer.name, layer.table)))


def versions(
    layer: LayerDefinition, columns: Iterable[str], past_box: sql.Composable, box: sql.Composable = _NOTHING
) -> sql.Composed:
    """Return the query, in brackets, that gives each feature in the version of a moment.

    Parameters
    ----------
    layer : LayerDefinition
        Possibly a part of another one.
    columns : iterable of str
        What to give; the mercator copy of a past geometry is made from it, its clearance is not known.
    past_box, box : sql.Composable
        Tests on rows ``o`` of the history and ``n`` of the table by which their indexes find them.
    """
    names = list(columns)
    return _VERSIONS.format(
        table=sql.Identifier(CITY, layer.table),
        history=_history(layer),
        new=_new(layer, "n", "updated_at"),
        new_then=_new(layer, "o", "recorded_from"),
        present=sql.SQL(", ").join(sql.Identifier("n", name) for name in names),
        past=sql.SQL(", ").join(map(_past_column, names)),
        present_tests=_tests(layer, "n", "updated_at") + box,
        past_tests=_tests(layer, "o", "recorded_from") + past_box,
    )


def _history(layer: LayerDefinition) -> sql.Identifier:
    return sql.Identifier(CITY, f"{layer.table}_history")


def _new(layer: LayerDefinition, row: LiteralString, recorded: LiteralString) -> sql.Composed:
    """Return the test that a version is the first of its natural key, not only of its id."""
    names = map(sql.Identifier, layer.key)
    same = [sql.SQL(" AND k.{name} = {row}.{name}").format(name=name, row=sql.SQL(row)) for name in names]
    return _NEW.format(
        history=_history(layer), row=sql.SQL(row), recorded=sql.SQL(recorded), same=sql.SQL("").join(same)
    )


def _past_column(name: str) -> sql.Composable:
    if name == MERCATOR_COPY:
        return sql.SQL("ST_Transform(o.geom, 3857)")
    if name == CLEARANCE:
        return sql.SQL("NULL::real")
    return sql.Identifier("o", name)


def _tests(layer: LayerDefinition, row: LiteralString, recorded: LiteralString) -> sql.Composed:
    """Return the tests that a version had begun and, of a part, that it belongs to it."""
    stated: sql.Composable = _NOTHING
    if layer.begins is not None:
        is_day = layer.field(layer.begins).type is FieldType.DATE
        until = sql.SQL("v.day" if is_day else "v.moment")
        stated = _STATED.format(row=sql.SQL(row), field=sql.Identifier(layer.begins), until=until)
    tests = _BEGUN.format(row=sql.SQL(row), stated=stated, recorded=sql.SQL(recorded))
    for name, value in sorted((layer.filter or {}).items()):
        tests += sql.SQL(" AND {} = {}").format(sql.Identifier(row, name), sql.Literal(value))
    return tests


def history_indexes(layer: LayerDefinition) -> sql.Composed:
    """Return the statements that make the indexes by which a layer's history is searched."""
    made = _INDEX.format(
        name=sql.Identifier(f"{layer.name}_history_key"), history=_history(layer), method=sql.SQL("btree"),
        columns=sql.SQL(", ").join(map(sql.Identifier, layer.key)),
    )  # fmt: skip
    if layer.geometry is GeometryFamily.NONE:
        return made
    return made + _INDEX.format(
        name=sql.Identifier(f"{layer.name}_history_geom"), history=_history(layer), method=sql.SQL("gist"),
        columns=sql.Identifier("geom"),
    )  # fmt: skip
