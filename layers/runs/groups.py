"""Which cells a result put together, kept beside it so that the next result calls the same group the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import psycopg

from geo.cells import parents, resolution_of
from layers.runs.arrays import packed, unpacked
from layers.runs.kinds import Kind
from layers.runs.parts import read_parts
from layers.scope import Scope

#: Name of the part.
PART = "groups"

_PUBLISHED = """
SELECT part.body FROM onemap.run_publication AS p JOIN onemap.run_part AS part ON part.run = p.run
WHERE (p.kind, p.region, p.subject, part.name) = (%s, %s, %s, %s)
"""


def as_part(groups: pd.Series) -> bytes:
    """Return groups as a part of a run.

    Parameters
    ----------
    groups : Series
        Of `geo.cells.groups`.

    Examples
    --------
    >>> made = pd.Series([7, 7], index=np.array([7, 8], dtype=np.uint64), dtype=np.uint64)
    >>> groups_in(as_part(made)).to_dict()
    {7: 7, 8: 7}
    """
    cells = groups.index.to_numpy(dtype=np.uint64)
    return packed(smaller=True, cell=cells, group=groups.to_numpy(dtype=np.uint64))


def groups_in(body: bytes) -> pd.Series:
    """Return the groups of `as_part`."""
    kept = unpacked(body)
    return pd.Series(kept["group"], index=pd.Index(kept["cell"], name="cell"), name="group")


def group_of(groups: pd.Series, cell: int, ranks: Mapping[int, float]) -> int | None:
    """Return the group that a cell lies in; of several in a coarse one, that of the least rank.

    Parameters
    ----------
    groups : Series
        Of `groups_in`.
    ranks : mapping
        Ranks of groups; one that is not ranked comes after all.

    Examples
    --------
    >>> made = pd.Series([7], index=np.array([0x8928308280FFFFF], dtype=np.uint64), dtype=np.uint64)
    >>> group_of(made, 0x872830828FFFFFF, {}), group_of(made, 0x8928308280BFFFF, {})
    (7, None)
    """
    cells = groups.index.to_numpy()
    if not len(cells):
        return None
    resolution = int(resolution_of([cell])[0])
    inside = (
        cells == cell if resolution == resolution_of(cells[:1])[0] else parents(cells, resolution) == cell
    )
    found = np.unique(groups.to_numpy()[inside]).tolist()
    return min(found, key=lambda group: ranks.get(group, math.inf), default=None)


async def read_groups(connection: Any, scope: Scope, run: int) -> pd.Series:
    """Return the groups of a run.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.

    Raises
    ------
    NoResult
        Where it keeps none: its kind makes no groups.
    """
    return groups_in((await read_parts(connection, scope, run, [PART]))[PART])


def read_previous_groups(
    connection: psycopg.Connection[Any], kind: Kind, region: str, subject: str
) -> pd.Series | None:
    """Return the groups of the published result of a kind, region and subject; None where it keeps none.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`: it is what the run itself is about, of the same class.
    """
    row = connection.execute(_PUBLISHED, [kind.name, region, subject, PART]).fetchone()
    return None if row is None else groups_in(bytes(row[0]))
