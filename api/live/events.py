"""Changes as their readers hear of them: CloudEvents, each cut to the reader's scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from geo.crs import mercator_to_degrees
from layers.definitions import LayerDefinition
from layers.definitions.loading import Catalog
from layers.features.changes import Box, Change
from layers.scope import Classification, Scope

SOURCE = "/events"
LAYER_CHANGED, RESULT_CHANGED = "layer.changed", "result.changed"


@dataclass(frozen=True, slots=True)
class View:
    """What of a scope decides who sees which change; readers with equal rights share it.

    Attributes
    ----------
    classifications : frozenset of Classification
        Classes of layers that are open.
    region_prefixes : tuple of str, or None
        Where restricted layers are seen; None is everywhere.
    """

    classifications: frozenset[Classification]
    region_prefixes: tuple[str, ...] | None

    @classmethod
    def of(cls, scope: Scope) -> View:
        """Return the view of a scope."""
        prefixes = scope.region_prefixes
        return cls(scope.classifications, None if prefixes is None else tuple(sorted(set(prefixes))))

    def reaches(self, codes: tuple[str, ...]) -> bool:
        """Tell whether any of some regions lies in the view."""
        return self.region_prefixes is None or any(code.startswith(self.region_prefixes) for code in codes)

    def holds(self, codes: tuple[str, ...]) -> bool:
        """Tell whether all of some regions, at least one, lie in the view."""
        if self.region_prefixes is None:
            return True
        return bool(codes) and all(code.startswith(self.region_prefixes) for code in codes)


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it is sent.

    Attributes
    ----------
    type : str
        `LAYER_CHANGED` or `RESULT_CHANGED`.
    names : frozenset of str
        Names of layers, or of a result, by which a reader may ask for it.
    boxes : tuple of Box
        Where, in degrees; empty where that is not told, which may be anywhere.
    body : bytes
        A CloudEvents 1.0 document (JSON event format).
    """

    type: str
    names: frozenset[str]
    boxes: tuple[Box, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """What one stream is asked for.

    Attributes
    ----------
    names : frozenset of str, optional
        Names of layers and results; None is everything.
    box : Box, optional
        In degrees; None is everywhere.
    """

    names: frozenset[str] | None = None
    box: Box | None = None

    def takes(self, event: Event) -> bool:
        """Tell whether an event is asked for."""
        if self.names is not None and not self.names & event.names:
            return False
        return self.box is None or not event.boxes or any(_meet(self.box, box) for box in event.boxes)


@dataclass
class Teller:
    """Turns changes into events; remembers which layers stand on which table."""

    catalog: Catalog
    _by_table: Mapping[str, list[LayerDefinition]] = field(init=False)

    def __post_init__(self) -> None:
        tables: dict[str, list[LayerDefinition]] = {}
        for definition in self.catalog.layers.values():
            tables.setdefault(definition.table, []).append(definition)
        self._by_table = tables

    def events(self, changes: tuple[Change, ...], view: View) -> Iterator[tuple[Change, Event]]:
        """Yield what a view shows of some changes, each change with its event."""
        for change in changes:
            event = self.event(change, view)
            if event is not None:
                yield change, event

    def event(self, change: Change, view: View) -> Event | None:
        """Return what a view shows of a change, or None where it shows nothing."""
        if change.details is not None:
            return _result_event(change, change.details, view)
        open_layers = [
            one for one in self._by_table.get(change.layer, ()) if one.classification in view.classifications
        ]
        return _layer_event(change, open_layers, self.catalog.layers.get(change.layer), view)


def _layer_event(
    change: Change, open_layers: list[LayerDefinition], whole: LayerDefinition | None, view: View
) -> Event | None:
    if not open_layers or whole is None:
        return None
    shown: tuple[str, Box | None, Box | None] | None = (change.op, change.before, change.after)
    by_region = whole.classification is Classification.RESTRICTED or whole.scope == "region"
    if by_region and view.region_prefixes is not None:
        shown = _cut(change, view)
    if shown is None:
        return None
    op, before, after = shown
    # The table's own layer first; who may only open parts of it is told the first part.
    names = sorted((one.name for one in open_layers), key=lambda name: (name != change.layer, name))
    old, new = _degrees(before), _degrees(after)
    data = {
        "layer": names[0],
        "parts": names[1:],
        "op": op,
        "id": change.feature_id,
        "bbox_old": old,
        "bbox_new": new,
    }
    subject = names[0] if change.feature_id is None else f"{names[0]}/{change.feature_id}"
    return _event(change, LAYER_CHANGED, subject, data, names=frozenset(names), boxes=(old, new))


def _cut(change: Change, view: View) -> tuple[str, Box | None, Box | None] | None:
    """Return operation and boxes as a reader of some regions sees them: coming in and going out too."""
    if change.feature_id is None:
        return change.op, None, None  # which regions a great change touched is not known
    was, is_now = view.reaches(change.regions_before), view.reaches(change.regions_after)
    # The box of a feature that crosses would tell how far it reaches out.
    before = change.before if view.holds(change.regions_before) else None
    after = change.after if view.holds(change.regions_after) else None
    if was and is_now:
        return change.op, before, after
    if is_now:
        return "insert", None, after
    return ("delete", before, None) if was else None


def _result_event(change: Change, details: Mapping[str, Any], view: View) -> Event | None:
    if details["classification"] not in view.classifications:
        return None
    reach = details["reach"]
    if reach is not None and not view.holds(tuple(reach)):
        return None
    box = _degrees(change.after)
    data = {
        "kind": change.layer,
        "region": details["region"] or None,
        "subject": details.get("subject", ""),  # changes from before results had one are still in the log
        "run": details["run"],
        "live": details["live"],
        "cells": details["cells"],
        "bbox": box,
    }
    names = frozenset((change.layer,))
    return _event(change, RESULT_CHANGED, change.layer, data, names=names, boxes=(box,))


def _event(
    change: Change,
    kind: str,
    subject: str,
    data: Mapping[str, Any],
    *,
    names: frozenset[str],
    boxes: tuple[Box | None, ...],
) -> Event:
    document = {
        "specversion": "1.0",
        "id": str(change.seq),
        "source": SOURCE,
        "type": kind,
        "subject": subject,
        "time": change.at,
        "datacontenttype": "application/json",
        "data": data,
    }
    known = tuple(dict.fromkeys(box for box in boxes if box is not None))
    return Event(kind, names, known, orjson.dumps(document, option=orjson.OPT_UTC_Z))


def _degrees(box: Box | None) -> Box | None:
    """Return a box of EPSG:3857 in degrees, to about a centimetre."""
    if box is None:
        return None
    (west, south), (east, north) = mercator_to_degrees(np.reshape(box, (2, 2))).round(7).tolist()
    return west, south, east, north


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
