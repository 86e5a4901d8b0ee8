"""The finished city into PostGIS: every layer and the city's own card in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import psycopg

from layers.city import TARGETS, CityCard, read_card, store_card, store_setting
from layers.database import Addresses, admin_connection
from layers.definitions import GeometryFamily, LayerDefinition
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.importing.loading import load
from layers.relief import store_relief
from layers.scope import Scope
from layers.search.index import Rebuild
from sample_gis.apart import Maker
from sample_gis.files import write_files
from sample_gis.rasters import write_dem
from sample_gis.telling import Completed, Ended

if TYPE_CHECKING:
    from sample_gis.city import City
    from sample_gis.profile import Profile

#: Name of a step in Chinese, as the screen has it, and the share of it that is done.
Progress = Callable[[str, float], None]

#: Regions come first: everything that follows takes its region code from them.
_FIRST = ("regions", "extents")


def is_empty(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether no city has been loaded or set up yet."""
    return read_card(connection) is None


def load_city(
    addresses: Addresses,
    maker: Maker,
    catalog: Catalog,
    *,
    progress: Progress | None = None,
    rasters: Path | None = None,
    files: Path | None = None,
) -> dict[str, int]:
    """Store the sample city that another process makes.

    Parameters
    ----------
    addresses : Addresses
        Of the database; its layers must exist (``layers.schema.migrate``).
    maker : Maker
        Of `sample_gis.apart.made_apart`.
    progress : callable, optional
        Told each step of loading and how far it is, 0 to 1.
    rasters : Path, optional
        Folder that the relief is written to, as a Cloud Optimized GeoTIFF.
    files : Path, optional
        Folder that files as departments hand them in are written to.

    Returns
    -------
    dict
        Rows stored, by layer.

    Notes
    -----
    Each layer is loaded as soon as no later step of the making changes it.
    One transaction: a start that is killed while loading leaves no half city, and the next one begins again.

    """
    tell, profile = progress or _nothing, maker.profile
    scope = Scope.everything("sample")
    stored: dict[str, int] = {}

    def store(connection: psycopg.Connection[Any], name: str, frame: pd.DataFrame) -> None:
        definition = catalog.layer(name)
        tell(f"入库 {name}", 0.0)
        stored[name] = load(
            connection,
            definition,
            catalog.code_lists,
            geographic(frame, definition, profile),
            scope=scope,
            source=f"样例城市 {profile.name}",
            provenance="synthetic",
            mode="replace",
            progress=partial(_rows_done, tell, name),
        ).rows
        tell(f"入库 {name}", 1.0)

    with admin_connection(addresses) as connection, connection.transaction():
        search = Rebuild(connection, catalog)
        for layer in regions_first(maker.told()):
            if isinstance(layer, Ended):
                city = layer.city
            else:
                store(connection, *layer)
                search.collect(layer.layer)
        tell("检索", 0.0)
        search.store()
        _store_card(connection, city)
        if rasters is not None:
            store_relief(connection, write_dem(city, rasters))
        if files is not None:
            write_files(city, files)
        tell("检索", 1.0)
    return stored


def _nothing(_step: str, _share: float) -> None:
    pass


def regions_first(told: Iterable[Completed | Ended]) -> Iterator[Completed | Ended]:
    """Yield regions and extents first; what is complete before them waits for them."""
    missing, waiting = set(_FIRST), list[Completed | Ended]()
    for one in told:
        if isinstance(one, Completed) and one.layer in missing:
            missing.remove(one.layer)
            yield one
        else:
            waiting.append(one)
        if not missing:
            yield from waiting
            waiting.clear()
    yield from waiting


def _rows_done(tell: Progress, layer: str, done: int, of: int) -> None:
    # Indexes follow the rows: the layer is done when they are made.
    tell(f"入库 {layer}", min(done / max(of, 1), 0.99))


def geographic(frame: pd.DataFrame, definition: LayerDefinition, profile: Profile) -> pd.DataFrame:
    """Return a layer's frame in longitude and latitude, its second geometries too."""
    if definition.geometry is GeometryFamily.NONE:
        return pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    turned = frame.set_crs(profile.crs, allow_override=True).to_crs(4326)
    for field in definition.geometry_fields:
        if field.name in turned:
            turned[field.name] = gpd.GeoSeries(turned[field.name], crs=profile.crs).to_crs(4326)
    return turned


def _store_card(connection: psycopg.Connection[Any], city: City) -> None:
    """Store what the whole city is: its name, clock and that it is a sample; and what was planted in it."""
    profile = city.profile
    west, south, east, north = gpd.GeoSeries([city.outline], crs=profile.crs).to_crs(4326).total_bounds
    store_setting(connection, TARGETS, [one.model_dump() for one in profile.targets])
    card = CityCard(
        name=Words(zh=profile.title_zh, en=profile.title_en),
        region=profile.county,
        bbox=(round(west, 6), round(south, 6), round(east, 6), round(north, 6)),
        as_of=profile.as_of,
        timezone=profile.timezone,
        sample=True,
    )
    store_card(connection, card)
    store_setting(connection, "sample_truth", city.truth)
    figures = {name: figure.model_dump() for name, figure in profile.figures.items()}
    store_setting(
        connection, "sample_profile", {"name": profile.name, "seed": profile.seed, "figures": figures}
    )
