"""Logs of a command: what went wrong and where, never the values that were at hand."""

import io
import json
import logging
import sys

import pytest
import structlog

from api.cli.logs import log_to_stderr


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def configured():
    yield log_to_stderr
    structlog.reset_defaults()


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_failure_is_logged_with_its_place_and_without_the_values_of_variables(
    monkeypatch, configured, stream
):
    written = stream()
    monkeypatch.setattr(sys, "stderr", written)
    configured(logging.INFO)
    at_hand = "".join(["hunter", "2"])
    try:
        len(at_hand) / 0
    except ZeroDivisionError as error:
        structlog.get_logger().error("request failed", exc_info=error)
    text = written.getvalue()
    assert "ZeroDivisionError" in text
    assert "test_logs.py" in text
    assert "hunter2" not in text
    if stream is io.StringIO:
        assert json.loads(text)["event"] == "request failed"
