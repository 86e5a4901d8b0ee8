"""Density clusters against scikit-learn 1.9."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.metrics import adjusted_rand_score

from geo.errors import BadInput
from geo.hotspots import clusters


def blobs(seed: int, size: int = 300) -> np.ndarray:
    draw = np.random.default_rng(seed)
    middles = draw.uniform(0, 3_000, (5, 2))
    spread = draw.uniform(20, 120, 5)
    of = draw.integers(0, 6, size)
    around = middles[of % 5] + draw.normal(size=(size, 2)) * spread[of % 5][:, None]
    return np.where((of == 5)[:, None], draw.uniform(0, 3_000, (size, 2)), around)


def frame(at: np.ndarray) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*at.T), crs=4548)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(20, 200), st.integers(2, 15))
def test_dbscan_finds_the_cores_and_the_noise_of_scikit_learn(seed, radius, least):
    at = blobs(seed)
    ours = clusters(frame(at), radius_m=radius, min_points=least).to_numpy()
    theirs = DBSCAN(eps=radius, min_samples=least).fit(at)
    assert ((ours == -1) == (theirs.labels_ == -1)).all()
    core = theirs.core_sample_indices_
    # One cluster of ours for one of theirs; border events may lie between two.
    pairs = set(zip(ours[core].tolist(), theirs.labels_[core].tolist(), strict=True))
    assert len(pairs) == len(set(ours[core].tolist())) == len(set(theirs.labels_[core].tolist()))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 25))
def test_hdbscan_finds_the_clusters_of_scikit_learn(seed, least):
    at = blobs(seed)
    ours = clusters(frame(at), method="hdbscan", min_points=least).to_numpy()
    theirs = HDBSCAN(min_cluster_size=least, min_samples=least, copy=True).fit(at).labels_
    # Reachability has ties, which the two spanning trees take in another order: a few border events differ.
    assert adjusted_rand_score(ours, theirs) >= 0.95


def test_clusters_are_numbered_by_their_first_event():
    at = np.array([[0, 0], [900, 0], [901, 0], [1, 0]], dtype=float)
    assert clusters(frame(at), radius_m=5, min_points=2).tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_few_events_or_none_are_no_cluster(method):
    assert clusters(frame(np.zeros((0, 2))), method=method).tolist() == []
    assert clusters(frame(np.array([[0.0, 0.0], [9e3, 0.0]])), method=method, min_points=5).tolist() == [
        -1,
        -1,
    ]


def test_many_reports_on_one_point_are_a_cluster_of_it():
    at = np.vstack([np.zeros((40, 2)), np.random.default_rng(1).uniform(500, 5_000, (60, 2))])
    for method in ("dbscan", "hdbscan"):
        found = clusters(frame(at), method=method, min_points=10)
        assert isinstance(found, pd.Series)
        assert found.iloc[:40].nunique() == 1
        assert found.iloc[0] >= 0


@pytest.mark.parametrize("options", [{"min_points": 1}, {"radius_m": 0}])
def test_a_cluster_of_one_or_without_extent_is_refused(options):
    with pytest.raises(BadInput):
        clusters(frame(np.zeros((3, 2))), **options)
