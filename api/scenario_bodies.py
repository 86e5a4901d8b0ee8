"""Scenarios as a client sends and reads them: strict JSON, the change and the field at fault named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Request

from api import links
from api.body import read_body
from api.errors import FeatureRefused, PreconditionNeeded
from api.headers import etag_of
from api.ogc.bodies import feature_parts
from api.ogc.etags import versions_in
from api.parameters import GREATEST_ID, bad, is_plain
from layers.definitions.loading import Catalog
from layers.scenarios.changes import Op, Proposed
from layers.scenarios.errors import NoScenario, refused
from layers.scenarios.naming import is_name
from layers.scenarios.record import Scenario
from layers.scope import Scope

LARGEST_BODY = 8_000_000
LONGEST_NOTE = 2_000

#: Members of a change; ``version`` and ``region`` are read only, so that what was read can be sent back.
_MEMBERS = {
    "op",
    "layer",
    "feature_id",
    "properties",
    "geometry",
    "year",
    "note",
    "cost",
    "version",
    "region",
}

_GEOMETRY: dict[str, Any] = {"type": ["object", "null"], "description": "GeoJSON in longitude and latitude."}
CHANGE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["op", "layer"],
    "properties": {
        "op": {"type": "string", "enum": [str(op) for op in Op]},
        "layer": {"type": "string"},
        "feature_id": {"type": ["integer", "null"], "description": "Of the feature that stands there."},
        "properties": {"type": "object", "description": "Fields of the layer; of an edit those that change."},
        "geometry": _GEOMETRY,
        "year": {"type": ["integer", "null"]},
        "note": {"type": "string"},
        "cost": {"type": ["number", "null"], "description": "In 10,000 yuan."},
    },
}


_IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "The ETag that the scenario was read with; * changes whatever stands there.",
}
_PROBLEM = {"$ref": "#/components/responses/problem"}


def described(
    schema: dict[str, Any] | None = None, required: tuple[str, ...] = (), *, names_state: bool = True
) -> dict[str, Any]:
    """Return what OpenAPI says of an operation that writes.

    Parameters
    ----------
    schema : dict, optional
        Properties of the body; None for an operation without one.
    names_state : bool
        False for what makes something new and so needs no ``If-Match``.
    """
    statuses = ("409", "412", "413", "428") if names_state else ("409", "413")
    found: dict[str, Any] = {"responses": dict.fromkeys(statuses, _PROBLEM)}
    if names_state:
        found["parameters"] = [_IF_MATCH]
    if schema is not None:
        body = {"type": "object", "required": list(required), "properties": schema}
        found["requestBody"] = {"required": True, "content": {links.JSON: {"schema": body}}}
    return found


NOTE_SCHEMA = {"type": "string", "maxLength": LONGEST_NOTE}
CHANGES_SCHEMA = {"type": "array", "items": CHANGE_SCHEMA}


async def read_members(request: Request, known: tuple[str, ...]) -> dict[str, Any]:
    """Return the members of a JSON object, or raise `BadParameter` for what is none or has others."""
    body = await read_body(request, LARGEST_BODY)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise bad("body", body[:80].decode("utf-8", "replace"), "json-members", known=", ".join(known))
    for name in document:
        if name not in known:
            raise bad(name[:60], str(document[name])[:80], "json-members", known=", ".join(known))
    return document


def name_in(document: Mapping[str, Any]) -> str:
    """Return the name of a new scenario."""
    name = document.get("name")
    if not isinstance(name, str) or not is_name(name):
        raise bad("name", str(name), "scenario-name")
    return name


def known_name(text: str) -> str:
    """Return the name in an address, or raise `NoScenario` for what can be none."""
    if not is_name(text):
        raise NoScenario("no such scenario", scenario=text[:48] if is_plain(text[:48]) else "…")
    return text


def note_in(document: Mapping[str, Any]) -> str | None:
    """Return the note of a body, None where it has none."""
    note = document.get("note")
    if note is None:
        return None
    if not isinstance(note, str) or len(note) > LONGEST_NOTE or not is_plain(note.replace("\n", " ")):
        raise bad("note", str(note), "plain-text")
    return note


def changes_in(given: Any, scope: Scope, catalog: Catalog) -> list[Proposed]:
    """Return the changes that a client sends, each read as a feature of its layer is.

    Raises
    ------
    BadParameter
        Where it is no list.
    ChangeRefused
        For the first change that cannot be read.
    """
    if not isinstance(given, list):
        raise bad("changes", str(given)[:80], "json-list")
    return [_proposed(number, one, scope, catalog) for number, one in enumerate(given, 1)]


def _proposed(number: int, given: Any, scope: Scope, catalog: Catalog) -> Proposed:
    if not isinstance(given, dict) or set(given) - _MEMBERS or given.get("op") not in set(Op):
        raise refused(number, "–", "op", str(given)[:80], "change")
    layer = given.get("layer")
    if not isinstance(layer, str) or layer not in catalog.layers or not scope.may_open(catalog.layers[layer]):
        raise refused(number, str(layer)[:48], "layer", layer, "no-such-layer", "/layers")
    feature_id, year = given.get("feature_id"), given.get("year")
    if feature_id is not None and not (_is_whole(feature_id) and 0 < feature_id <= GREATEST_ID):
        raise refused(number, layer, "feature_id", feature_id, "no-such-feature")
    if year is not None and not _is_whole(year):
        raise refused(number, layer, "year", year, "type", "a whole number")
    properties = given.get("properties") or {}
    if not isinstance(properties, dict):
        raise refused(number, layer, "properties", properties, "change")
    try:
        parts = feature_parts(catalog.layers[layer], given.get("geometry"), properties)
    except FeatureRefused as error:
        facts = error.details
        raise refused(
            number, layer, facts["field"], facts["value"], facts["reason"], facts["allowed"]
        ) from error
    cost = given.get("cost")
    if cost is not None and (isinstance(cost, bool) or not isinstance(cost, int | float)):
        raise refused(number, layer, "cost", cost, "type", "a number")
    note = note_in({"note": given.get("note")}) or ""
    return Proposed(Op(given["op"]), layer, feature_id, parts.properties, parts.geometry, year, note, cost)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def scenario_document(asked: Request, scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as JSON with its addresses."""
    here = links.address(asked, f"/scenarios/{scenario.name}")
    one = {"version": str(scenario.version)}
    return {
        "name": scenario.name,
        "version": scenario.version,
        "newest": scenario.newest,
        "state": str(scenario.state),
        "note": scenario.note,
        "classification": str(scenario.classification),
        "made_by": scenario.made_by,
        "made_at": scenario.made_at.isoformat(),
        "applied": scenario.applied,
        "run_parameter": str(scenario.reference),
        "changes": [change.as_json() for change in scenario.changes],
        "links": {
            "self": links.address(asked, f"/scenarios/{scenario.name}", **one),
            "newest": here,
            "versions": f"{here}/versions",
            "changes.geojson": links.address(asked, f"/scenarios/{scenario.name}/changes.geojson", **one),
        },
    }


def scenario_etag(scenario: Scenario, body: bytes) -> str:
    """Return the ETag of a scenario: its version in front, so that a change can name what it changes."""
    return f'"{scenario.version}.{etag_of(body)[1:-1]}"'


def expected_versions(request: Request) -> frozenset[int] | None:
    """Return the versions that ``If-Match`` names, None for any; without the header nothing is changed."""
    given = request.headers.get("if-match")
    if given is None:
        raise PreconditionNeeded("a change names the state that it changes")
    return versions_in(given)
