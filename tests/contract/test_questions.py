"""Every one of the sixty-five questions has a query, or says which source would answer."""

from __future__ import annotations

from docs.asked import PAGE, questions, questions_page
from orchestration.settings import PROJECT_ROOT


def test_every_question_has_an_answer_or_a_reason() -> None:
    assert [one["number"] for one in questions()] == list(range(1, 66))
    assert [one["number"] for one in questions() if ("query" in one) == ("without" in one)] == []


def test_every_page_that_is_named_is_there() -> None:
    named = {one["page"] for one in questions() if "page" in one}
    assert {
        name for name in named if not (PROJECT_ROOT / f"dashboards/app_pages/{name}.py").is_file()
    } == set()


def test_the_page_is_what_the_list_says_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == questions_page(), "kör make docs"
