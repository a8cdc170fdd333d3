"""What a report is made of, in an order to be read; PDF and HTML are written from the same."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Told:
    """A cell of a table: its text, and whether it is a word that stands where there is no figure."""

    text: str
    is_word: bool = False


@dataclass(frozen=True)
class Sentences:
    items: list[str]
    kind: str = "sentences"


@dataclass(frozen=True)
class Paragraph:
    text: str
    kind: str = "paragraph"


@dataclass(frozen=True)
class Table:
    """The first column is names, the others figures. `note` stands below."""

    caption: str
    heads: list[str]
    rows: list[tuple[str, list[Told]]]
    note: str = ""
    kind: str = "table"


@dataclass(frozen=True)
class Picture:
    """`alt` says what the picture shows, for the one who does not see it; `half` is half of the width."""

    title: str
    svg: str
    alt: str
    half: bool = False
    kind: str = "picture"


@dataclass(frozen=True)
class Answer:
    """A fixed question with its table and what the municipality says of it; None leaves room to write by hand."""

    number: int
    question: str
    table: Table
    comment: str | None
    kind: str = "answer"


@dataclass(frozen=True)
class Terms:
    """Names with what they mean, under a heading."""

    heading: str
    items: list[tuple[str, str]]
    kind: str = "terms"


Block = Sentences | Paragraph | Table | Picture | Answer | Terms


@dataclass(frozen=True)
class Section:
    heading: str
    blocks: list[Block]


@dataclass(frozen=True)
class Report:
    """`notices` are what a reader must know before anything else; `foot` stands on every page; `day` is YYYY-MM-DD."""

    geography_id: str
    year: int
    title: str
    lead: str
    foot: str
    day: str
    notices: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
