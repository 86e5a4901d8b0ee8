"""Finding a feature of any layer by its whole code, also where the search table does not hold it.

The table has what is called by a name. Manhole covers, incidents and poles have only codes, and many of them:
their own tables' indexes know them already.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import sql

from layers.database import region_setting
from layers.definitions import GeometryFamily, LayerDefinition
from layers.features.reading import SET_SCOPE
from layers.schema.names import CITY
from layers.scope import Classification, LayerScope
from layers.search.index import BBOX, NOWHERE, POINT
from layers.search.reading import Entry, entry_of

#: Of one layer at most so many have the same code (a code counts within a class of features).
_MOST_EACH = 5
#: Shorter texts are names or parts of them.
SHORTEST = 3

_ONE = sql.SQL("""(
    SELECT {name} AS layer, NULL::text AS part, t.id AS feature_id, t.code, NULL::text AS name,
           {bbox} AS bbox, {point} AS point FROM {table} AS t
    WHERE t.code = ANY ($1::text[]) AND t.status <> 'removed' AND t.valid_to IS NULL
    ORDER BY t.id LIMIT {most})""")


def may_be_code(text: str) -> bool:
    """Tell whether a text can be a whole code: long enough, with a digit, without spaces.

    Examples
    --------
    >>> may_be_code("SJ2020010991"), may_be_code("史河街道"), may_be_code("C 1234"), may_be_code("12")
    (True, False, False, False)
    """
    has_digit = any(letter.isdigit() for letter in text)
    return len(text) >= SHORTEST and has_digit and not any(letter.isspace() for letter in text)


async def find_code(
    connection: Any, layers: Sequence[tuple[LayerDefinition, LayerScope]], code: str
) -> list[Entry]:
    """Return the features that have a code, as written or in capitals.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    layers : sequence of (LayerDefinition, LayerScope)
        Where to look, and what the reader may see there; read under the policies of the tables.
    """
    if not layers:
        return []
    statement = sql.SQL(" UNION ALL ").join(_of_layer(layer) for layer, _ in layers).as_string()
    # for_layer cuts by the same prefixes, those of the one reader, or not at all; the policies of layers that
    # are not cut do not ask for regions
    scope = next((one for _, one in layers if not one.whole_city), layers[0][1])
    async with connection.transaction(readonly=True):
        await connection.fetchrow(SET_SCOPE, region_setting(scope), ",".join(Classification))
        rows = await connection.fetch(statement, [code, code.upper()])
    return [entry_of(row) for row in rows]


def _of_layer(layer: LayerDefinition) -> sql.Composed:
    has_place = layer.geometry is not GeometryFamily.NONE
    return _ONE.format(
        name=sql.Literal(layer.name),
        bbox=BBOX if has_place else NOWHERE,
        point=POINT if has_place else NOWHERE,
        table=sql.Identifier(CITY, layer.name),
        most=sql.Literal(_MOST_EACH),
    )
