"""Filling the search table from the layers: all of it after a load, one entry with an edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from layers.database import set_scope
from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from layers.definitions.loading import Catalog
from layers.schema.names import CITY, REGIONS
from layers.scope import Scope
from layers.search.fold import fold, is_chinese, simplify, spell

_STAGE = """
    CREATE TEMP TABLE found_text ON COMMIT DROP AS
    SELECT layer, part, feature_id, code, name, folded, texts, region_code, region_codes, bbox, point
    FROM onemap.search_entry WITH NO DATA
"""
_ENTRIES = """
    CREATE TEMP TABLE found_entry ON COMMIT DROP AS SELECT * FROM onemap.search_entry WITH NO DATA
"""
_SPELLINGS = """
    CREATE TEMP TABLE spelling (
        folded text PRIMARY KEY, pinyin text NOT NULL, initials text NOT NULL, simplified text
    ) ON COMMIT DROP
"""
_DISTINCT = """
    SELECT DISTINCT folded FROM found_text
    WHERE folded ~ '[㐀-鿿]' AND folded NOT IN (SELECT folded FROM spelling)
"""
_SPELT = """
    INSERT INTO found_entry (
        layer, part, feature_id, code, name, folded, pinyin, initials, texts,
        region_code, region_codes, bbox, point)
    SELECT t.layer, t.part, t.feature_id, t.code, t.name, t.folded, s.pinyin, s.initials,
           regexp_replace(
               lower(normalize(concat_ws(E'\\n', t.texts, s.simplified, s.pinyin, s.initials), NFKC)),
               '([㐀-鿿])', '\\1\\1', 'g'),
           t.region_code, t.region_codes, t.bbox, t.point
    FROM found_text AS t LEFT JOIN spelling AS s USING (folded)
"""
# A look for a common text stops after 500 rows, in the order of the table: so regions stand first, then what
# has a name, and of that the rarer kinds before addresses and manhole covers.
_STORE = f"""
    INSERT INTO onemap.search_entry (
        layer, part, feature_id, code, name, folded, pinyin, initials, texts,
        region_code, region_codes, bbox, point)
    SELECT t.layer, t.part, t.feature_id, t.code, t.name, t.folded, t.pinyin, t.initials, t.texts,
           t.region_code, t.region_codes, t.bbox, t.point
    FROM found_entry AS t
    JOIN (SELECT layer, count(*) AS siblings FROM found_entry GROUP BY layer) AS kind USING (layer)
    ORDER BY t.layer <> '{REGIONS}', t.name IS NULL, kind.siblings, t.layer, t.feature_id
    ON CONFLICT (layer, feature_id) DO NOTHING -- it was edited meanwhile, and is newer
"""  # noqa: S608 - constants

_INDEXES = """
    SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indrelid = 'onemap.search_entry'::regclass AND NOT i.indisprimary ORDER BY c.relname
"""

_COLLECT = sql.SQL("""
    INSERT INTO found_text (
        layer, part, feature_id, code, name, texts, region_code, region_codes, bbox, point, folded)
    SELECT found.*, {folded} FROM ({found}) AS found
""")
# As layers.search.fold.fold does it; a test holds the two together.
_FOLDED = sql.SQL(r"btrim(regexp_replace(lower(normalize(coalesce(name, ''), NFKC)), '\s+', ' ', 'g'))")
_FIND_TEXTS = sql.SQL("""
    SELECT {layer}, {part}, t.id, t.code, {name} AS name, concat_ws(E'\\n', {texts}), t.region_code,
           t.region_codes, {bbox}, {point}
    FROM {table} AS t
    WHERE t.status <> 'removed' AND t.valid_to IS NULL AND num_nonnulls({texts}) > 0
