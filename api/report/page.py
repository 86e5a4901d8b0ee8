"""A view of a region as one HTML page that asks for nothing: figures, map, lists, targets and methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from api.language import Language
from api.report.amounts import amount, part, printed
from api.report.frame import Frame, Paper
from api.report.pictures import Shape, drawing, legend

#: Regions in a list of the best or the worst.
LISTED = 5
#: Targets that a page tells; what is late or open comes first.
MOST_TARGETS: Mapping[Paper, int] = {"a4": 7, "a3": 10, "wall": 5}
_ORDER = ("missed", "not_reached", "reached", "met", "without_value")


def report_page(
    told: Mapping[str, Any],
    city: Mapping[str, Any],
    shapes: Sequence[Shape],
    language: Language,
    *,
    made: datetime,
    paper: Paper = "a4",
) -> str:
    """Return the page.

    Parameters
    ----------
    told : mapping
        What ``/views/{name}/{region}`` answers.
    city : mapping
        The city's card.
    shapes : sequence of Shape
        Outlines of the region's parts.
    made : datetime
        When the report was made, in the city's time zone.
    """
    return _Page(told, city, shapes, language, made, paper).html()


class _Page(Frame):
    def __init__(  # noqa: PLR0917 - the six facts of a report
        self,
        told: Mapping[str, Any],
        city: Mapping[str, Any],
        shapes: Sequence[Shape],
        language: Language,
        made: datetime,
        paper: Paper,
    ) -> None:
        super().__init__(city, language, paper)
        self.told, self.shapes, self.made = told, shapes, made
        self.ranking = next(one for one in told["indicators"] if one["name"] == told["view"]["ranking"])

    def html(self) -> str:
        """Return the whole."""
        title = f"{self.say(self.told['view']['title'])} · {escape(self.told['region']['name'])}"
        body = (
            self._head(title),
            self._map(),
            self._indicators(),
            self._lists(),
            self._targets(),
            self._methods(),
        )
        return self.page(title, body)

    def _head(self, title: str) -> str:
        facts = [self.word("as_of", day=self.told["as_of"])]
        facts.append(self.word("made", time=self.made.strftime("%Y-%m-%d %H:%M")))
        if self.told["sample"]:
            facts.append(self.word("sample"))
        return (
            f'<header><h1>{title}</h1><p class="answer">{self._answer()}</p>'
            f'<p class="facts">{" · ".join(facts)}</p></header>'
        )

    def _answer(self) -> str:
        """Return what the page says, in a sentence or two: how plans stand, and who is worst."""
        current = self._current_targets()
        late = sum(one["standing"] == "missed" for one in current)
        still = sum(one["standing"] == "not_reached" for one in current)
        key = "answer_late" if late else "answer_open" if still else "answer_none"
        sentences = [self.word(key, late=late, open=still)] if current else []
        one = self.ranking
        worst = next(iter(self._known()), None)
        about = one["short_title"][self.language]
        if worst is not None and len({*self._as_printed().values()} - {None}) == 1 < len(self.told["parts"]):
            sentences.append(self.word("answer_alike", indicator=about))
        elif worst is not None and one["better"] != "neither":
            name = next(part["name"] for part in self.told["parts"] if part["code"] == worst)
            sentences.append(self.word("answer_worst", indicator=about, name=name))
        return escape(self.words["semicolon"]).join(sentences)

    def _known(self) -> list[str]:
        """Return the codes of parts with a value of the ranking, the worst first."""
        values = self._as_printed()
        return [code for code in self.ranking["ranking"] if values.get(code) is not None]

    def _as_printed(self) -> dict[str, float | None]:
        """Return the values of the ranking by part, no finer than printed: what reads alike is alike."""
        name, decimals = self.ranking["name"], self.ranking["decimals"]
        values = {part["code"]: part["figures"][name]["value"] for part in self.told["parts"]}
        return {code: None if value is None else round(value, decimals) for code, value in values.items()}

    def _current_targets(self) -> list[Mapping[str, Any]]:
        shown = [one for one in self.told["targets"] if one["current"] and one["title"] is not None]
        return sorted(shown, key=lambda one: (_ORDER.index(one["standing"]), one["year"]))

    def _map(self) -> str:
        parts = self._as_printed()
        if not parts:
            return f'<section class="map-box"><p>{self.word("no_parts")}</p></section>'
        level = self.words["levels"].get(self.told["parts"][0]["level"], "")
        title = self.word("map", indicator=self.ranking["title"][self.language], parts=level)
        known = self._known()
        picture = drawing(
            self.shapes, parts, self.told["region"]["bbox"], title=title, named={*known[:LISTED]}
        )
        notes = [self.words["rank_note"]]
        if self.told["sample"]:
            notes.append(self.words["outlines"])
        colours = legend(parts, self.ranking["decimals"])
        unit = self._unit(self.ranking)
        if unit and self.ranking["unit"][self.language] in self.ranking["title"][self.language]:
            unit = ""  # the title says it
        return (
            f'<section class="map-box"><h2>{title}{unit}</h2>{picture}{colours}'
            f'<p class="note">{escape(self.words["sentence"].join(notes))}</p></section>'
        )

    def _unit(self, indicator: Mapping[str, Any]) -> str:
        return f" <small>{self.say(indicator['unit'])}</small>" if indicator["unit"] else ""

    def _value(self, indicator: Mapping[str, Any], figure: Mapping[str, Any]) -> str:
        if figure["value"] is None:
            return f'<span class="none">{self.say(figure["reason"]["text"])}</span>'
        is_share = bool(indicator["unit"]) and indicator["unit"]["en"] == "%"
        return f"<b>{escape(printed(figure['value'], indicator['decimals'], is_share=is_share))}</b>"

    @staticmethod
    def _quotient(indicator: Mapping[str, Any], figure: Mapping[str, Any]) -> str:
        """Return both parts of a quotient; of what is none its value says all."""
        shown = [(figure[name], indicator["parts"].get(name)) for name in ("numerator", "denominator")]
        if any(value is None or made is None for value, made in shown):
            return ""
        told = [part(value, whole=made["whole"]) for value, made in shown]
        if len({*told}) == 1 and shown[0][0] != shown[1][0]:
            # Rounded alike they would say that nothing is missing.
            told = [amount(value, 2) for value, _ in shown]
        return " / ".join(told)

    def _indicators(self) -> str:
        rows = []
        for one in self.told["indicators"]:
            facts = [self._quotient(one, one)]
            if one["missing_share"]:
                facts.append(self.word("missing", share=f"{100 * one['missing_share']:.1f} %"))
            told = " · ".join(fact for fact in facts if fact)
            value = "none" if one["value"] is None else "value"
            rows.append(
                f'<tr class="{value}"><th>{self.say(one["title"])}{self._unit(one)}<small>{told}</small></th>'
                f"<td>{self._value(one, one)}</td></tr>"
            )
        title = f"{self.word('indicators')} <small>{self.word('parts')}</small>"
        return self._section("indicators", title, f"<table><tbody>{''.join(rows)}</tbody></table>")

    @staticmethod
    def _section(name: str, title: str, body: str) -> str:
        return f'<section class="{name}"><h2>{title}</h2>{body}</section>'

    def _lists(self) -> str:
        """Return the worst and the best parts by the ranking; of a figure that is neither, no list."""
        one = self.ranking
        parts = {part["code"]: part for part in self.told["parts"]}
        known = self._known()
        if one["better"] == "neither" or len(known) <= 1:
            return ""
        count = min(LISTED, len(known) // 2)
        both = (("worst", known[:count]), ("best", known[::-1][:count]))
        return f'<div class="two">{"".join(self._list(key, codes, parts) for key, codes in both)}</div>'

    def _list(self, key: str, codes: Sequence[str], parts: Mapping[str, Any]) -> str:
        one = self.ranking
        rows = (
            f"<tr><td>{escape(parts[code]['name'])}</td>"
            f"<td>{self._value(one, parts[code]['figures'][one['name']])}</td>"
            f"<td>{self._quotient(one, parts[code]['figures'][one['name']])}</td></tr>"
            for code in codes
        )
        title = self.word(key, indicator=one["short_title"][self.language], count=len(codes))
        return f"<section><h2>{title}</h2><table><tbody>{''.join(rows)}</tbody></table></section>"

    def _targets(self) -> str:
        current = self._current_targets()
        shown = current[: MOST_TARGETS[self.paper]]
        if not shown:
            return ""
        rows = []
        for one in shown:
            unit = f" {self.say(one['unit'])}" if one["unit"] else ""
            # between two shares lie points: a per cent of a share would be something else
            apart = f" {self.word('points')}" if unit == " %" else unit
            wanting = f"{amount(one['gap'], one['decimals'])}{apart}" if one["gap"] else "–"
            sign = self.words["comparisons"][one["comparison"]]
            rows.append(
                f'<tr class="{one["standing"]}"><th>{self.say(one["title"])}</th>'
                f"<td>{escape(sign)} {amount(one['value'])}{unit}</td><td>{one['year']}</td>"
                f"<td>{escape(self.words['standings'][one['standing']])}</td>"
                f"<td>{wanting}</td>"
                f"<td>{self.say(one['plan']['short_title'])} {self.say(one['place_words'])}</td></tr>"
            )
        heads = "".join(
            f"<th>{self.word(one)}</th>"
            for one in ("indicator", "target", "year", "standing", "wanting", "plan")
        )
        body = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        if len(current) > len(shown):
            body += f'<p class="note">{self.word("more_targets", count=len(current) - len(shown))}</p>'
        return self._section("targets", self.word("targets"), body)

    def _methods(self) -> str:
        if self.paper == "wall":
            # What is read from afar names its sources; how they are made stands in the other forms.
            sources = (
                f"{self.say(one['short_title'])}: {self.say(one['source'])}"
                for one in self.told["indicators"]
            )
            told = escape(self.words["semicolon"]).join(sources)
            return f'<p class="sources note"><b>{self.word("source")}</b> {told}</p>'
        rows = [self._method(one) for one in self.told["indicators"]]
        runs = []
        for run in self.told["runs"]:
            finished = (run["finished_at"] or "")[:10]
            line = self.word("run", kind=run["title"][self.language], run=run["run"], finished=finished)
            runs.append(line + (f" · {self.word('stale')}" if run["out_of_date"] else ""))
        used = (
            f"<dt>{self.word('runs')}</dt><dd>{escape(self.words['semicolon']).join(runs)}</dd>"
            if runs
            else ""
        )
        told = "".join(rows) + used
        return f'<section class="methods"><h2>{self.word("methods")}</h2><dl>{told}</dl></section>'

    def _method(self, one: Mapping[str, Any]) -> str:
        parts = one["parts"]
        per = "" if one["per"] == 1 else f" × {one['per']:,.0f}"
        formula = self.say(parts["numerator"]["title"])
        if "denominator" in parts:
            formula = f"{formula} ÷ {self.say(parts['denominator']['title'])}{per}"
        tests = [self.say(test) for part in parts.values() for test in part.get("tests", ())]
        where = f"<br>{escape(self.words['semicolon']).join(tests)}" if tests else ""
        return (
            f"<dt>{self.say(one['title'])}</dt><dd>{self.say(one['definition'])}<br>{formula}{where}"
            f"<br>{self.word('source')}: {self.say(one['source'])}</dd>"
        )
