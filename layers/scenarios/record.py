"""Scenarios as they are kept: drafted, reviewed, made final; every write is a version that stays.

A version counts whatever is written: changes, note or state. Only a draft takes changes; what is final stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import psycopg
from psycopg import errors
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geo.errors import Refused
from layers.definitions.loading import Catalog
from layers.scenarios.changes import Change, classification_of, from_json, reach_of
from layers.scenarios.errors import NoScenario, ScenarioChanged, ScenarioExists, ScenarioFixed
from layers.scenarios.naming import Reference
from layers.scope import Classification, Scope, Verb

Connection = psycopg.Connection[Any]


class State(StrEnum):
    """How far a scenario is."""

    DRAFT = "draft"
    REVIEW = "review"
    FINAL = "final"


#: What may follow each state.
NEXT = {State.DRAFT: (State.REVIEW,), State.REVIEW: (State.DRAFT, State.FINAL), State.FINAL: ()}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One version of a scenario.

    Attributes
    ----------
    newest : int
        The newest version there is.
    made_at : datetime
        When this version was made, by ``made_by``.
    applied : dict, optional
        Of the newest version: who wrote its planned features, when, and which.
    """

    name: str
    version: int
    newest: int
    state: State
    note: str
    changes: tuple[Change, ...]
    classification: Classification
    reach: list[str] | None
    made_by: str
    made_at: datetime
    applied: dict[str, Any] | None

    @property
    def reference(self) -> Reference:
        """Name and version."""
        return Reference(self.name, self.version)


_VERSION = """
SELECT v.scenario AS name, v.version, s.version AS newest, v.state, v.note, v.changes, v.classification,
       v.reach, v.made_by, v.made_at, s.applied
FROM onemap.scenario AS s JOIN onemap.scenario_version AS v ON v.scenario = s.name
WHERE s.name = %s AND v.version = coalesce(%s::integer, s.version) AND NOT (s.deleted AND %s)
"""
_LIST = """
SELECT name, version, state, note, changes, classification, made_by, made_at, changed_by, changed_at,
       applied IS NOT NULL AS applied
FROM onemap.scenario WHERE NOT deleted AND (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(after)s::text IS NULL OR name > %(after)s)
ORDER BY name LIMIT %(limit)s
"""
_HISTORY = """
SELECT v.version, v.state, v.note, jsonb_array_length(v.changes) AS changes, v.made_by, v.made_at
FROM onemap.scenario AS s JOIN onemap.scenario_version AS v ON v.scenario = s.name
WHERE s.name = %s AND NOT s.deleted ORDER BY v.version DESC
"""
_ADD = """
INSERT INTO onemap.scenario (name, version, state, note, changes, classification, reach, made_by, changed_by)
VALUES (%(name)s, 1, 'draft', %(note)s, %(count)s, %(classification)s, %(reach)s::text[], %(by)s, %(by)s)
"""
# A name that is free again goes on counting, so that no version ever means two things.
_REVIVE = """
UPDATE onemap.scenario SET deleted = false, version = version + 1, state = 'draft', note = %(note)s,
    changes = %(count)s, classification = %(classification)s, reach = %(reach)s::text[], changed_by = %(by)s,
    changed_at = clock_timestamp()
WHERE name = %(name)s AND deleted RETURNING version
"""
_CHANGE = """
UPDATE onemap.scenario SET version = version + 1, state = %(state)s, note = %(note)s, changes = %(count)s,
    classification = %(classification)s, reach = %(reach)s::text[], changed_by = %(by)s,
    changed_at = clock_timestamp()
WHERE name = %(name)s RETURNING version
"""
_KEEP = """
INSERT INTO onemap.scenario_version
    (scenario, version, state, note, changes, classification, reach, made_by)
VALUES (%(name)s, %(version)s, %(state)s, %(note)s, %(changes)s, %(classification)s, %(reach)s::text[],
    %(by)s)
"""


def create(
    connection: Connection,
    scope: Scope,
    catalog: Catalog,
    name: str,
    *,
    changes: Sequence[Change] = (),
    note: str = "",
) -> Scenario:
    """Draft a scenario.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `layers.database.scoped`; so for every function here.
    changes : sequence of Change
        Of `layers.scenarios.changes.check_changes`.

    Raises
    ------
    ScenarioExists
        Where the name is taken.
    Refused
        Where the scope may not write, or not there.
    """
    scope.require(Verb.WRITE)
    values = _values(scope, catalog, name, state=State.DRAFT, changes=changes, note=note)
    row = _written(connection, _REVIVE, values)
    if row is None:
        try:
            with connection.transaction():
                _written(connection, _ADD, values)
        except errors.UniqueViolation as error:
            raise ScenarioExists(f"there is a scenario {name!r} already", scenario=name) from error
    _written(connection, _KEEP, {**values, "version": 1 if row is None else row[0]})
    return read(connection, Reference(name))