""")
_OF_ONE = sql.SQL("{found} AND t.id = %s")
_KEEP = f"SELECT onemap.keep_search_entry({', '.join(['%s'] * 13)})"
#: Of a row ``t`` of a layer: its box, a point on it, and what stands for them where it has no geometry.
BBOX = sql.SQL("ARRAY[ext.ST_XMin(t.geom), ext.ST_YMin(t.geom), ext.ST_XMax(t.geom), ext.ST_YMax(t.geom)]")
POINT = sql.SQL(
    "(SELECT ARRAY[ext.ST_X(p), ext.ST_Y(p)] FROM"
    " (SELECT CASE ext.ST_Dimension(t.geom) WHEN 0 THEN ext.ST_Centroid(t.geom)"
    " ELSE ext.ST_PointOnSurface(t.geom) END AS p) AS shown)"
)
_NOTHING = sql.SQL("NULL")
NOWHERE = sql.SQL("NULL::double precision[]")


def searchable_fields(definition: LayerDefinition) -> tuple[str, ...]:
    """Return the text fields of a layer that the search looks into."""
    return tuple(
        field.name for field in definition.fields if field.searchable and field.type is FieldType.TEXT
    )


def searched_layers(catalog: Catalog) -> list[LayerDefinition]:
    """Return the layers that the search looks into; parts are found as rows of their whole."""
    layers = (layer for layer in catalog.layers.values() if layer.part_of is None)
    return sorted((layer for layer in layers if searchable_fields(layer)), key=lambda layer: layer.name)


def rebuild(
    connection: psycopg.Connection[Any], catalog: Catalog, layers: Iterable[str] | None = None
) -> int:
    """Make the search entries anew.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the administrator (`layers.database.admin_connection`); one transaction, inside one that is open.
    catalog : Catalog
        Its searchable layers are read; entries of layers that it does not know are dropped.
    layers : iterable of str, optional
        Only these; all where left out.

    Returns
    -------
    int
        Entries stored.
    """
    with connection.transaction():
        return Rebuild(connection, catalog, layers).store()


class Rebuild:
    """The entries made anew within one transaction: collected layer by layer, stored at once at the end.

    Parameters
    ----------
    connection, catalog, layers
        As of `rebuild`; a transaction is open and stays the same until the end.
    """

    def __init__(
        self, connection: psycopg.Connection[Any], catalog: Catalog, layers: Iterable[str] | None = None
    ) -> None:
        self._connection = connection
        self._catalog = catalog
        self._chosen = None if layers is None else set(layers)
        self._left = {
            layer.name: layer
            for layer in searched_layers(catalog)
            if self._chosen is None or layer.name in self._chosen
        }
        connection.execute(_STAGE)
        connection.execute(_ENTRIES)
        connection.execute(_SPELLINGS)

    def collect(self, name: str) -> None:
        """Read the texts of a layer that nothing more comes into, and make its entries."""
        layer = self._left.pop(name, None)
        if layer is None:
            return
        set_scope(self._connection, Scope.everything("search"))
        found = _texts_of(layer, self._catalog)
        self._connection.execute(_COLLECT.format(found=found, folded=_FOLDED))
        _spell_names(self._connection)
        self._connection.execute(_SPELT.encode())
        self._connection.execute("TRUNCATE found_text")

    def store(self) -> int:
        """Put new entries in place of the old ones; layers not collected yet are. Return how many."""
        connection = self._connection
        for name in list(self._left):
            self.collect(name)
        set_scope(connection, Scope.everything("search"))
        if self._chosen is None:
            connection.execute("DELETE FROM onemap.search_entry")
            with indexes_afterwards(connection):
                stored = self._insert()
        else:
            connection.execute(
                "DELETE FROM onemap.search_entry WHERE layer = ANY (%s)", [sorted(self._chosen)]
            )
            stored = self._insert()
        connection.execute("DROP TABLE found_text, found_entry, spelling")
        connection.execute("ANALYZE onemap.search_entry")
        return stored

    def _insert(self) -> int:
        return self._connection.execute(_STORE.encode()).rowcount


@contextmanager
def indexes_afterwards(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Take the indexes away and make them anew at the end, which costs a third."""
    indexes = connection.execute(_INDEXES.encode()).fetchall()
    for name, _ in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier("onemap", name)))
    yield
    for _, statement in indexes:
        connection.execute(statement.encode())


def refresh(connection: psycopg.Connection[Any], catalog: Catalog, table: str, feature_id: int) -> None:
    """Make the search entry of one feature anew, in the transaction that has changed, added or deleted it.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the application's role, under the scope that wrote the feature.
    table : str
        Name of the layer that stores it.

    Raises
    ------
    psycopg.errors.InsufficientPrivilege
        Where the scope may write nothing.
    """
    layer = catalog.layer(table)
    if not searchable_fields(layer):
        return
    row = connection.execute(_OF_ONE.format(found=_texts_of(layer, catalog)), [feature_id]).fetchone()
    if row is None:
        connection.execute(_KEEP.encode(), [layer.name, feature_id, *[None] * 11])
        return
    _, part, _, code, name, texts, *place = row
    folded = fold(name or "")
    simple = simplify(folded)
    spelt = spell(simple) if is_chinese(folded) else (None, None)
    if simple != folded:
        texts = f"{texts}\n{simple}"
    connection.execute(
        _KEEP.encode(), [layer.name, feature_id, part, code, name, folded, *spelt, texts, *place]
    )


def _texts_of(layer: LayerDefinition, catalog: Catalog) -> sql.Composed:
    fields = searchable_fields(layer)
    # what a feature is called: its label, else the first field that people search it by
    named = [layer.label] if layer.label is not None and layer.label in layer.field_names else []
    names = [sql.Identifier("t", name) for name in dict.fromkeys([*named, *fields])]
    shaped = layer.geometry is not GeometryFamily.NONE
    return _FIND_TEXTS.format(
        layer=sql.Literal(layer.name),
        part=_part_of(layer, catalog),
        name=sql.SQL("coalesce({})").format(
            sql.SQL(", ").join(sql.SQL("nullif(btrim({}::text), '')").format(name) for name in names)
        ),
        texts=sql.SQL(", ").join(sql.Identifier("t", name) for name in ("code", *fields)),
        bbox=BBOX if shaped else NOWHERE,
        point=POINT if shaped else NOWHERE,
        table=sql.Identifier(CITY, layer.name),
    )


def _part_of(layer: LayerDefinition, catalog: Catalog) -> sql.Composable:
    """Return the name of the part that a row belongs to; of several, the one with the narrowest filter."""
    parts = [part for part in catalog.layers.values() if part.part_of == layer.name and part.filter]
    cases = [
        sql.SQL("WHEN {} THEN {}").format(
            sql.SQL(" AND ").join(
                sql.SQL("{} = {}").format(sql.Identifier("t", name), sql.Literal(value))
                for name, value in (part.filter or {}).items()
            ),
            sql.Literal(part.name),
        )
        for part in sorted(parts, key=lambda part: (-len(part.filter or {}), part.name))
    ]
    return sql.SQL("CASE {} END").format(sql.SQL(" ").join(cases)) if cases else _NOTHING


def _spell_names(connection: psycopg.Connection[Any]) -> None:
    """Spell every distinct Chinese name of what was found once; most of a city's names stand many times."""
    names = [row[0] for row in connection.execute(_DISTINCT.encode()).fetchall()]
    with connection.cursor() as cursor, cursor.copy("COPY spelling FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["text", "text", "text", "text"])
        for name in names:
            simple = simplify(name)
            copy.write_row((name, *spell(simple), None if simple == name else simple))
