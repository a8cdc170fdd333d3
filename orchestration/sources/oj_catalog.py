"""data/catalog/oppna_jamforelser.yml: the questions of the survey, their versions, and what the answers mean."""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import Literal

from pydantic import Field

from orchestration.catalog.models import Entry
from orchestration.settings import PROJECT_ROOT
from orchestration.sources.tables.finding import Words, header_word
from orchestration.yaml_files import read_yaml

_FILE = PROJECT_ROOT / "data" / "catalog" / "oppna_jamforelser.yml"


class CodedAnswer(Entry):
    """An answer, its code in the coding of its edition, and the code that holds over the years (2 yes, 1 partly, 0 no)."""

    answer: str
    code: int
    harmonised: Literal[0, 1, 2]


class Version(Entry):
    """How a question was put and coded from one edition to another (both included; null is open)."""

    coding: str | None = None
    unit: Literal["percent", "days", "group"] | None = None
    scale_max: int | None = None
    from_edition: int | None = None
    to_edition: int | None = None

    def holds(self, year: int) -> bool:
        return (self.from_edition or 0) <= year <= (self.to_edition or 9999)


class Question(Entry):
    indicator_id: str
    name: str
    kolada: list[str]
    words: list[list[str]] = Field(min_length=1)
    versions: list[Version] = Field(min_length=1)

    def version(self, year: int) -> tuple[int, Version] | None:
        """The number (from 1) and content of the version in force in an edition."""
        return next((found for found in enumerate(self.versions, 1) if found[1].holds(year)), None)


class OjCatalog(Entry):
    columns: dict[str, list[str]]
    text_sheets: list[str]
    district_parents: dict[str, list[str]]
    spellings: dict[str, str]
    codings: dict[str, list[CodedAnswer]]
    indicators: list[Question]

    @cached_property
    def words(self) -> Words:
        return Words(self.columns)

    def question(self, header: str) -> list[Question]:
        """The questions that a header fits best: one, none, or several that cannot be told apart."""
        text = re.sub(r"[‐‑‒–—−]", "-", header.casefold())
        by_kolada = [one for one in self.indicators if any(kpi.casefold() in text for kpi in one.kolada)]
        if by_kolada:
            return by_kolada
        scores = {one.indicator_id: self._score(one, text) for one in self.indicators}
        best = max(scores.values(), default=0)
        return [one for one in self.indicators if best and scores[one.indicator_id] == best]

    def coded(self, text: str, coding: str | None) -> CodedAnswer | None:
        """The answer in a coding; without one, an answer that means the same in every coding that has it."""
        word = header_word(text)
        if coding is not None:
            return next((one for one in self.codings[coding] if header_word(one.answer) == word), None)
        found = [
            one for answers in self.codings.values() for one in answers if header_word(one.answer) == word
        ]
        return found[0] if found and len({one.harmonised for one in found}) == 1 else None

    def by_code(self, code: float, coding: str) -> CodedAnswer | None:
        return next((one for one in self.codings[coding] if one.code == code), None)

    @staticmethod
    def _score(question: Question, text: str) -> int:
        return max(
            (len(words) for words in question.words if all(re.search(word, text) for word in words)),
            default=0,
        )


@cache
def oj_catalog() -> OjCatalog:
    """The catalogue file as it lies in the project."""
    return OjCatalog.model_validate(read_yaml(_FILE))