def change(
    connection: Connection,
    scope: Scope,
    catalog: Catalog,
    before: Scenario,
    *,
    changes: Sequence[Change] | None = None,
    note: str | None = None,
    state: State | None = None,
) -> Scenario:
    """Write a new version of a scenario that `read_for_change` has read: what is left out stays.

    Raises
    ------
    ScenarioFixed
        Where it is no draft and changes are given, or where the state cannot follow the present one.
    Refused
        Where the scope may not write, or not there.
    """
    scope.require(Verb.WRITE)
    if state is not None and state not in NEXT[before.state]:
        raise ScenarioFixed(
            f"scenario {before.name!r} is {before.state}: {state} cannot follow",
            scenario=before.name, state=str(before.state),
        )  # fmt: skip
    if before.state is not State.DRAFT and (changes is not None or note is not None):
        raise ScenarioFixed(
            f"scenario {before.name!r} is {before.state}: only a draft is changed",
            scenario=before.name, state=str(before.state),
        )  # fmt: skip
    values = _values(
        scope, catalog, before.name, state=state or before.state,
        changes=before.changes if changes is None else changes, note=before.note if note is None else note,
    )  # fmt: skip
    row = _written(connection, _CHANGE, values)
    _written(connection, _KEEP, {**values, "version": row and row[0]})
    return read(connection, Reference(before.name))


def delete(connection: Connection, scope: Scope, before: Scenario) -> None:
    """Take a scenario out of sight; its versions stay for the runs that name them.

    Raises
    ------
    ScenarioFixed
        Where its planned features were written.
    """
    scope.require(Verb.WRITE)
    if before.applied is not None:
        raise ScenarioFixed(
            f"scenario {before.name!r} was applied and stays", scenario=before.name, state=str(before.state)
        )
    done = connection.execute(
        "UPDATE onemap.scenario SET deleted = true, changed_by = %s, changed_at = clock_timestamp()"
        " WHERE name = %s",
        [scope.subject, before.name],
    )
    if done.rowcount != 1:
        raise Refused(f"this scope may not delete scenario {before.name!r}", scenario=before.name)


def read(connection: Connection, reference: Reference, *, also_deleted: bool = False) -> Scenario:
    """Return a version of a scenario, or raise `NoScenario`.

    Parameters
    ----------
    also_deleted : bool
        True for a run that was asked for before it went.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_VERSION, [reference.name, reference.version, not also_deleted]).fetchone()
    if row is None:
        raise NoScenario(f"there is no scenario {reference}", scenario=str(reference))
    return Scenario(
        **{
            **row,
            "state": State(row["state"]),
            "changes": from_json(row["changes"]),
            "classification": Classification(row["classification"]),
        }
    )


def read_for_change(connection: Connection, name: str, versions: frozenset[int] | None) -> Scenario:
    """Return the newest version and hold the scenario until the transaction ends.

    Parameters
    ----------
    versions : frozenset of int, or None
        Those that the caller has read (If-Match); None takes whatever stands.

    Raises
    ------
    NoScenario
        Where there is none, or none that this scope may write.
    ScenarioChanged
        Where somebody else has written since.
    """
    connection.execute("SELECT FROM onemap.scenario WHERE name = %s FOR UPDATE", [name])
    found = read(connection, Reference(name))
    if versions is not None and found.version not in versions:
        raise ScenarioChanged(
            f"scenario {name!r} was changed since; it is at version {found.version}",
            scenario=name, version=found.version,
        )  # fmt: skip
    return found


def every(
    connection: Connection, *, state: State | None = None, after: str | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Return the scenarios of this reader by name, without their changes."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_LIST, {"state": state, "after": after, "limit": limit}).fetchall()


def history(connection: Connection, name: str) -> list[dict[str, Any]]:
    """Return the versions of a scenario, newest first, or raise `NoScenario`."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_HISTORY, [name]).fetchall()
    if not rows:
        raise NoScenario(f"there is no scenario {name!r}", scenario=name)
    return rows


def _values(
    scope: Scope, catalog: Catalog, name: str, *, state: State, changes: Sequence[Change], note: str
) -> dict[str, Any]:
    return {
        "name": name, "state": str(state), "note": note, "count": len(changes), "by": scope.subject,
        "classification": str(classification_of(catalog, changes)), "reach": reach_of(catalog, changes),
        "changes": Jsonb([one.as_json() for one in changes]),
    }  # fmt: skip


def _written(connection: Connection, query: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    try:
        done = connection.execute(query.encode(), values)
        return done.fetchone() if "RETURNING" in query else None
    except errors.InsufficientPrivilege as error:
        raise Refused("this scope may not write a scenario there", scenario=values["name"]) from error
