"""A final scenario written into the layers, once: what it adds becomes planned features.

What stands already is not touched: a camera is turned, moved or removed on the ground first and edited then.
Such changes are told as left to do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psycopg
import shapely
from psycopg.types.json import Jsonb

from geo.errors import Refused
from layers.definitions import LayerDefinition
from layers.definitions.loading import Catalog
from layers.features.writing import insert_feature
from layers.scenarios.changes import Change, Op, shape_of
from layers.scenarios.errors import ScenarioApplied, ScenarioFixed
from layers.scenarios.naming import told
from layers.scenarios.record import Scenario, State
from layers.scope import Scope, Verb
from layers.search.index import refresh

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it.

    Attributes
    ----------
    written : list of dict
        ``number`` of the change, ``layer`` and ``feature_id`` of the planned feature.
    left : list of int
        Numbers of the changes of what stands, which are for somebody to carry out.
    """

    written: list[dict[str, Any]]
    left: list[int]


def apply(connection: Connection, scope: Scope, catalog: Catalog, scenario: Scenario) -> Applied:
    """Write the planned features of a scenario that `layers.scenarios.record.read_for_change` has read.

    Raises
    ------
    ScenarioFixed
        Where it is not final.
    ScenarioApplied
        Where this was done before.
    Conflict, RowsRefused, Refused
        As for any edit; nothing is written then.
    """
    scope.require(Verb.WRITE)
    if scenario.state is not State.FINAL:
        raise ScenarioFixed(
            f"scenario {scenario.name!r} is {scenario.state}: only a final one is applied",
            scenario=scenario.name, state=str(scenario.state),
        )  # fmt: skip
    if scenario.applied is not None:
        raise ScenarioApplied(f"scenario {scenario.name!r} was applied before", scenario=scenario.name)
    written, left = [], []
    for number, one in enumerate(scenario.changes, 1):
        if one.op is not Op.ADD:
            left.append(number)
            continue
        definition = catalog.layer(one.layer)
        made = insert_feature(
            connection, definition, catalog.code_lists, shape_of(one), _planned(definition, scenario, one)
        )
        refresh(connection, catalog, definition.table, made.id)
        written.append({"number": number, "layer": one.layer, "feature_id": made.id})
    done = connection.execute(
        "UPDATE onemap.scenario SET changed_by = %(by)s, changed_at = clock_timestamp(), applied ="
        " jsonb_build_object('by', %(by)s::text, 'at', clock_timestamp(), 'written', %(written)s::jsonb,"
        " 'left', %(left)s::jsonb) WHERE name = %(name)s AND applied IS NULL",
        {"by": scope.subject, "written": Jsonb(written), "left": Jsonb(left), "name": scenario.name},
    )
    if done.rowcount != 1:
        raise Refused(f"this scope may not apply scenario {scenario.name!r}", scenario=scenario.name)
    return Applied(written, left)


def _planned(definition: LayerDefinition, scenario: Scenario, one: Change) -> dict[str, Any]:
    """Return the fields of a planned feature; its source tells the scenario, and the year if there is one."""
    kept = dict(one.properties)
    for shaped in definition.geometry_fields:
        if kept.get(shaped.name) is not None:
            kept[shaped.name] = shapely.from_geojson(json.dumps(kept[shaped.name]))
    source = told(str(scenario.reference)).zh + (f"，{one.year} 年" if one.year is not None else "")
    return {"provenance": "plan", "source": source, **kept, "status": "planned"}
