"""Looking a text up in the search table, under the reader's scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layers.definitions import LayerDefinition
from layers.scope import LayerScope
from layers.search.fold import fold, simplify

# The function filters by the scope itself; the application's role may not read the table.
_FIND = """
    SELECT layer, part, feature_id, code, name, bbox, point
    FROM onemap.find_entries($1, $2, $3, $4, $5, $6)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was found.

    Attributes
    ----------
    part : str, optional
        The layer that is a part of `layer` and holds the feature (communities of regions).
    bbox, point : tuple of floats, optional
        Degrees; a point on the feature. None for a layer without geometry.
    """

    layer: str
    part: str | None
    id: int
    code: str | None
    name: str | None
    bbox: tuple[float, float, float, float] | None
    point: tuple[float, float] | None


async def find(
    connection: Any, layers: Sequence[tuple[LayerDefinition, LayerScope]], text: str, limit: int
) -> list[Entry]:
    """Return what is called like a text, the best first.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    layers : sequence of (LayerDefinition, LayerScope)
        Where to look, and what the reader may see there.
    text : str
        A name or a part of one, a code, pinyin or its initials; traditional characters find simplified ones.
    limit : int
        How many at most.

    Notes
    -----
    Exact codes and names come first, then beginnings, then pinyin, then what holds the text somewhere. Of the
    last at most 500 are ranked, so that two common characters cost no more than a rare name.
    """
    wanted = fold(text)
    whole = [layer.name for layer, scope in layers if scope.whole_city]
    cut = [(layer.name, scope.region_prefixes) for layer, scope in layers if not scope.whole_city]
    # for_layer cuts every layer by the same prefixes: those of the one reader
    prefixes = list(cut[0][1]) if cut else []
    layers_cut = [name for name, _ in cut]
    rows = await connection.fetch(_FIND, wanted, whole, layers_cut, prefixes, limit, text)
    simple = simplify(wanted)
    if simple != wanted:
        # names are kept as they are written, mostly simplified: what is written like the question comes first
        known = {(row["layer"], row["feature_id"]) for row in rows}
        more = await connection.fetch(_FIND, simple, whole, layers_cut, prefixes, limit, simple)
        rows = [*rows, *(row for row in more if (row["layer"], row["feature_id"]) not in known)][:limit]
    return [entry_of(row) for row in rows]


def entry_of(row: Mapping[str, Any]) -> Entry:
    """Return an entry from a row with the columns of ``onemap.find_entries``."""
    return Entry(
        layer=row["layer"],
        part=row["part"],
        id=row["feature_id"],
        code=row["code"],
        name=row["name"],
        bbox=None if row["bbox"] is None else tuple(row["bbox"]),
        point=None if row["point"] is None else tuple(row["point"]),
    )
