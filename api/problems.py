"""From errors to RFC 9457 problem documents, in one place, in Chinese and in English.

A document holds a stable code and the request's id; it never holds a stack, SQL text or the words of another
program.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import structlog
import yaml
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api import errors
from api.language import Language, language_of
from geo.errors import BadInput, Conflict, NotFound, OneMapError, Refused, Unavailable
from layers.scenarios.errors import ScenarioChanged

MEDIA_TYPE = "application/problem+json"
MESSAGES = Path(__file__).parent / "messages"

#: The nearest class in an error's ancestry decides.
STATUS: dict[type[OneMapError], int] = {
    OneMapError: 500,
    BadInput: 400,
    NotFound: 404,
    Refused: 403,
    Conflict: 409,
    Unavailable: 503,
    errors.MethodNotAllowed: 405,
    errors.NotAcceptable: 406,
    errors.AddressTooLong: 414,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.PreconditionNeeded: 428,
    errors.UnknownHost: 421,
    ScenarioChanged: 412,
}
RETRY_AFTER_SECONDS = 2

log = structlog.get_logger(__name__)


@cache
def message_file(name: str) -> Any:
    """Return what a file of ``api/messages`` holds; it is read once."""
    return yaml.safe_load((MESSAGES / f"{name}.yaml").read_text(encoding="utf-8"))


def messages(language: Language) -> Mapping[str, Mapping[str, Any]]:
    """Return the sections ``problems`` and ``expectations`` of one language."""
    document: Mapping[str, Mapping[str, Any]] = message_file(language)
    return document


def status_of(error: OneMapError) -> int:
    """Return the HTTP status of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def words_of(error: OneMapError, language: Language) -> tuple[str, str]:
    """Return title and detail of an error.

    A class without words of its own takes those of its nearest ancestor that has some.
    """
    known = messages(language)["problems"]
    code = next(
        kind.code for kind in type(error).__mro__ if issubclass(kind, OneMapError) and kind.code in known
    )
    entry = known[code]
    facts = dict(error.details)
    expected = facts.get("expected")
    if isinstance(expected, str) and expected in messages(language)["expectations"]:
        facts["expected"] = _fill(messages(language)["expectations"][expected], facts)
    return str(entry["title"]), _fill(str(entry["detail"]), facts)


def _fill(template: str, facts: Mapping[str, Any]) -> str:
    """Fill a template; a fact that is missing shows as a dash instead of failing the answer."""
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    return template.format_map({name: _shown(facts.get(name)) for name in names})


def _shown(fact: Any) -> str:
    if fact is None:
        return "–"
    if isinstance(fact, list | tuple | set | frozenset):
        return ", ".join(str(part) for part in fact) or "–"
    text = str(fact)
    return text if len(text) <= 120 else f"{text[:117]}…"


def document_of(error: OneMapError, language: Language, instance: str, request_id: str) -> dict[str, Any]:
    """Return the problem document of an error as a mapping.

    Examples
    --------
    >>> document = document_of(errors.NoLayer("no layer", layer="x"), "en", "/ogc/collections/x", "1")
    >>> document["status"], document["code"], document["detail"]
    (404, 'no-layer', 'There is no layer called x; /layers lists them.')
    """
    title, detail = words_of(error, language)
    document: dict[str, Any] = {
        "type": f"/docs#{error.code}",
        "title": title,
        "status": status_of(error),
        "detail": detail,
        "code": error.code,
        "instance": instance,
        "request_id": request_id,
    }
    if error.details:
        document["details"] = error.details
    return document


def problem_response(error: OneMapError, request: Request) -> Response:
    """Return the HTTP answer for an error."""
    language = language_of(request)
    document = document_of(error, language, request.url.path, request.scope.get("request_id", ""))
    headers = {"Content-Language": language, "Cache-Control": "no-store", "Vary": "Accept-Language"}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, errors.MethodNotAllowed):
        headers["Allow"] = ", ".join(error.details["allowed"])
    body = orjson.dumps(document, default=str, option=orjson.OPT_NON_STR_KEYS)
    return Response(body, document["status"], headers, MEDIA_TYPE)


def internal_problem(error: Exception, request: Request) -> Response:
    """Log an error that nobody foresaw and return the answer that says no more than its request id."""
    log.error("request failed", path=request.url.path, exc_info=error)
    return problem_response(OneMapError("internal error"), request)


def problem_of(error: Exception, request: Request) -> Response:
    """Return the answer for any error that a request ended with, and log what has to be."""
    if not isinstance(error, OneMapError):
        return internal_problem(error, request)
    # that the database went away is logged once, by who follows it, and not with every tile
    if status_of(error) >= 500 and not isinstance(error, errors.DatabaseUnavailable):
        log.warning("request not served", path=request.url.path, code=error.code, message=error.message)
    return problem_response(error, request)


async def _known(request: Request, error: Exception) -> Response:
    return problem_of(error, request)


async def _from_framework(request: Request, error: Exception) -> Response:
    """Answer what routing itself raises: no page, wrong method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    path = request.url.path
    if status == 404:
        return problem_response(errors.NoPage(f"nothing is at {path}", path=path), request)
    if status == 405 and isinstance(error, HTTPException):
        allowed = sorted(part.strip() for part in (error.headers or {}).get("Allow", "GET").split(","))
        problem = errors.MethodNotAllowed("method not allowed", method=request.method, allowed=allowed)
        return problem_response(problem, request)
    if 400 <= status < 500:
        return problem_response(BadInput("bad request"), request)
    return internal_problem(error, request)


async def _from_validation(request: Request, error: Exception) -> Response:
    """Answer a parameter that does not fit its declaration; names the first one."""
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    first: Mapping[str, Any] = found[0] if found else {"loc": ("?",), "input": None}
    name = str(first["loc"][-1])
    value = first.get("input")
    problem = errors.BadParameter(
        f"{name} does not fit its declaration",
        parameter=name,
        value=value if isinstance(value, str | int | float | None) else "…",
        expected="declared",
    )
    return problem_response(problem, request)


def add_handlers(app: FastAPI) -> None:
    """Make every error of an app answer with a problem document."""
    app.add_exception_handler(OneMapError, _known)
    app.add_exception_handler(HTTPException, _from_framework)
    app.add_exception_handler(RequestValidationError, _from_validation)
