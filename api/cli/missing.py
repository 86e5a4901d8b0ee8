"""Ask for the analyses that views show and nobody has run yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layers.database import Addresses


def ask_for_missing(addresses: Addresses) -> list[int]:
    """Return the ids of the runs that were asked for; a worker carries them out."""
    from layers.database import admin_connection, connect_application, scoped
    from layers.definitions.loading import read_catalog
    from layers.indicators.known import views_of
    from layers.indicators.missing_runs import request_missing
    from layers.schema.runtime import with_runtime_layers
    from layers.scope import Scope

    scope = Scope.everything("command line")
    with admin_connection(addresses) as connection:
        catalog = with_runtime_layers(connection, read_catalog())
    with connect_application(addresses) as connection, scoped(connection, scope) as scoped_connection:
        return request_missing(scoped_connection, scope, catalog, views_of(catalog))
