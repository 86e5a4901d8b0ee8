"""Asking for a run and calling one off, in the caller's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from geo.errors import Refused
from layers.definitions.loading import Catalog
from layers.runs.errors import NoRun, NoSuchRegion, RegionNeeded, TooManyRuns
from layers.runs.inputs import read_region
from layers.runs.kinds import kind_named
from layers.runs.parameters import parse
from layers.runs.record import State
from layers.runs.subjects import subject_of
from layers.scenarios.naming import reference
from layers.scenarios.record import read as read_scenario
from layers.schema.policies import by_region
from layers.scope import Classification, Scope, Verb, highest

Connection = psycopg.Connection[Any]

#: Runs that may wait or go on at the same time.
MOST_WAITING = 50


def request(
    connection: Connection,
    scope: Scope,
    catalog: Catalog,
    *,
    kind: str,
    parameters: Mapping[str, Any],
    region: str = "",
) -> int:
    """Ask for a run: its record and its job are made together, or not at all.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `layers.database.scoped`.
    scope : Scope
        The requester's; the inputs are read under it.
    kind : str
        Name of the analysis.
    parameters : mapping
        As the kind defines them.
    region : str
        Code of a region; empty for the whole city.

    Returns
    -------
    int
        Id of the run.

    Raises
    ------
    NoKind, BadRunParameter
        For what does not exist or does not fit; a layer that is closed to the requester does not exist.
    NoSuchRegion, RegionNeeded
        For a region that is not there or not the requester's.
    Refused
        For a run that would be restricted, where the requester may not open what is.
    NoScenario
        Where the parameters name a scenario that is not there, or not for the requester.
    TooManyRuns
        Where too many wait already.
    """
    scope.require(Verb.READ)
    chosen = kind_named(kind)
    # A layer that the reader may not open is answered like one that is not there.
    open_layers = {name: layer for name, layer in catalog.layers.items() if scope.may_open(layer)}
    checked = parse(chosen, parameters, Catalog(open_layers, catalog.code_lists))
    layers = [catalog.layer(one.layer) for one in chosen.wanted(checked) if not one.optional]
    for layer in layers:
        scope.for_layer(layer)
    classifications = [layer.classification for layer in layers]
    if chosen.restricts(checked):
        if Classification.RESTRICTED not in scope.classifications:
            raise Refused("such a run is restricted, and this reader may not open what is restricted")
        classifications.append(Classification.RESTRICTED)
    prefix = read_region(connection, region)[1] if region else ""
    reach = None
    if any(by_region(layer) for layer in layers):
        reach = [prefix] if prefix else []
        _check_reach(scope, region, prefix)
    kept = checked.model_dump(mode="json")
    if kept.get("scenario") is not None:
        # The version of now: what is written into the scenario later is no part of this run.
        scenario = read_scenario(connection, reference(kept["scenario"]))
        kept["scenario"] = str(scenario.reference)
        classifications.append(scenario.classification)
        reach = _together(reach, scenario.reach)
    row = connection.execute(
        "SELECT onemap.request_run(%s, %s, %s, %s, %s, %s::text[], %s)",
        [
            chosen.name,
            subject_of(chosen, kept),
            Jsonb(kept),
            region,
            str(highest(classifications)),
            reach,
            MOST_WAITING,
        ],
    ).fetchone()
    if row is None or row[0] is None:
        raise TooManyRuns(f"{MOST_WAITING} runs wait already; try again later", limit=MOST_WAITING)
    return int(row[0])


def call_off(connection: Connection, run: int) -> State:
    """Cancel a run that waits, or ask the worker to end one that goes on.

    Returns
    -------
    State
        ``cancelled`` where it waited; ``running`` where it will stop in a moment; else the state in which it
        had ended already.

    Raises
    ------
    NoRun
        Where there is none, or none for this reader.
    Refused
        Where somebody else asked for it and the scope does not administer.
    """
    try:
        row = connection.execute("SELECT onemap.cancel_run(%s)", [run]).fetchone()
    except psycopg.errors.InsufficientPrivilege as error:
        raise Refused("this run was asked for by somebody else", run=run) from error
    if row is None or row[0] is None:
        raise NoRun(f"there is no run {run}", run=run)
    return State(row[0])


def _together(one: list[str] | None, other: list[str] | None) -> list[str] | None:
    """Return what a reader must reach to reach both; nothing named is the whole city."""
    if one is None or other is None:
        return other if one is None else one
    return sorted({*one, *other}) if one and other else []


def _check_reach(scope: Scope, region: str, prefix: str) -> None:
    if scope.region_prefixes is None:
        return
    if not region:
        raise RegionNeeded(
            f"name the region of the run: {', '.join(scope.region_prefixes)}",
            regions=list(scope.region_prefixes),
        )
    if not prefix.startswith(tuple(scope.region_prefixes)):
        raise NoSuchRegion(f"there is no region {region[:48]!r}", region=region[:48])
