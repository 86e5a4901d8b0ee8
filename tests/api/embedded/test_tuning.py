"""Settings of the private server."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.embedded.tuning import MEGABYTE, as_file, memory_bytes, server_settings

UNSAFE = {"fsync", "full_page_writes", "synchronous_commit"}


@pytest.mark.parametrize("throw_away", [False, True])
def test_nothing_listens_on_the_network(throw_away):
    assert server_settings(8 << 30, throw_away=throw_away)["listen_addresses"] == ""


def test_a_citys_data_is_always_forced_to_the_disk():
    assert not UNSAFE & set(server_settings(8 << 30, throw_away=False))
    assert set(server_settings(8 << 30, throw_away=True)) > UNSAFE


@given(memory=st.integers(256 * MEGABYTE, 4 << 40))
def test_no_machine_is_asked_for_more_than_half_its_memory(memory):
    settings = server_settings(memory, throw_away=False)
    buffers = int(settings["shared_buffers"].removesuffix("MB")) * MEGABYTE
    assert 128 * MEGABYTE <= buffers <= max(memory // 2, 128 * MEGABYTE)
    assert int(settings["work_mem"].removesuffix("MB")) >= 8


def test_this_machine_has_some_memory():
    assert memory_bytes() > 256 * MEGABYTE


@given(st.text(st.characters(exclude_categories=["C"]), max_size=20))
def test_a_value_is_quoted_so_that_it_stays_one_value(text):
    written = as_file({"log_line_prefix": text})
    quoted = re.fullmatch(r"log_line_prefix = '((?:[^']|'')*)'\n", written)
    assert quoted is not None
    assert quoted[1].replace("''", "'") == text
