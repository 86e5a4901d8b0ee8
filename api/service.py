"""What one running service holds: settings, catalogue, the way to the database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import asyncpg
import orjson
import structlog

from api.as_of import Records
from api.errors import DatabaseUnavailable, NoLayer, TooSlow
from api.last_told import LastTold
from api.limits import Admission
from api.live.follower import Feed
from api.live.hub import Hub
from api.renewing import Renewals
from api.settings import Settings
from api.tile_plans import Plans
from geo.errors import NotFound, Unavailable
from layers.around.kept import Around
from layers.database import open_reading_pool
from layers.definitions import LayerDefinition
from layers.definitions.loading import Catalog
from layers.definitions.view_loading import Views
from layers.indicators.adding_up import Asking, Kept, Renewing
from layers.indicators.clock import Clock
from layers.indicators.known import known_to, views_of
from layers.indicators.series import KeptSeries
from layers.indicators.stored_views import SETTING as STORED_VIEWS
from layers.indicators.stored_views import with_stored
from layers.runs.siting.moving import Kept as SiteModel
from layers.scope import LayerScope, Scope
from tilecache.compose import Composer
from tilecache.following import TileMarks
from tilecache.store import TileStore

if TYPE_CHECKING:
    from layers.database import Addresses

CONNECT_SECONDS = 3.0
#: Longest time that one request may hold a connection. The server ends a statement before that; this is for a
#: server that does not answer at all.
ANSWER_SECONDS = 10.0
#: The same for what is computed while nobody waits for it.
RENEWAL_SECONDS = 90.0

#: What says that the database cannot be reached, as told from a mistake in a question.
UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that was cut in the middle of a conversation
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)

log = structlog.get_logger(__name__)


@dataclass
class Database:
    """The reading pool, opened when the database first answers.

    Attributes
    ----------
    addresses : Addresses, optional
        Where it is; None where nothing was named.
    size : int
        Connections of the pool.
    """

    addresses: Addresses | None
    size: int
    _pool: Any = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def connection(self, seconds: float = ANSWER_SECONDS) -> AsyncIterator[Any]:
        """Lend a connection of the role ``onemap_app``.

        Parameters
        ----------
        seconds : float
            For how long at most.

        Raises
        ------
        DatabaseUnavailable
            Where the database cannot be reached or goes away meanwhile.
        TooSlow
            Where a statement reached its time limit.
        """
        try:
            pool = await self._open_pool()
            async with pool.acquire(timeout=CONNECT_SECONDS) as connection:
                try:
                    async with asyncio.timeout(seconds):
                        yield connection
                except UNREACHABLE:
                    # whatever state it is in, nobody else shall get it
                    connection.terminate()
                    raise
        except asyncpg.QueryCanceledError as error:
            raise TooSlow("a statement reached its time limit") from error
        except Unavailable as error:
            if isinstance(error.__cause__, asyncpg.QueryCanceledError):
                raise TooSlow(error.message, **error.details) from error
            raise
        except UNREACHABLE as error:
            if isinstance(error, ValueError):
                raise  # asyncpg's word for a value that we should not have sent: a mistake of ours
            raise DatabaseUnavailable(f"the database is out of reach: {type(error).__name__}") from error

    async def _open_pool(self) -> Any:
        if self._pool is not None:
            return self._pool
        if self.addresses is None:
            raise DatabaseUnavailable("no database was named; set ONEMAP_DATABASE_URL or run onemap up")
        async with self._opening:
            if self._pool is None:
                async with asyncio.timeout(CONNECT_SECONDS):
                    self._pool = await open_reading_pool(self.addresses, size=self.size)
        return self._pool

    async def close(self) -> None:
        """Close the pool; what still runs is given a moment."""
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await pool.close()
            except TimeoutError:
                pool.terminate()


@dataclass
class Service:
    """One running service.

    Attributes
    ----------
    catalog : Catalog
        The layers of the files and those added at run time.
    admission : Admission
        Turns for work with the database that draws tiles.
    adding_up : Admission
        Turns for work with the database that tells of indicators; see `telling`.
    feed : Feed
        Tells this process of every change: ``feed.subscribe(listener)``.
    hub : Hub
        The streams of events.
    tiles : TileStore
        Tiles that were drawn.
    composer : Composer
        Tiles of several layers.
    views : Views
        The views of the files, with their indicators and plans; `current_views` has those that were stored.
    kept : Kept
        Sums of layers by region that indicators were made from.
    last_told : LastTold
        Views as they were told last.
    renewals : Renewals
        Sums that are added up anew while old ones are told.
    series : KeptSeries
        Indicators day by day that were told.
    around : Around
        Layers that looks around a place have read, and ways of indicators.
    site_models : dict
        Models of site plans that were asked for last, by run.
    timezone : ZoneInfo
        The city's time zone, in which a bare date is a day.
    stands_on : date, optional
        The day on which the city's clock stands; None where it runs.
    records : Records
        Since when layers are known.
    """

    settings: Settings
    catalog: Catalog
    database: Database
    admission: Admission
    adding_up: Admission
    feed: Feed
    tiles: TileStore
    composer: Composer
    views: Views
    plans: Plans = field(default_factory=Plans)
    kept: Kept = field(default_factory=Kept)
    last_told: LastTold = field(default_factory=LastTold)
    series: KeptSeries = field(default_factory=KeptSeries)
    around: Around = field(default_factory=Around)
    site_models: dict[int, SiteModel] = field(default_factory=dict)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    stands_on: date | None = None
    records: Records = field(default_factory=Records)
    stored_views: tuple[str | None, Catalog, Views] | None = None
    hub: Hub = field(init=False)
    renewals: Renewals = field(init=False)

    def __post_init__(self) -> None:
        self.kept.ways.layers = self.around
        # with those who wait for them, at most three quarters of the connections
        most = max(1, self.settings.pool_size // 4)
        self.renewals = Renewals(lambda: self.database.connection(RENEWAL_SECONDS), most)
        self.hub = Hub(
            self.feed,
            self.database.connection,
            lambda: self.catalog,
            most=self.settings.event_streams,
            most_each=self.settings.event_streams_each,
        )

    def today(self) -> date:
        """Return the city's own day."""
        return self.stands_on or datetime.now(self.timezone).date()

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[Any]:
        """Lend a connection to who tells of indicators.

        After an edit many ask for sums that one of them adds up, and hold their connections meanwhile: half
        of the pool stays free for all else.

        Raises
        ------
        Busy
            Where too many wait already.
        """
        async with self.adding_up.turn(), self.database.connection() as connection:
            yield connection

    async def current_views(self, connection: Any) -> Views:
        """Return the views as they are now: those of the files, with what an administrator has changed."""
        text = await connection.fetchval("SELECT value FROM onemap.setting WHERE key = $1", STORED_VIEWS)
        kept = self.stored_views
        if kept is not None and kept[0] == text and kept[1] is self.catalog:
            return kept[2]
        stored = orjson.loads(text or "{}")
        views = with_stored(self.views, stored, known_to(self.catalog)) if stored else self.views
        self.stored_views = (text, self.catalog, views)
        return views

    def asking(self, scope: Scope, clock: Clock, city: str | None, *, old: bool = False) -> Asking:
        """Return who asks for indicators, of which day, with what this process keeps.

        Parameters
        ----------
        old : bool
            True for who takes old sums, and says so, while new ones are added up. That takes a connection
            beside the asker's own: with one alone everybody waits.
        """
        renewing = Renewing(self.renewals.begin) if old and self.settings.pool_size > 1 else None
        return Asking(scope, self.catalog, clock, city, self.kept, renewing=renewing)

    @classmethod
    def made_from(cls, settings: Settings, catalog: Catalog) -> Service:
        """Return a service that has not started yet."""
        on_disk = settings.tile_folder if settings.tile_disk_mb else None
        memory = settings.tile_memory_mb * 1_000_000
        tiles = TileStore(on_disk, memory * 3 // 4, settings.tile_disk_mb * 1_000_000)
        return cls(
            settings=settings,
            catalog=catalog,
            database=Database(settings.addresses, settings.pool_size),
            admission=Admission(_drawing_at_once(settings), settings.tile_queue),
            adding_up=Admission(max(1, settings.pool_size // 2), settings.tile_queue),
            feed=Feed(settings.addresses, TileMarks(lambda: tiles.journal, tiles.lose_disk)),
            tiles=tiles,
            composer=Composer(settings.tile_memory_mb * 1_000_000 // 4),
            views=views_of(catalog),
        )

    def layer(self, name: str, scope: Scope) -> tuple[LayerDefinition, LayerScope]:
        """Return a layer and what the reader may see of it.

        Raises
        ------
        NoLayer
            Where there is none, or none for this reader: one answer for both.
        """
        try:
            definition = self.catalog.layer(name)
            return definition, scope.for_layer(definition)
        except NotFound:
            raise NoLayer("no such layer", layer=name[:60]) from None

    def open_layers(self, scope: Scope) -> list[LayerDefinition]:
        """Return the layers that a reader may open, by name."""
        return sorted(
            (layer for layer in self.catalog.layers.values() if scope.may_open(layer)),
            key=lambda layer: layer.name,
        )


def _drawing_at_once(settings: Settings) -> int:
    """Return how many tiles are drawn at once.

    One connection stays free for readiness, search and items. A database that shares this machine's
    processors draws no more tiles by drawing more at once; each only takes longer, the longest most.
    """
    most = max(1, settings.pool_size - 1)
    shared = settings.addresses is not None and settings.addresses.on_this_machine
    return min(most, (os.cpu_count() or 2) + 1) if shared else most
