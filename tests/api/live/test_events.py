"""What each scope hears of a change: nothing of closed layers, and only its regions of restricted ones."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.live.events import Asked, Teller, View
from api.live.follower import Position
from api.live.tokens import Token
from layers.features.changes import Change, Snapshot
from layers.scope import Classification, Scope, Verb

OLD, NEW = (12900000.0, 3730000.0, 12900000.0, 3730000.0), (12910000.0, 3740000.0, 12910010.0, 3740010.0)
WEST, EAST = "341504001", "341504002"
EVERYTHING = View.of(Scope.everything("tests"))


def view(*prefixes, classes=tuple(Classification)):
    return View.of(Scope("worker", frozenset({Verb.READ}), frozenset(classes), prefixes or None))


def change(layer="cameras", op="update", before=(WEST,), after=(EAST,), feature=7, **more):
    old, new = (OLD if before else None), (NEW if after else None)
    return Change(
        1, 10, layer, op, feature, old, new, before, after, datetime(2020, 1, 1, tzinfo=UTC), **more
    )


@pytest.fixture(scope="module")
def teller(catalog):
    return Teller(catalog)


def data(teller, what, of):
    event = teller.event(what, of)
    return None if event is None else json.loads(event.body)["data"]


def test_a_closed_class_hears_nothing(teller):
    public = view(classes=[Classification.PUBLIC])
    assert teller.event(change(), public) is None
    assert data(teller, change("buildings"), public)["layer"] == "buildings"


def test_a_feature_that_moves_between_regions_leaves_one_and_enters_the_other(teller):
    seen = data(teller, change(), EVERYTHING)
    assert (seen["op"], seen["bbox_old"] is None, seen["bbox_new"] is None) == ("update", False, False)
    left = data(teller, change(), view(WEST))
    assert (left["op"], left["bbox_new"]) == ("delete", None)
    entered = data(teller, change(), view(EAST))
    assert (entered["op"], entered["bbox_old"]) == ("insert", None)
    assert data(teller, change(), view("341504003")) is None
    assert data(teller, change(), view(EAST, WEST)) == seen


def test_the_box_of_a_restricted_feature_that_crosses_is_not_told_to_one_side(teller):
    pipe = change("pipes", before=(WEST, EAST), after=(WEST, EAST))
    seen = data(teller, pipe, view(WEST))
    assert (seen["op"], seen["bbox_old"], seen["bbox_new"]) == ("update", None, None)


def test_where_a_great_change_of_a_restricted_layer_lies_is_not_told_to_some_regions(teller):
    bulk = change(before=(), after=(), feature=None)
    whole = Change(1, 10, "cameras", "insert", None, None, NEW)
    assert data(teller, bulk, view(WEST))["id"] is None
    assert data(teller, whole, view(WEST))["bbox_new"] is None
    assert data(teller, whole, EVERYTHING)["bbox_new"] is not None


def test_what_every_signed_in_user_sees_is_told_whatever_the_region(teller):
    assert data(teller, change("incidents"), view("341504003"))["bbox_new"] is not None


def test_a_result_is_told_to_those_who_may_read_it(teller):
    def result(classification, reach):
        details = {"region": "", "run": 3, "live": True, "cells": ["8841"], "classification": classification}
        return Change(1, 10, "density", "update", None, None, NEW, details={**details, "reach": reach})

    assert data(teller, result("restricted", None), view(classes=[Classification.PUBLIC])) is None
    assert data(teller, result("restricted", [WEST]), view(WEST))["run"] == 3
    for reach in ([], [WEST, EAST], [EAST]):
        assert data(teller, result("public", reach), view(WEST)) is None
    seen = data(teller, result("public", []), EVERYTHING)
    assert (seen["kind"], seen["live"], seen["cells"], seen["region"]) == ("density", True, ["8841"], None)


def test_boxes_in_degrees_are_those_of_proj(teller):
    from pyproj import Transformer

    turn = Transformer.from_crs(3857, 4326, always_xy=True)
    expected = [*turn.transform(*NEW[:2]), *turn.transform(*NEW[2:])]
    assert data(teller, change(), EVERYTHING)["bbox_new"] == pytest.approx(expected, abs=1e-7)


def test_a_change_without_a_place_meets_every_box(teller):
    nowhere = Change(1, 10, "cameras", "insert", 7, None, None)
    assert Asked(None, (0.0, 0.0, 1.0, 1.0)).takes(teller.event(nowhere, EVERYTHING))
    assert not Asked(None, (0.0, 0.0, 1.0, 1.0)).takes(teller.event(change(), EVERYTHING))


snapshots = st.builds(
    lambda xmin, held: Snapshot(xmin, xmin + 12, frozenset(xmin + one for one in held)),
    st.integers(1, 40),
    st.sets(st.integers(0, 11)),
)


@given(snapshots, snapshots, st.integers(1, 60))
def test_a_token_says_the_same_after_it_was_text(told, telling, last):
    token = Token("a.1.1", told, telling, last)
    again = Token.parse(str(token))
    for seq in range(1, 60, 7):
        for xid in range(1, 60):
            one = Change(seq, xid, "x", "insert", 1, None, None)
            assert again.covers(one) == token.covers(one)
            assert token.covers(one) == (told.holds(xid) or (telling.holds(xid) and seq <= last))


def test_a_token_at_a_position_covers_what_was_told_there():
    token = Token.at(Position("a", "5:8:6"))
    covered = [xid for xid in range(1, 10) if token.covers(Change(1, xid, "x", "insert", 1, None, None))]
    assert covered == [1, 2, 3, 4, 5, 7]
