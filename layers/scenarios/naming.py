"""How a scenario and one of its versions are called."""

from __future__ import annotations

import re
from typing import NamedTuple

from layers.definitions.words import Words

#: A name is what people call it, also in an address: letters and digits of any script, ``_`` and ``-``.
NAME = re.compile(r"\w[\w-]{0,47}")
#: Name, or name and version.
REFERENCE_PATTERN = r"^\w[\w-]{0,47}(@[1-9][0-9]{0,8})?$"
#: What the interface calls other things.
RESERVED = ("compare", "present")


class Reference(NamedTuple):
    """One version of a scenario; the newest where `version` is None."""

    name: str
    version: int | None = None

    def __str__(self) -> str:
        return self.name if self.version is None else f"{self.name}@{self.version}"


def reference(text: str) -> Reference:
    """Return what a text of `REFERENCE_PATTERN` names.

    Examples
    --------
    >>> reference("方案B@3"), reference("east")
    (Reference(name='方案B', version=3), Reference(name='east', version=None))
    """
    name, _, version = text.partition("@")
    return Reference(name, int(version) if version else None)


def is_name(text: str) -> bool:
    """Tell whether a scenario may be called so.

    Examples
    --------
    >>> is_name("方案B"), is_name("a/b"), is_name("compare")
    (True, False, False)
    """
    return NAME.fullmatch(text) is not None and text not in RESERVED


def told(text: str) -> Words:
    """Return a reference in words.

    Examples
    --------
    >>> told("方案B@3").zh
    '方案“方案B”第 3 版'
    """
    name, version = reference(text)
    if version is None:
        return Words(zh=f"方案“{name}”", en=f"scenario {name}")
    return Words(zh=f"方案“{name}”第 {version} 版", en=f"scenario {name}, version {version}")
