"""``onemap analyse radio-measurements``: a drive test against the prediction."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from geopandas import GeoSeries

    from layers.definitions.loading import Catalog
    from layers.runs.kinds import Inputs

MODEL_HELP = (
    "auto: by each site's surroundings and carrier; uma, umi, rma or sma of 3GPP TR 38.901; hata-urban, "
    "hata-suburban or hata-open under 500 MHz."
)


def radio_measurements(
    file: Annotated[Path, typer.Argument(help="CSV of a drive test: longitude, latitude, RSRP; SINR, time.")],
    datum: Annotated[
        str | None, typer.Option(help="Of its degrees: cgcs2000, wgs84, gcj02 or bd09. Must be said.")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="Its projected coordinate system instead.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of its texts; tried where left out.")] = None,
    technology: Annotated[str, typer.Option(help="5g, 4g, nb_iot or pdt.")] = "5g",
    operator: Annotated[str | None, typer.Option(help="Whose network was measured; all otherwise.")] = None,
    model: Annotated[str, typer.Option(help=MODEL_HELP)] = "auto",
    sight: Annotated[str, typer.Option(help="Line of sight: probability or buildings.")] = "probability",
    folds: Annotated[int, typer.Option(help="Of the cross-validation.", min=2, max=20)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Set measurements against the prediction: errors, and a correction for each clutter class."""
    from api.cli.tables import show_some
    from layers.importing.measurements import read_measurements
    from layers.runs.parameters import parse
    from layers.runs.radio import RADIO_COVERAGE
    from layers.runs.radio_inputs import RadioParameters
    from layers.runs.radio_measurements import compare

    given = {
        "technology": technology, "operator": operator, "model": model.replace("-", "_"), "sight": sight,
    }  # fmt: skip
    measured = read_measurements(file, datum=datum, crs=crs, encoding=encoding)
    for reason, count in measured.refused_count.items():
        typer.echo(f"{file.name}: {count:,} rows refused ({reason})", err=True)
    show_some(f"row {one.row}: {one.value!r} ({one.reason})" for one in measured.refused)
    catalog, inputs = _around(measured.frame.geometry, given)
    parameters = RadioParameters.model_validate(parse(RADIO_COVERAGE, given, catalog).model_dump())
    found = compare(parameters, inputs, measured.frame, folds=folds)
    if as_json:
        typer.echo(json.dumps(_without_nan(found), ensure_ascii=False))
        return
    _print_comparison(found)


def _around(points: GeoSeries, given: dict[str, Any]) -> tuple[Catalog, Inputs]:
    """Read what a prediction of radio needs around some points."""
    import shapely

    from api.cli.database import city_database
    from api.settings import read_settings
    from layers.database import admin_connection, connect_application
    from layers.definitions.loading import read_catalog
    from layers.runs.inputs import one_moment, read_here
    from layers.runs.parameters import parse
    from layers.runs.radio import RADIO_COVERAGE
    from layers.schema.runtime import with_runtime_layers
    from layers.scope import Scope

    with city_database(read_settings()) as addresses:
        with admin_connection(addresses) as connection:
            catalog = with_runtime_layers(connection, read_catalog())
        wanted = RADIO_COVERAGE.wanted(parse(RADIO_COVERAGE, given, catalog))
        with (
            connect_application(addresses) as connection,
            one_moment(connection, Scope.everything("command line")),
        ):
            seen = read_here(
                connection, catalog, wanted, region="", around=shapely.box(*points.total_bounds),
                documents=RADIO_COVERAGE.documents,
            )  # fmt: skip
    return catalog, seen.inputs


def _without_nan(value: Any) -> Any:
    """Return a document with nothing in place of what JSON does not know."""
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, bool) or not isinstance(value, float):
        return bool(value) if type(value).__name__ == "bool" else value
    return round(float(value), 4) if math.isfinite(value) else None


def _print_comparison(found: dict[str, Any]) -> None:
    """Print the errors by clutter class and what a correction would leave of them."""
    from rich.table import Table

    from api.cli.tables import show

    titles = {
        "count": "点数 points", "mean_db": "偏差 mean", "deviation_db": "标准差 deviation", "rmse_db": "RMSE",
        "within_6_db": "≤6 dB", "offset_db": "修正 offset", "slope_db": "斜率 slope/decade",
        "rmse_unseen_db": "交叉验证 RMSE unseen",
    }  # fmt: skip
    whole = {"全部 all": {**found["level"], **found["calibration"]}}
    table = Table("地物 clutter", *titles.values(), box=None)
    for name, one in {**found["classes"], **whole}.items():
        figures = [f"{one[key]:.0%}" if key == "within_6_db" else f"{one[key]:.4g}" for key in titles]
        table.add_row(name, *figures)
    show(table)
    helps = found["calibration"]["helps"]
    verdict = "修正有效 the correction helps" if helps else "修正无效 the correction does not help"
    typer.echo(
        f"{found['measurements']:,} measurements, {found['out_of_reach']:,} out of reach of every sector; "
        f"{verdict} ({found['calibration']['folds']} folds)"
    )
