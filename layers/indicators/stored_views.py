"""Views that an administrator has added, replaced or removed while the service runs: kept in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import psycopg
import structlog

from geo.errors import NotFound
from layers.audit import note
from layers.city import read_setting, store_setting
from layers.definitions.condition_flaws import Known
from layers.definitions.loading import BadDefinition
from layers.definitions.view import ViewDefinition
from layers.definitions.view_loading import Views, parse_view
from layers.scope import Scope, Verb

#: Key of the setting: the document of each view by name; None where a view was removed.
SETTING = "views"
WHERE = "the posted document"

log = structlog.get_logger(__name__)

Stored = Mapping[str, str | None]


def with_stored(files: Views, stored: Stored, known: Known) -> Views:
    """Return the views of the files with those that are stored in their place.

    A stored view that fits the layers no longer is left out and logged: the others still open.
    """
    views = files
    for name, document in stored.items():
        if document is None:
            views = without(views, name)
            continue
        try:
            views = views.with_view(parse_view(document, f"stored view {name}", known, files.indicators))
        except BadDefinition as error:
            log.warning("stored view does not fit", view=name, reason=error.message)
            views = without(views, name)
    return views


def without(views: Views, name: str) -> Views:
    """Return the views without one."""
    return replace(views, views=MappingProxyType({k: one for k, one in views.views.items() if k != name}))


def put_view(
    connection: psycopg.Connection[Any], document: str, files: Views, known: Known, *, scope: Scope
) -> ViewDefinition:
    """Add a view, or put it in place of one of the same name.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`.
    document : str
        YAML or JSON, as the files of ``layers/views`` have it.
    scope : Scope
        Needs the verb ``administer``.

    Raises
    ------
    BadDefinition
        Where it cannot be used; names the line and the key.
    """
    scope.require(Verb.ADMINISTER)
    view = parse_view(document, WHERE, known, files.indicators)
    _change(connection, scope, view.name, document, "put-view")
    return view


def remove_view(connection: psycopg.Connection[Any], name: str, files: Views, *, scope: Scope) -> None:
    """Remove a view: one that was added is gone, one of the files is not shown until it is put again.

    Raises
    ------
    NotFound
        Where there is no such view.
    """
    scope.require(Verb.ADMINISTER)
    stored = read_setting(connection, SETTING) or {}
    if stored.get(name, name if name in files.views else None) is None:
        raise NotFound(f"there is no view {name[:60]!r}", view=name[:60])
    _change(connection, scope, name, None, "remove-view", forget=name not in files.views)


def _change(
    connection: psycopg.Connection[Any],
    scope: Scope,
    name: str,
    document: str | None,
    action: str,
    *,
    forget: bool = False,
) -> None:
    with connection.transaction():
        # one change after the other, so that none is lost
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('onemap views'))")
        stored = dict(read_setting(connection, SETTING) or {})
        stored[name] = document
        if forget:
            del stored[name]
        store_setting(connection, SETTING, stored)
        note(
            connection, actor=scope.subject, action=action, layer=None, outcome="done", details={"view": name}
        )  # fmt: skip
