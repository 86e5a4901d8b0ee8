"""YAML text to plain values that know their lines, for documents that people write and others may post.

Only what a definition needs is read: mappings, lists and scalars. Anchors, aliases, tags and further
documents are refused, so that no small text becomes a large value. Scalars follow the YAML 1.2 core schema
(``true``, ``false``, ``null`` and numbers); ``yes``, ``no``, dates and digits with a leading zero stay text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from geo.errors import BadInput
from layers.definitions.words import KeyPath

#: Greatest size of one document, in bytes of UTF-8.
SIZE_LIMIT = 200_000
DEPTH_LIMIT = 12

# libyaml is ten times faster; PyYAML is built without it on a few platforms.
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})?(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class BadDefinition(BadInput):
    """A definition document that cannot be used.

    ``details`` holds ``file``, ``line`` (from 1; None where the whole file is meant), ``key`` (the path of
    the key, ``fields[3].range``), ``reason``, and ``flaws``: all that was found, each with line, key and
    reason.
    """

    code = "bad-definition"

    def __init__(self, file: str, flaws: list[dict[str, Any]]) -> None:
        first = flaws[0]
        at = file if first["line"] is None else f"{file}, line {first['line']}"
        message = f"{at}: {first['key']}: {first['reason']}" if first["key"] else f"{at}: {first['reason']}"
        if len(flaws) > 1:
            message += f" (and {len(flaws) - 1} more)"
        super().__init__(message, file=file, **first, flaws=flaws)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.details["file"], self.details["flaws"])


@dataclass(frozen=True)
class Marked:
    """A document as plain values.

    Attributes
    ----------
    lines : dict
        Line, from 1, of every key and every list item by its path.
    """

    value: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int:
        """Return the line of the nearest thing at or above a path."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


def key_text(path: KeyPath) -> str:
    """Write a path as people do.

    Examples
    --------
    >>> key_text(("fields", 3, "range"))
    'fields[3].range'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def bad(where: str, line: int | None, path: KeyPath, reason: str) -> BadDefinition:
    """Make the error of one flaw."""
    return BadDefinition(where, [{"line": line, "key": key_text(path), "reason": reason}])


def decode(data: bytes, where: str) -> str:
    """Return the text of a document's bytes, which are UTF-8, with or without a byte order mark."""
    if len(data) > SIZE_LIMIT:
        raise bad(where, None, (), f"the document is larger than {SIZE_LIMIT} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise bad(where, line, (), f"the text is not UTF-8: {error.reason}") from error


def read_marked(text: str, where: str) -> Marked:
    r"""Read one YAML document whose top is a mapping.

    Parameters
    ----------
    text : str
        The document.
    where : str
        What to call it in errors, a file name.

    Raises
    ------
    BadDefinition
        Where the text is no such document; names the line.

    Examples
    --------
    >>> read_marked("name: cameras\nkey: [code]", "x.yaml").lines[("key", 0)]
    2
    """
    text = text.removeprefix("\ufeff")
    _check_text(text, where)
    try:
        return _Builder(where).build(text)
    except yaml.MarkedYAMLError as error:
        # A quote or bracket left open is noticed at the end of the text; where it was opened helps more.
        cut = "end of stream" in (error.problem or "") and error.context_mark is not None
        mark = error.context_mark if cut else error.problem_mark or error.context_mark
        reason = ", ".join(part for part in (error.problem, error.context) if part)
        raise bad(where, mark.line + 1 if mark else None, (), f"not YAML: {reason}") from error
    except yaml.YAMLError as error:
        raise bad(where, None, (), f"not YAML: {error}") from error


def _check_text(text: str, where: str) -> None:
    unprintable = _UNPRINTABLE.search(text)
    if unprintable is not None:
        line = text.count("\n", 0, unprintable.start()) + 1
        raise bad(where, line, (), f"character U+{ord(unprintable[0]):04X} may not stand in a document")
    if len(text.encode()) > SIZE_LIMIT:
        raise bad(where, None, (), f"the document is larger than {SIZE_LIMIT} bytes")


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0]:  # quoted
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and any(c.isdigit() for c in text):
        return float(text)
    return text


@dataclass
class _Open:
    """A mapping or list that is being read."""

    value: Any
    path: KeyPath
    key: str | None = None


class _Builder:
    """Builds values from parser events with a stack of its own, so that depth is bounded."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.marked = Marked({})
        self.found = False
        self.open: list[_Open] = []

    def build(self, text: str) -> Marked:
        for event in yaml.parse(text, Loader=_PARSER):
            self._take(event)
        if not self.found:
            raise bad(self.where, 1, (), "the document is empty; a mapping of keys is expected")
        return self.marked

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.NodeEvent):
            self._refuse_extras(event)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar_read(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._push(event, {})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._push(event, [])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.open.pop()

    def _refuse_extras(self, event: Any) -> None:
        line = event.start_mark.line + 1
        path = self._path_of_next()
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise bad(
                self.where, line, path, "anchors (&) and aliases (*) are not allowed; write the value out"
            )
        if event.tag is not None:
            raise bad(self.where, line, path, f"tags are not allowed: {event.tag[:60]}")
        if not self.open and self.found:
            raise bad(self.where, line, (), "only one document a file is allowed")
        if not self.open and not isinstance(event, yaml.MappingStartEvent):
            raise bad(self.where, line, (), "a mapping of keys is expected")

    def _path_of_next(self) -> KeyPath:
        if not self.open:
            return ()
        parent = self.open[-1]
        if isinstance(parent.value, list):
            return (*parent.path, len(parent.value))
        return parent.path if parent.key is None else (*parent.path, parent.key)

    def _scalar_read(self, event: Any) -> None:
        parent = self.open[-1]
        if isinstance(parent.value, dict) and parent.key is None:
            key, line = event.value, event.start_mark.line + 1
            path = (*parent.path, key)
            if key in parent.value:
                first = self.marked.line(path)
                raise bad(self.where, line, path, f"the key stands twice; it stands at line {first} already")
            self.marked.lines[path] = line
            parent.key = key
            parent.value[key] = None
        else:
            self._place(event, _scalar(event))

    def _push(self, event: Any, value: Any) -> None:
        if len(self.open) >= DEPTH_LIMIT:
            path = self.open[-1].path
            raise bad(self.where, event.start_mark.line + 1, path, f"nested deeper than {DEPTH_LIMIT} levels")
        path = self._place(event, value)
        self.open.append(_Open(value, path))

    def _place(self, event: Any, value: Any) -> KeyPath:
        if not self.open:
            self.marked, self.found = Marked(value), True
            return ()
        parent, path, line = self.open[-1], self._path_of_next(), event.start_mark.line + 1
        if isinstance(parent.value, list):
            parent.value.append(value)
            self.marked.lines[path] = line
        elif parent.key is None:
            raise bad(self.where, line, path, "a key is plain text")
        else:
            parent.value[parent.key] = value
            parent.key = None
        return path
