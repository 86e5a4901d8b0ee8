"""``onemap analyse kernel-density``: the smooth picture of incidents, as a raster of the map."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer


def kernel_density(
    classes: Annotated[str, typer.Option(help="Class code or its beginning; all classes otherwise.")] = "",
    step: Annotated[str, typer.Option(help="hour, day, week or month.")] = "month",
    steps: Annotated[int, typer.Option(help="How many steps, up to the latest incident.")] = 12,
    until: Annotated[
        str | None, typer.Option(help="Last day, as 2020-12-31; that of the latest incident otherwise.")
    ] = None,
    bandwidth: Annotated[
        float | None, typer.Option(help="Standard deviation of the kernel in metres; found where left out.")
    ] = None,
    region: Annotated[str, typer.Option(help="Code of a region; the whole city otherwise.")] = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Also write this GeoTIFF.")] = None,
) -> None:
    """Draw the density of incidents as a raster; the tested picture is that of hotspots."""
    from dataclasses import replace

    from api.cli.database import city_database
    from api.settings import read_settings
    from layers.database import admin_connection, connect_application
    from layers.definitions.loading import read_catalog
    from layers.definitions.words import Words
    from layers.raster_style import RasterStyle
    from layers.rasters import register, tags_of
    from layers.runs.hotspot_findings import sensitive_classes
    from layers.runs.hotspot_parameters import HotspotParameters
    from layers.runs.hotspots import INCIDENT_HOTSPOTS
    from layers.runs.inputs import one_moment, read_here
    from layers.runs.kernel_density import density_of, write_geotiff
    from layers.runs.parameters import parse
    from layers.schema.runtime import with_runtime_layers
    from layers.scope import Classification, Scope

    settings = read_settings()
    given = {"classes": classes, "step": step, "steps": steps, "until": until, "against": "area"}
    with city_database(settings) as addresses:
        with admin_connection(addresses) as connection:
            catalog = with_runtime_layers(connection, read_catalog())
        parameters = HotspotParameters.model_validate(parse(INCIDENT_HOTSPOTS, given, catalog).model_dump())
        # density needs the points, which the kept counts do not have
        wanted = [replace(one, kept=None) for one in INCIDENT_HOTSPOTS.wanted(parameters)]
        with (
            connect_application(addresses) as connection,
            one_moment(connection, Scope.everything("command line")),
        ):
            inputs = read_here(connection, catalog, wanted, region=region).inputs
    raster, facts = density_of(parameters, inputs, bandwidth_m=bandwidth)
    name = f"incident_density_{classes.lower()}" if classes else "incident_density"
    known = catalog.code_lists["incident_class"].codes
    chosen = [code.code for code in known if code.code.startswith(classes)]
    # where few incidents of a sensitive class are, only some may know
    closed = sensitive_classes().issuperset(chosen)
    classification = Classification.RESTRICTED if closed else Classification.INTERNAL
    codes = {code.code: code.title for code in known}
    of = codes.get(classes, Words(zh=f"{classes} 类事件" if classes else "事件", en=classes or "Incidents"))
    title = Words(zh=f"{of.zh}核密度", en=f"{of.en}: kernel density")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.tif"
        write_geotiff(raster, file)
        source = f"One Map, KDE, {facts['counted']} incidents"
        tags = tags_of(title, RasterStyle.DENSITY, source, classification)
        made = register(file, settings.home / "rasters", name, tags)
        if output is not None:
            shutil.copyfile(file, output)
    typer.echo(
        f"{made.name}: {facts['counted']:,} incidents, at most {raster.values.max():.0f} per km²; "
        f"/raster/{made.name}/{{z}}/{{x}}/{{y}}.png"
    )
