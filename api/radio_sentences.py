"""The reasons of `geo.radio.explain` as sentences in Chinese and English."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from api.lengths import with_lengths
from api.problems import message_file
from geo.radio import Explanation, Line, Remedy, Settings


def _words() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = message_file("radio")
    return found


def sentences(
    found: Explanation,
    settings: Settings,
    codes: Mapping[Any, str],
    buildings: Mapping[Any, str],
    release: str,
) -> dict[str, list[str]]:
    """Return what an explanation says, in its order, by language.

    Parameters
    ----------
    codes, buildings : mapping
        Codes of sectors and buildings by their index; the index stands in where one has no code.
    release : str
        Where the path loss comes from.

    Examples
    --------
    >>> none = Explanation((), math.nan, math.nan, False, (Remedy("new_site", None, math.nan, {}),), {})
    >>> sentences(none, Settings(), {}, {}, "3GPP TR 38.901")["en"][1]
    'A new site is needed: no sector is near.'
    """
    told: list[tuple[str, dict[str, Any]]] = []
    limits = {"min_dbm": settings.rsrp_threshold, "min_sinr_db": settings.sinr_threshold}
    if not found.lines:
        told.append(("no_signal", {"cutoff_m": settings.cutoff_m}))
    else:
        level = {"level_dbm": found.level_dbm, "sinr_db": found.sinr_db}
        told.append(("covered" if found.covered else "uncovered", limits | level))
        best = found.lines[0]
        facts = {
            "code": codes.get(best.sector, best.sector),
            **{
                name: getattr(best, name)
                for name in ("distance_m", "off_axis_deg", "below_horizon_deg", "gain_dbi", "loss_db")
            },
        }
        told.append(("server_of_unknown_azimuth" if math.isnan(best.azimuth_deg) else "server", facts))
        told += _sight(best, buildings)
    told += [_remedy(remedy, codes, buildings) for remedy in found.remedies]
    if found.assumed:
        count, columns = max(found.assumed.values()), ", ".join(sorted(found.assumed))
        told.append(("assumed", {"count": count, "columns": columns}))
    told.append(("predicted", {"release": release}))
    return {language: [_said(one, language) for one in told] for language in ("zh", "en")}


def remedy_sentence(remedy: Remedy, codes: Mapping[Any, str], buildings: Mapping[Any, str]) -> dict[str, str]:
    """Return what one remedy says, by language; codes and buildings as in `sentences`.

    Examples
    --------
    >>> turned = Remedy("tilt", 7, -98.0, {"tilt_deg": 12.0, "to_deg": 4.0})
    >>> remedy_sentence(turned, {7: "SQ7"}, {})["en"]
    'Changing the tilt of sector SQ7 from 12° to 4° would give -98.0 dBm.'
    """
    told = _remedy(remedy, codes, buildings)
    return {language: _said(told, language) for language in ("zh", "en")}


def _sight(line: Line, buildings: Mapping[Any, str]) -> list[tuple[str, dict[str, Any]]]:
    """Return what stands in the way; that nothing does, where that is known."""
    told: list[tuple[str, dict[str, Any]]] = [("clear", {})] if line.line_of_sight else []
    if "building" in line.in_the_way and line.blocked is not None:
        house = buildings.get(line.blocked.building, line.blocked.building)
        told.append(("blocked", {"building": house, "over_m": line.blocked.over_m}))
    if "hill" in line.in_the_way:
        told.append(("hill", {"terrain_db": line.terrain_db}))
    return told


def _said(told: tuple[str, dict[str, Any]], language: str) -> str:
    key, facts = told
    return _words()[key][language].format(**with_lengths(facts, language))


def _remedy(
    remedy: Remedy, codes: Mapping[Any, str], buildings: Mapping[Any, str]
) -> tuple[str, dict[str, Any]]:
    facts = {
        "code": codes.get(remedy.sector, remedy.sector),
        "level_dbm": remedy.level_dbm,
        **remedy.facts,
    }
    if "building" in facts:
        facts["building"] = buildings.get(facts["building"], facts["building"])
    near = facts.get("nearest_m", math.nan)
    bare = remedy.kind == "new_site" and not math.isfinite(near)
    return ("new_site_nothing_near" if bare else remedy.kind), facts
