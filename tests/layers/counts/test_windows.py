"""Counts of a window: small numbers of sensitive classes are in none of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import index
from geo.hotspots import Step
from layers.counts.reading import Window
from layers.counts.windows import LEAST_SHOWN, counted

CELLS = index([115.9, 115.92, 115.94], [31.8, 31.8, 31.8], 10).astype(np.int64)
rows = st.lists(
    st.tuples(
        st.integers(0, 95), st.sampled_from(CELLS.tolist()), st.sampled_from(["S01", "S02", "T01"]),
        st.integers(1, 4),
    ),
    max_size=30,
)  # fmt: skip


def frame_of(found):
    frame = pd.DataFrame(found, columns=["hour", "cell", "class", "n"])
    return frame.astype({"hour": int, "cell": np.int64, "n": int}).assign(region_code="")


@settings(deadline=None, max_examples=40)
@given(rows)
def test_every_number_adds_up_to_the_same_and_few_of_a_sensitive_class_are_in_none(found):
    frame = frame_of(found)
    open_, hidden = (
        counted(frame, Window(0, 96), Step.DAY, "Asia/Shanghai", hidden=classes)
        for classes in ((), {"S01", "S02"})
    )
    for one in (open_, hidden):
        total = frame["n"].sum() - one.left_out
        assert one.by_step.sum() == one.bins[:, 2].sum() == one.profile.sum() == total
        assert sum(one.by_class.values()) == total
    groups = frame.groupby(["cell", "class"])["n"].sum()
    small = [n for (_, code), n in groups.items() if code.startswith("S") and n < LEAST_SHOWN]
    assert open_.left_out == 0
    assert hidden.left_out == sum(small)
