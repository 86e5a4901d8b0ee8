"""Ways to the database: addresses, pools, and one transaction with its scope set.

Three roles (DESIGN section 8): ``onemap_owner`` owns everything and cannot log in; ``onemap_app`` serves
requests under row-level security and owns nothing; ``onemap_admin`` migrates and acts as the owner. No
connection made here is ever a superuser's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

import asyncpg
import psycopg
from psycopg.conninfo import conninfo_to_dict

from layers.scope import LayerScope, Scope

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

    Connection = psycopg.Connection[Any]

#: Where names without a schema are looked up. Extensions live in ``ext``, never in ``public``.
SEARCH_PATH = "city, results, onemap, ext"

#: Longest time of one statement of a read, in milliseconds.
READ_TIMEOUT_MS = 5_000

#: Name of the transaction setting that holds region prefixes, or ``*`` for the whole city.
REGIONS_SETTING = "onemap.regions"

_SET_SCOPE: LiteralString = """
    SELECT set_config('onemap.subject', %(subject)s, true),
           set_config('onemap.verbs', %(verbs)s, true),
           set_config('onemap.classifications', %(classifications)s, true),
           set_config('onemap.regions', %(regions)s, true)
"""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the database is, once for each login role.

    Attributes
    ----------
    application, admin : str
        ``postgresql://`` URLs of the roles ``onemap_app`` and ``onemap_admin``; a unix socket is written
        ``postgresql://user:password@/onemap?host=/directory``.
    """

    application: str
    admin: str

    @property
    def on_this_machine(self) -> bool:
        """Whether the database shares the processors of whoever asks: by a unix socket or a loopback name.

        Examples
        --------
        >>> Addresses("postgresql://app@/onemap?host=/run/postgresql", "").on_this_machine
        True
        >>> Addresses("postgresql://app@database.city/onemap", "").on_this_machine
        False
        """
        given = conninfo_to_dict(self.application)
        names = f"{given.get('hostaddr') or given.get('host') or '/'}".split(",")
        return all(name.startswith(("/", "127.", "@")) or name in {"localhost", "::1"} for name in names)

    def __repr__(self) -> str:
        """Leave the passwords out of logs."""
        return "Addresses(application=…, admin=…)"


async def open_reading_pool(addresses: Addresses, *, size: int = 8) -> asyncpg.Pool:
    """Open the pool of the hot reads: ``onemap_app``, read-only, with a pinned search path.

    Parameters
    ----------
    addresses : Addresses
        Only ``application`` is used.
    size : int
        Greatest number of connections; one is opened at once, the others when needed.
    """

    async def keep(connection: asyncpg.Connection) -> None:
        """Skip asyncpg's reset: readers hold no session state, and it costs a round trip each time."""

    return await asyncpg.create_pool(
        addresses.application,
        min_size=1,
        max_size=size,
        statement_cache_size=1024,
        max_cacheable_statement_size=64 * 1024,
        reset=keep,
        server_settings={
            "application_name": "onemap reads",
            "search_path": SEARCH_PATH,
            "default_transaction_read_only": "on",
            "statement_timeout": str(READ_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": "30000",
            "timezone": "UTC",
            "datestyle": "ISO, YMD",
            "jit": "off",
        },
    )


def scope_settings(scope: Scope) -> dict[str, str]:
    """Return a scope as the transaction settings that the row-level policies read.

    Examples
    --------
    >>> scope_settings(Scope.everything("tests"))["regions"]
    '*'
    """
    prefixes = scope.region_prefixes
    return {
        "subject": scope.subject,
        "verbs": ",".join(sorted(scope.verbs)),
        "classifications": ",".join(sorted(scope.classifications)),
        "regions": "*" if prefixes is None else ",".join(sorted(set(prefixes))),
    }


def region_setting(scope: LayerScope) -> str:
    """Return the regions of a layer scope as the value of `REGIONS_SETTING`."""
    return "*" if scope.whole_city else ",".join(scope.region_prefixes)


def set_scope(connection: Connection, scope: Scope) -> None:
    """Set the scope for the rest of the present transaction."""
    connection.execute(_SET_SCOPE, scope_settings(scope))


@contextmanager
def scoped(source: ConnectionPool[Connection] | Connection, scope: Scope) -> Iterator[Connection]:
    """Give a connection inside a transaction that has the scope set.

    Parameters
    ----------
    source : psycopg_pool.ConnectionPool or psycopg.Connection
        A pool to borrow from, or a connection to use.
    scope : Scope
        Who is at work. Row-level policies, the change log and the history read it.

    Yields
    ------
    psycopg.Connection
        Commits at the end, rolls back on any error.
    """
    if isinstance(source, psycopg.Connection):
        with source.transaction():
            set_scope(source, scope)
            yield source
        return
    with source.connection() as connection, connection.transaction():
        set_scope(connection, scope)
        yield connection


def connect_application(addresses: Addresses) -> Connection:
    """Open one connection of the application's role (command line, worker); close it with ``with``."""
    return psycopg.connect(
        addresses.application, autocommit=True, options=_options("onemap"), prepare_threshold=5
    )


@contextmanager
def admin_connection(addresses: Addresses) -> Iterator[Connection]:
    """Give an autocommit connection of ``onemap_admin`` that acts as ``onemap_owner``.

    For migrations, reconciling and imports by an administrator. What it makes belongs to the owner.
    """
    with psycopg.connect(
        addresses.admin, autocommit=True, options=_options("onemap admin"), prepare_threshold=5
    ) as connection:
        connection.execute("SET ROLE onemap_owner")
        yield connection


def _options(application: str) -> str:
    path = SEARCH_PATH.replace(" ", "")
    name = application.replace(" ", "\\ ")
    return f"-c search_path={path} -c application_name={name} -c timezone=UTC -c datestyle=ISO -c jit=off"
