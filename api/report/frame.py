"""What every report shares: the page around it, tables, the line at its foot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Literal

from api.language import Language
from api.problems import message_file

Paper = Literal["a4", "a3", "wall"]
STYLE = Path(__file__).with_name("report.css")


class Frame:
    """A page in one language that asks for nothing.

    Parameters
    ----------
    city : mapping
        The city's card.
    """

    def __init__(self, city: Mapping[str, Any], language: Language, paper: Paper) -> None:
        self.city, self.language, self.paper = city, language, paper
        self.words: Mapping[str, Any] = message_file("report")[language]

    def say(self, words: Mapping[str, str]) -> str:
        """Return words in the report's language, safe in HTML."""
        return escape(words[self.language])

    def word(self, key: str, **facts: object) -> str:
        """Return words of the report's own."""
        return escape(str(self.words[key]).format(**facts))

    def page(self, title: str, parts: Sequence[str], *, kind: str = "view") -> str:
        """Return the whole; title and parts are HTML, the kind is a class of the page."""
        code = "zh-Hans" if self.language == "zh" else "en"
        style = STYLE.read_text(encoding="utf-8")
        return (
            f'<!doctype html><html lang="{code}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title}</title><style>{style}</style></head>"
            f'<body class="{self.paper} {kind}"><main>{"".join(parts)}</main>{self.foot()}</body></html>'
        )

    def head(self, title: str, facts: Sequence[str]) -> str:
        """Return the heading with a line of facts."""
        return f'<header><h1>{title}</h1><p class="facts">{" · ".join(facts)}</p></header>'

    def table(self, title: str, heads: Sequence[str], rows: Sequence[str]) -> str:
        """Return a section with a table; titles are keys of the report's own words."""
        head = "".join(f"<th>{self.word(one)}</th>" for one in heads)
        return (
            f"<section><h2>{self.word(title)}</h2><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></section>"
        )

    def foot(self) -> str:
        """Return approval, credits and reference system."""
        number = self.city["approval_number"]
        lines = [self.word("approval", number=number) if number else self.word("no_approval")]
        lines += [escape(line) for line in self.city["credits"]]
        if self.city["producer"]:
            lines.append(escape(self.city["producer"]))
        return f"<footer>{' · '.join([*lines, self.city['crs']])}</footer>"
