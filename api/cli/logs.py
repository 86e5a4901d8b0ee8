"""Logs of a command: to standard error, so that standard output holds only what was asked for."""

from __future__ import annotations

import logging
import sys

import structlog


def log_to_stderr(level: int = logging.WARNING) -> None:
    """Write log lines of this level and above: in words on a terminal, as JSON elsewhere.

    Parameters
    ----------
    level : int
        ``logging.WARNING`` for a person who looks at bars, ``logging.INFO`` for a service's journal.
    """
    on_terminal = sys.stderr.isatty()
    # never the values of variables: no journal may hold them, and to draw them stops the service for seconds
    as_document = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(() if on_terminal else (structlog.processors.ExceptionRenderer(as_document),)),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
            if on_terminal
            else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
