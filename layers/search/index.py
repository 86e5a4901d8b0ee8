"""Filling the search table from the layers: all of it after a load, one entry with an edit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import sql

from layers.database import set_scope
from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from layers.definitions.loading import Catalog
from layers.schema.tables import CITY, REGIONS
from layers.scope import Scope
from layers.search.fold import fold, is_chinese, spell

_STAGE = """
    CREATE TEMP TABLE found_text ON COMMIT DROP AS
    SELECT layer, part, feature_id, code, name, texts, region_code, region_codes, bbox, point
    FROM onemap.search_entry WITH NO DATA
"""
_SPELLINGS = """
    CREATE TEMP TABLE spelling (folded text PRIMARY KEY, pinyin text NOT NULL, initials text NOT NULL)
    ON COMMIT DROP
"""
# As layers.search.fold.fold does it; a test holds the two together.
_FOLDED = r"btrim(regexp_replace(lower(normalize(coalesce(name, ''), NFKC)), '\s+', ' ', 'g'))"
_DISTINCT = f"SELECT DISTINCT {_FOLDED} FROM found_text WHERE name ~ '[㐀-鿿]'"  # noqa: S608 - constants
# A look for a common text stops after 500 rows, in the order of the table: so regions stand first, then what
# has a name, and of that the rarer kinds before addresses and manhole covers.
_STORE = f"""
    INSERT INTO onemap.search_entry (
        layer, part, feature_id, code, name, folded, pinyin, initials, texts,
        region_code, region_codes, bbox, point)
    SELECT t.layer, t.part, t.feature_id, t.code, t.name, t.folded, s.pinyin, s.initials,
           regexp_replace(lower(normalize(concat_ws(E'\\n', t.texts, s.pinyin, s.initials), NFKC)),
                          '([㐀-鿿])', '\\1\\1', 'g'),
           t.region_code, t.region_codes, t.bbox, t.point
    FROM (
        SELECT *, {_FOLDED} AS folded, count(*) OVER (PARTITION BY layer) AS siblings FROM found_text
    ) AS t LEFT JOIN spelling AS s USING (folded)
    ORDER BY t.layer <> '{REGIONS}', t.name IS NULL, t.siblings, t.layer, t.feature_id
    ON CONFLICT (layer, feature_id) DO NOTHING -- it was edited meanwhile, and is newer
"""  # noqa: S608 - constants

_TEXTS_INDEX = "CREATE INDEX search_entry_texts ON onemap.search_entry USING gin (texts ext.gin_trgm_ops)"

_COLLECT = sql.SQL("""
    INSERT INTO found_text (
        layer, part, feature_id, code, name, texts, region_code, region_codes, bbox, point)
    {found}
""")
_FIND_TEXTS = sql.SQL("""
    SELECT {layer}, {part}, t.id, t.code, {name}, concat_ws(E'\\n', {texts}), t.region_code, t.region_codes,
           {bbox}, {point}
    FROM {table} AS t
    WHERE t.status <> 'removed' AND t.valid_to IS NULL AND num_nonnulls({texts}) > 0
""")
_OF_ONE = sql.SQL("{found} AND t.id = %s")
_KEEP = f"SELECT onemap.keep_search_entry({', '.join(['%s'] * 13)})"
_BBOX = sql.SQL("ARRAY[ext.ST_XMin(t.geom), ext.ST_YMin(t.geom), ext.ST_XMax(t.geom), ext.ST_YMax(t.geom)]")
_POINT = sql.SQL(
    "(SELECT ARRAY[ext.ST_X(p), ext.ST_Y(p)] FROM"
    " (SELECT CASE ext.ST_Dimension(t.geom) WHEN 0 THEN ext.ST_Centroid(t.geom)"
    " ELSE ext.ST_PointOnSurface(t.geom) END AS p) AS shown)"
)
_NOTHING = sql.SQL("NULL")


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
    chosen = None if layers is None else set(layers)
    searched = [layer for layer in searched_layers(catalog) if chosen is None or layer.name in chosen]
    with connection.transaction():
        set_scope(connection, Scope.everything("search"))
        if chosen is None:
            connection.execute("DELETE FROM onemap.search_entry")
            # made anew at the end it costs a third
            connection.execute("DROP INDEX onemap.search_entry_texts")
        else:
            connection.execute("DELETE FROM onemap.search_entry WHERE layer = ANY (%s)", [sorted(chosen)])
        connection.execute(_STAGE)
        connection.execute(_SPELLINGS)
        for layer in searched:
            connection.execute(_COLLECT.format(found=_texts_of(layer, catalog)))
        _spell_names(connection)
        connection.execute("ANALYZE spelling")
        stored = connection.execute(_STORE.encode()).rowcount
        connection.execute("DROP TABLE found_text, spelling")
        if chosen is None:
            connection.execute(_TEXTS_INDEX)
    connection.execute("ANALYZE onemap.search_entry")
    return stored


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
    spelt = spell(folded) if is_chinese(folded) else (None, None)
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
        bbox=_BBOX if shaped else _NOTHING,
        point=_POINT if shaped else _NOTHING,
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
    """Spell every distinct Chinese name once; most of a city's names stand many times."""
    names = [row[0] for row in connection.execute(_DISTINCT.encode()).fetchall()]
    with connection.cursor() as cursor, cursor.copy("COPY spelling FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["text", "text", "text"])
        for name in names:
            copy.write_row((name, *spell(name)))
