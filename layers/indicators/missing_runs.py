"""The analyses that views show and nobody has run yet: a new city asks for them by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from layers.definitions.loading import Catalog
from layers.definitions.view_loading import Views
from layers.runs.errors import BadRunParameter
from layers.runs.kinds import kind_named
from layers.runs.parameters import parse
from layers.runs.requesting import request
from layers.runs.subjects import subject_of
from layers.scope import Scope

Connection = psycopg.Connection[Any]

_ASKED_FOR = """
    SELECT DISTINCT kind, subject FROM onemap.run
    WHERE region = '' AND NOT live AND state IN ('queued', 'running', 'succeeded')
"""


def shown_runs(views: Views, catalog: Catalog) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the parameters of each analysis that a view draws or reads, by its kind and subject.

    Those of an indicator are what it reads; a result that is only drawn has the usual ones of its kind, and
    is left out where these show something else.

    Examples
    --------
    >>> from layers.definitions.loading import read_catalog
    >>> from layers.indicators.known import views_of
    >>> catalog = read_catalog()
    >>> found = shown_runs(views_of(catalog), catalog)
    >>> found["radio_coverage", "5g"], ("camera_blind_spots", "") in found
    ({'technology': '5g'}, True)
    """
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for view in views.views.values():
        for name in view.told:
            for _, amount in views.indicators[name].amounts:
                if amount.run is not None:
                    key = amount.run, _subject(amount.run, amount.parameters, catalog)
                    found.setdefault(key, amount.parameters)
    for name in (name for view in views.views.values() for name in view.results):
        kind, _, subject = name.partition(".")
        if (kind, subject) in found or (not subject and any(kind == known for known, _ in found)):
            continue
        try:
            usual = _subject(kind, {}, catalog)
        except BadRunParameter:  # a kind that must be told what to show
            continue
        if subject in ("", usual):
            found[kind, usual] = {}
    return found


def request_missing(connection: Connection, scope: Scope, catalog: Catalog, views: Views) -> list[int]:
    """Ask for each analysis of the whole city that views show, has no result and is not on its way.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `layers.database.scoped`.

    Returns
    -------
    list of int
        Ids of the new runs.

    Raises
    ------
    TooManyRuns
        Where too many wait already.
    """
    there = {(row[0], row[1]) for row in connection.execute(_ASKED_FOR)}
    return [
        request(connection, scope, catalog, kind=kind, parameters=parameters)
        for (kind, subject), parameters in shown_runs(views, catalog).items()
        if (kind, subject) not in there
    ]


def _subject(kind: str, parameters: Mapping[str, Any], catalog: Catalog) -> str:
    chosen = kind_named(kind)
    return subject_of(chosen, parse(chosen, parameters, catalog).model_dump(mode="json"))
