"""A result as the map shows it: its columns, ramp, classes by zoom, and what its legend must say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from layers.definitions.loading import Catalog
from layers.runs.hotspot_words import Said, paragraph
from layers.runs.kinds import Column, Kind, as_worded, kind_named
from layers.runs.pictures import style_of, usual
from layers.runs.subjects import subject_words
from layers.runs.zooms import MAX_ZOOM, MIN_ZOOM, bands


def result_layer(run: Mapping[str, Any], catalog: Catalog) -> dict[str, Any]:
    """Return the description of a run as a layer of the map.

    Parameters
    ----------
    run : mapping
        As `layers.runs.reading.published_runs` gives it, or `read_run` for one with results.

    Returns
    -------
    dict
        ``name`` is the fixed name of the kind's result layer; ``subject`` tells results of one kind apart,
        ``about`` says it in words. ``style.levels`` holds, for each range of
        zooms, the resolution that its tiles show and the upper bounds of the classes but the last; 0 is a
        class of its own, and a missing value is ``no_data``, which is never drawn as little. ``pictures`` are
        the ways between which the reader can switch, the usual one first. ``live`` says under which run the
        live cells are found that are shown in place of those of a published run.
    """
    summary = run["summary"]
    kind = _as_counted(kind_named(run["kind"]), run, catalog)
    counted = kind.wording(run["parameters"], catalog).counted
    return {
        "name": kind.name,
        "run": run["id"],
        "region": run["region"] or None,
        "subject": run["subject"],
        "title": kind.title.model_dump(),
        "about": about(run, catalog),
        "description": kind.description.model_dump(),
        "classification": run["classification"],
        "parameters": run["parameters"],
        "zoom": {"min": MIN_ZOOM, "max": MAX_ZOOM},
        "result": kind.result,
        "shape": kind.shape,
        "columns": columns(run, catalog),
        "area_columns": area_columns(run, catalog),
        "style": style_of(usual(kind), _levels(summary["levels"])),
        "pictures": _pictures(kind, summary),
        "features": run["note"]["facts"].get("counted"),
        "counted": counted and counted.model_dump(),
        "note": run["note"],
        "published_at": run.get("published_at"),
        "live": run.get("live_result"),
        "finished_at": run["finished_at"],
        "out_of_date": run["out_of_date"],
    }


def _as_counted(kind: Kind, run: Mapping[str, Any], catalog: Catalog) -> Kind:
    """Return a kind with the classes by which the cells of a run were counted: older ones knew others."""
    worded = as_worded(kind, run["parameters"], catalog)
    bounds = [bound for _, bound in worded.classes[:-1]]
    return worded if all(level["breaks"] == bounds for level in run["summary"]["levels"]) else kind


def about(run: Mapping[str, Any], catalog: Catalog) -> dict[str, str] | None:
    """Return what a run shows in words; None where its kind says all."""
    found = subject_words(kind_named(run["kind"]), run["parameters"], catalog)
    return None if found is None else found.model_dump()


def finding(run: Mapping[str, Any], catalog: Catalog) -> Said | None:
    """Return what a run found as a paragraph; None where its kind has none, or it has no result."""
    if run["kind"] != "incident_hotspots" or not run["has_results"]:
        return None
    return paragraph(run, catalog)


def columns(run: Mapping[str, Any], catalog: Catalog) -> list[dict[str, Any]]:
    """Return the columns of a run that say something, with titles and units."""
    return _described(kind_named(run["kind"]).columns, run, catalog)


def area_columns(run: Mapping[str, Any], catalog: Catalog) -> list[dict[str, Any]]:
    """Return the columns of a run's table by region and extent."""
    return _described(kind_named(run["kind"]).of_areas, run, catalog)


def _described(several: Sequence[Column], run: Mapping[str, Any], catalog: Catalog) -> list[dict[str, Any]]:
    units = (run["summary"] or {}).get("units", {})
    titles = kind_named(run["kind"]).wording(run["parameters"], catalog).columns
    titled = [(column, titles.get(column.name, column.title)) for column in several]
    return [
        {
            "name": column.name,
            "title": title.model_dump(),
            "unit": units.get(column.name),
            "decimals": column.decimals,
            "type": column.type,
            "amount": column.amount,
            "words": [word.model_dump() for word in column.words],
        }
        for column, title in titled
        if title is not None
    ]


def _pictures(kind: Kind, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the ways to colour a result; none where there is but one, as of runs before there were more."""
    legends = summary.get("pictures") or {}
    found = [one for one in kind.pictures if one.column in legends]
    if not found:
        return []
    of = {kind.shown: summary["levels"], **legends}
    return [
        {"title": one.title.model_dump(), "style": style_of(one, _levels(of[one.column]))}
        for one in (usual(kind), *found)
    ]


def _levels(legend: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    known = {level["resolution"]: level for level in legend}
    if not known:
        return []
    if None in known:  # features are the same at every zoom
        return [{"min_zoom": 0, **known[None]}]
    return [{"min_zoom": zoom, **known[one]} for zoom, one in bands(max(known), min(known)) if one in known]
