"""Query parameters as typed values; each parser says exactly what is wrong with a text.

Unknown and repeated parameters are errors (OGC API - Features Part 1, 7.4): a filter that was misspelt would
otherwise answer with everything.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import math
import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.errors import BadParameter, RepeatedParameter, UnknownParameter
from api.ogc.crs import Box, ReferenceSystem, box_in_degrees

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

MOST_FEATURES = 1000
USUAL_FEATURES = 100
LONGEST_TEXT = 1000
GREATEST_ID = 2**63 - 1
Period = tuple[datetime | None, datetime | None]

_WHOLE = re.compile(r"[0-9]{1,400}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def check_parameters(given: QueryParams, known: Collection[str]) -> dict[str, str]:
    """Return the parameters of a request, each known, once, and free of control characters.

    Raises
    ------
    UnknownParameter, RepeatedParameter, BadParameter
        For the first that is not.
    """
    values: dict[str, str] = {}
    for name, value in given.multi_items():
        if name not in known:
            near = difflib.get_close_matches(name[:64], known, n=1)
            raise UnknownParameter(
                "unknown query parameter",
                parameter=name[:64], known=sorted(known), hint=near[0] if near else None,
            )  # fmt: skip
        if name in values:
            raise RepeatedParameter("repeated query parameter", parameter=name)
        if len(value) > LONGEST_TEXT or not is_plain(value):
            raise bad(name, value, "plain-text")
        values[name] = value
    return values


def is_plain(text: str) -> bool:
    """Tell whether a text has no control characters and no lone surrogates; PostgreSQL takes neither.

    Examples
    --------
    >>> is_plain("叶集"), is_plain("a" + chr(0))
    (True, False)
    """
    return not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)


def bad(parameter: str, value: str, expected: str, **facts: object) -> BadParameter:
    """Return the error for a value that cannot be used; ``expected`` is a phrase's key in the messages."""
    return BadParameter(
        f"parameter {parameter} cannot be used",
        parameter=parameter, value=value[:200], expected=expected, **facts,
    )  # fmt: skip


def parse_limit(text: str | None, *, usual: int = USUAL_FEATURES, most: int = MOST_FEATURES) -> int:
    """Return how many to answer at most; more than the greatest is answered with the greatest.

    Part 1, requirement 22: the server may answer with fewer, so a billion is no error.

    Examples
    --------
    >>> parse_limit(None), parse_limit("7"), parse_limit("1000000000")
    (100, 7, 1000)
    """
    if text is None:
        return usual
    if not _WHOLE.fullmatch(text) or int(text) == 0:
        raise bad("limit", text, "whole-number", low=1, high=most)
    return min(int(text), most)


def parse_whole_number(text: str, parameter: str, low: int, high: int) -> int:
    """Return a whole number inside a range, or raise `BadParameter`."""
    if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
        raise bad(parameter, text, "whole-number", low=low, high=high)
    return int(text)


def parse_bbox(text: str | None, system: ReferenceSystem) -> Box | None:
    """Return a box as west, south, east, north in degrees.

    Six numbers are taken too; the heights are passed over, features here have none. A box whose west is
    greater than its east crosses the antimeridian; it is only possible in a geographic system.

    Raises
    ------
    BadParameter
        Where it is not four or six finite numbers, upside down, or outside the earth.

    Examples
    --------
    >>> from api.ogc.crs import DEFAULT
    >>> parse_bbox("115.8,31.8,115.9,31.9", DEFAULT)
    (115.8, 31.8, 115.9, 31.9)
    """
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (4, 6) or not all(_NUMBER.fullmatch(part) for part in parts):
        raise bad("bbox", text, "bbox")
    numbers = [float(part) for part in parts]
    if not all(math.isfinite(number) for number in numbers):
        raise bad("bbox", text, "bbox")
    half = len(numbers) // 2
    box = (numbers[0], numbers[1], numbers[half], numbers[half + 1])
    geographic = system.epsg in (4326, 4490)
    if not geographic and (box[0] > box[2] or box[1] > box[3]):
        raise bad("bbox", text, "bbox-order")
    west, south, east, north = box_in_degrees(box, system)
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise bad("bbox", text, "bbox-order")
    return west, south, east, north


def parse_datetime(text: str | None, timezone: ZoneInfo) -> Period | None:
    """Return the period of an OGC ``datetime``: an instant, or an interval with at most one open end.

    A full date means that whole day in the city's time zone.

    Examples
    --------
    >>> parse_datetime("../2020-12-31T00:00:00Z", ZoneInfo("Asia/Shanghai"))
    (None, datetime.datetime(2020, 12, 31, 0, 0, tzinfo=datetime.timezone.utc))
    """
    if text is None:
        return None
    ends = text.split("/")
    if len(ends) == 1:
        start, end = _moment(text, text, timezone)
        return start, end
    open_ends = [end in ("", "..") for end in ends]
    if len(ends) != 2 or all(open_ends):
        raise bad("datetime", text, "datetime")
    earliest = None if open_ends[0] else _moment(ends[0], text, timezone)[0]
    latest = None if open_ends[1] else _moment(ends[1], text, timezone)[1]
    if earliest is not None and latest is not None and earliest > latest:
        raise bad("datetime", text, "datetime-order")
    return earliest, latest


def _moment(part: str, text: str, timezone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return first and last microsecond of one end."""
    try:
        if _DATE.fullmatch(part):
            day = date.fromisoformat(part)
            start = datetime(day.year, day.month, day.day, tzinfo=timezone)
            return start.astimezone(UTC), (start + timedelta(days=1, microseconds=-1)).astimezone(UTC)
        if _TIME.fullmatch(part):
            # RFC 3339 allows 60 seconds and more than six digits of a second; Python takes neither
            at = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", part.upper())).astimezone(UTC)
            return at, at
    except (ValueError, OverflowError):
        pass  # a day or an hour that does not exist: the same answer as for any other text
    raise bad("datetime", text, "datetime")


def make_cursor(collection: str, after: int) -> str:
    """Return the opaque text that continues a list of features after one id."""
    return base64.urlsafe_b64encode(f"{collection}:{after}".encode()).decode().rstrip("=")


def parse_cursor(text: str | None, collection: str) -> int | None:
    """Return the feature id in a cursor of this collection.

    Examples
    --------
    >>> parse_cursor(make_cursor("cameras", 17), "cameras")
    17
    """
    if text is None:
        return None
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise bad("cursor", text, "cursor") from None
    name, _, number = plain.partition(":")
    if name != collection or not re.fullmatch(r"[0-9]{1,19}", number) or int(number) > GREATEST_ID:
        raise bad("cursor", text, "cursor")
    return int(number)


def parse_feature_id(text: str) -> int | None:
    """Return a feature id, or None for a text that can be none.

    Examples
    --------
    >>> parse_feature_id("17"), parse_feature_id("0x11")
    (17, None)
    """
    if not re.fullmatch(r"[0-9]{1,19}", text) or not 0 < int(text) <= GREATEST_ID:
        return None
    return int(text)
