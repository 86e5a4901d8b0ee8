"""A city made in another process: what it tells, how it fails, and that nothing of it is left."""

from __future__ import annotations

import os
import signal

import pandas as pd
import pytest

from geo.errors import NotFound, Unavailable
from sample_gis.apart import made_apart
from sample_gis.loading import regions_first
from sample_gis.making import STEPS
from sample_gis.profile import Profile, read_profile
from sample_gis.telling import Completed


def silent(_step: str, _share: float) -> None:
    pass


def profile_without_outline() -> Profile:
    """Return a profile that fails in the first step: no county has this code."""
    return read_profile("yeji").model_copy(update={"county": "000000"})


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_error_of_the_making_is_raised_here_with_its_facts() -> None:
    with made_apart(profile_without_outline(), silent) as maker, pytest.raises(NotFound) as caught:
        list(maker.told())
    assert "000000" in str(caught.value)


def test_a_killed_making_is_told_and_not_waited_for() -> None:
    with made_apart(read_profile("yeji"), silent) as maker:
        os.kill(maker.process, signal.SIGKILL)
        with pytest.raises(Unavailable, match="-9"):
            list(maker.told())


def test_whoever_stops_waiting_leaves_no_process_behind() -> None:
    with pytest.raises(KeyboardInterrupt), made_apart(read_profile("yeji"), silent) as maker:
        process = maker.process
        assert is_alive(process)
        raise KeyboardInterrupt
    assert not is_alive(process)


def test_steps_are_told_as_they_begin() -> None:
    told: list[tuple[str, float]] = []
    with (
        made_apart(profile_without_outline(), lambda step, share: told.append((step, share))) as maker,
        pytest.raises(NotFound),
    ):
        list(maker.told())
    assert told == [(STEPS[0].title_zh, 0.0)]


def test_regions_come_first_and_the_rest_in_the_order_of_the_making() -> None:
    names = ("buildings", "regions", "roads", "extents", "incidents")
    told = [Completed(name, pd.DataFrame()) for name in names]
    assert [one.layer for one in regions_first(told)] == [
        "regions", "extents", "buildings", "roads", "incidents",
    ]  # fmt: skip


def test_each_layer_is_completed_by_one_step() -> None:
    named = [name for step in STEPS for name in step.completes]
    assert len(named) == len(set(named))


def test_a_step_waits_only_for_one_that_is_made_alone_before_it() -> None:
    made_alone: set[object] = set()
    for step in STEPS:
        assert step.after is None or step.after in made_alone
        if step.alone:
            made_alone.add(step.theme)
