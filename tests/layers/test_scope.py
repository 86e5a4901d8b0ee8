"""A scope opens what it names and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadInput, NotFound, Refused
from layers.definitions.loading import Catalog
from layers.scope import Classification, LayerScope, Scope, Verb

READ = frozenset({Verb.READ})
ALL = frozenset(Classification)
PREFIXES = st.lists(st.from_regex(r"\A341504[0-9]{0,6}(G[0-9]{2})?\Z"), min_size=1, max_size=5)


@pytest.mark.parametrize(
    "prefix", ["", "3", "3415%", "3415'", "*", " 3415", "34a5", "341504001001g01", "４１"]
)
def test_what_is_no_beginning_of_a_region_code_makes_no_scope(prefix: str) -> None:
    with pytest.raises(BadInput):
        Scope("w", READ, ALL, (prefix,))


def test_no_prefix_at_all_makes_no_scope() -> None:
    with pytest.raises(BadInput):
        Scope("w", READ, ALL, ())
    with pytest.raises(BadInput):
        LayerScope("cameras", whole_city=False)
    with pytest.raises(BadInput):
        LayerScope("cameras", whole_city=True, region_prefixes=("3415",))


@pytest.mark.parametrize("prefix", ["34", "3415", "341504001", "341504001001", "341504001001G01"])
def test_a_division_and_a_grid_below_it_make_a_scope(catalog: Catalog, prefix: str) -> None:
    scope = Scope("w", READ, ALL, (prefix,)).for_layer(catalog.layer("cameras"))
    assert scope == LayerScope("cameras", whole_city=False, region_prefixes=(prefix,))


def test_only_restricted_layers_are_cut_by_region(catalog: Catalog) -> None:
    scope = Scope("w", READ, ALL, ("341504001",))
    assert scope.for_layer(catalog.layer("roads")).whole_city
    assert scope.for_layer(catalog.layer("incidents")).whole_city
    assert not scope.for_layer(catalog.layer("pipes")).whole_city


def test_a_closed_layer_answers_as_one_that_does_not_exist(catalog: Catalog) -> None:
    public = Scope("p", READ, frozenset({Classification.PUBLIC}))
    with pytest.raises(NotFound) as closed:
        public.for_layer(catalog.layer("cameras"))
    with pytest.raises(NotFound) as missing:
        catalog.layer("no_such_layer")
    assert closed.value.code == missing.value.code


def test_a_verb_that_is_not_held_is_refused() -> None:
    with pytest.raises(Refused, match="export"):
        Scope("r", READ, ALL).require(Verb.EXPORT)


@given(PREFIXES, PREFIXES)
def test_digests_are_equal_exactly_where_the_rights_are(
    catalog: Catalog, one: list[str], other: list[str]
) -> None:
    cameras = catalog.layer("cameras")
    first = Scope("a", READ, ALL, tuple(one)).for_layer(cameras).digest()
    again = Scope("b", frozenset(Verb), ALL, tuple(reversed(one))).for_layer(cameras).digest()
    second = Scope("a", READ, ALL, tuple(other)).for_layer(cameras).digest()
    assert first == again
    assert (first == second) == (widest(one) == widest(other))


def widest(prefixes: list[str]) -> set[str]:
    return {p for p in prefixes if not any(p != q and p.startswith(q) for q in prefixes)}
