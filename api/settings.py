"""Settings of the service, read from ``ONEMAP_…`` variables when an app is made, never at import."""

from __future__ import annotations

import difflib
import hashlib
import ipaddress
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo.errors import BadInput
from layers.database import Addresses

PREFIX = "ONEMAP_"
#: Read by the tests, not by the service.
_OTHERS = ("TEST_DATA",)
ROOT = Path(__file__).resolve().parent.parent


class BadSetting(BadInput):
    """A setting has a value that cannot be used; details: ``setting``, ``reason``."""

    code = "bad-setting"


class Settings(BaseSettings):
    """What the service is told from outside.

    Attributes
    ----------
    home : Path
        Folder of the embedded database and of everything else that the service keeps.
    host, port :
        Where the service listens. Until accounts exist only loopback addresses are taken.
    hosts : tuple of str
        Further names in the ``Host`` header that the service answers to, beside loopback names: a page of
        another site that re-binds its name to 127.0.0.1 gets nothing.
    database_url, database_admin_url : str, optional
        ``postgresql://`` URLs of the roles ``onemap_app`` and ``onemap_admin``; None is the embedded cluster.
    pool_size : int
        Connections for reading tiles and items.
    tile_queue : int
        Tiles that may wait for a connection before further ones get 503.
    event_streams, event_streams_each : int
        Streams of events that may be open at once: in one process, and of one client.
    tile_memory_mb, tile_disk_mb : int
        Megabytes of drawn tiles kept in memory by each process, and on disk by all of them; 0 keeps none.
    tiles : Path, optional
        Folder of the tiles on disk; where left out, one below ``home`` for each database.
    video_link : str
        Address of a camera in the video platform, with ``{device_id}`` for its GB/T 28181 id; empty for none.
        The map never carries video itself.
    approval_number : str, optional
        Map approval number (审图号) printed on the map.
    producer : str
        Who makes the map, printed beside the approval number.
    sample : bool, optional
        Says that the city is a sample one; None asks the database.
    web : Path
        Folder of the built web app.
    process : int
        Number of this process where several answer on one port (``onemap up --workers``), which sets it; 0
        where it is alone.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = ROOT / ".onemap"
    tiles: Path | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    hosts: tuple[str, ...] = ()
    database_url: str | None = None
    database_admin_url: str | None = None
    pool_size: Annotated[int, Field(ge=1, le=200)] = 8
    tile_queue: Annotated[int, Field(ge=0, le=10_000)] = 1024
    event_streams: Annotated[int, Field(ge=1, le=10_000)] = 512
    event_streams_each: Annotated[int, Field(ge=1, le=10_000)] = 64
    tile_memory_mb: Annotated[int, Field(ge=0, le=1_000_000)] = 256
    tile_disk_mb: Annotated[int, Field(ge=0, le=10_000_000)] = 4096
    video_link: str = ""
    approval_number: str | None = None
    producer: str = ""
    sample: bool | None = None
    web: Path = ROOT / "web" / "dist"
    process: Annotated[int, Field(ge=0, le=1000)] = 0

    @field_validator("database_url", "database_admin_url")
    @classmethod
    def _is_a_postgresql_url(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in ("postgresql", "postgres"):
            raise ValueError("a database address begins with postgresql://")
        return value

    @field_validator("video_link")
    @classmethod
    def _is_a_web_address(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in ("https", "http") or "{device_id}" not in value):
            raise ValueError("the link to the video platform begins with https:// and has {device_id} in it")
        return value

    @property
    def addresses(self) -> Addresses | None:
        """Addresses of the database that was named, or None where none was."""
        if self.database_url is None:
            return None
        return Addresses(self.database_url, self.database_admin_url or self.database_url)

    def serving(self, addresses: Addresses, **more: object) -> Settings:
        """Return these settings with the database that was found for them."""
        named = {"database_url": addresses.application, "database_admin_url": addresses.admin}
        return self.model_copy(update={**named, "tiles": self.tile_folder, **more})

    def variables(self) -> dict[str, str]:
        """Return the variables by which a process that is started from here serves the same city."""
        named = {} if self.addresses is None else variables_of(self.addresses)
        return {**named, f"{PREFIX}TILES": str(self.tile_folder), f"{PREFIX}PORT": str(self.port)}

    @property
    def process_folder(self) -> Path:
        """Folder in which the processes that answer on one port tell each other what they counted."""
        return self.home / "processes" / str(self.port)

    @property
    def tile_folder(self) -> Path:
        """Folder of the drawn tiles of this database: those of two cities must never mix."""
        if self.tiles is not None or self.database_url is None:
            return self.tiles or self.home / "tiles"
        parts = urlsplit(self.database_url)
        place = f"{parts.hostname}:{parts.port}{parts.path}?{parts.query}"
        return self.home / "tiles" / hashlib.blake2b(place.encode(), digest_size=6).hexdigest()

    @property
    def on_loopback(self) -> bool:
        """True where nobody outside this machine can reach the service."""
        return is_loopback(self.host)


def variables_of(addresses: Addresses) -> dict[str, str]:
    """Return the variables that name a database."""
    return {
        f"{PREFIX}DATABASE_URL": addresses.application,
        f"{PREFIX}DATABASE_ADMIN_URL": addresses.admin,
    }


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine only; asked for every tile.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def read_settings() -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    BadSetting
        Names the variable and what is wrong with it; a value is not repeated, it may hold a password.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        setting = PREFIX + "_".join(str(part) for part in first["loc"][:1]).upper()
        reason = str(first["msg"])
        raise BadSetting(f"{setting} cannot be used: {reason}", setting=setting, reason=reason) from None


def unknown_variables(environment: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """Return ``ONEMAP_…`` variables that no setting reads, each with the nearest known name or None.

    Examples
    --------
    >>> unknown_variables({"ONEMAP_PROT": "1", "ONEMAP_HOST": "::1", "HOME": "/"})
    {'ONEMAP_PROT': 'ONEMAP_PORT'}
    """
    known = [name.upper() for name in Settings.model_fields] + list(_OTHERS)
    names = sorted(os.environ if environment is None else environment)
    given = [name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)]
    return {
        PREFIX + name: next((PREFIX + near for near in difflib.get_close_matches(name, known, n=1)), None)
        for name in given
        if name not in known
    }
