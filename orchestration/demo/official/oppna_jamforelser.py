"""Öppna jämförelser as yearly workbooks: questions come, go and change their coding, and not everyone answers."""

from __future__ import annotations

from datetime import datetime

from orchestration.demo.official.figures import Official, made_up
from orchestration.demo.official.kolada import degree_share
from orchestration.demo.official.workbooks import Cell, workbook_bytes
from orchestration.sources.oj_catalog import oj_catalog

MISSING, NOT_APPLICABLE = "Uppgift saknas", "Ej aktuellt"


def workbook(official: Official, config: dict, districts: dict[str, list[str]], edition: int) -> bytes:
    """The workbook of an edition: what it is, what the questions mean, and the answers of municipalities and districts."""
    oj = config["oppna_jamforelser"]
    asked = edition - 1 if oj["asked_the_year_before"] else edition
    questions = [
        one
        for one in oj["questions"]
        if one.get("from_edition", edition) <= edition <= one.get("to_edition", edition)
    ]
    texts = [one["text"] for one in [*questions, *oj["measures"]]]
    saved = datetime.fromisoformat(oj["retrieved"][oj["editions"].index(edition)])
    header = ["Kommunkod", "Kommun", "Data avser", *texts]
    rows: list[list[Cell]] = []
    for code in official.codes:
        name = official.names[code]
        rows.append([code, name, asked, *_cells(official, config, questions, edition, code, code)])
        if code == oj["district_parent"]:
            rows += [
                [None, f"{name}, {district}", asked, *_cells(official, config, questions, edition, code, district)]
                for district in districts[code]
            ]  # fmt: skip
    title = (
        f"Öppna jämförelser av ekonomiskt bistånd {edition}, kommunernas svar (påhittade för demonstration)"
    )
    sheets: dict[str, list[list[Cell]]] = {
        "Läs mig": [["Påhittat för demonstration. Svaren är slumpade och gäller ingen verklig kommun."]],
        "Indikatorer": [["Indikator", "Beskrivning"], *([text, f"Påhittad beskrivning: {text}."] for text in texts)],
        "Resultat": [[title], [None], [*header], *rows],
    }  # fmt: skip
    return workbook_bytes(sheets, saved)


def _cells(
    official: Official, config: dict, questions: list[dict], edition: int, code: str, who: str
) -> list[Cell]:
    """The answers of one respondent: a municipality, or one of its districts (`who` is then its name)."""
    oj = config["oppna_jamforelser"]
    answers = [
        MISSING if edition in oj["no_answer"].get(code, []) else _answer(config, one, edition, code, who)
        for one in questions
    ]
    is_district = who != code
    degree = degree_share(config["seed"], oj["measures"][0], code, edition - 1)
    key = official.sorting_key[code] if edition >= 2017 and not is_district else None
    return [*answers, degree if not is_district else MISSING, key or MISSING]


def _answer(config: dict, question: dict, edition: int, code: str, who: str) -> str:
    """One respondent's answer: a municipality that says yes goes on saying so, and some begin."""
    oj = config["oppna_jamforelser"]
    none = oj["not_applicable"]
    if question["id"] == none["question"] and code in none["municipality_codes"]:
        return NOT_APPLICABLE
    if made_up(config["seed"], "blank", question["id"], who, edition).random() < oj["blank_share"]:
        return MISSING
    years = edition - oj["editions"][0]
    chance = made_up(config["seed"], question["id"], who).random()
    coding = question.get("coding", "ja_nej")
    if edition >= oj["changed_coding_from_edition"]:
        coding = question.get("later_coding", coding)
    by_code = {one.harmonised: one.answer for one in oj_catalog().codings[coding]}
    yes = question["share_yes"] + question["rise"] * years
    if chance < yes:
        return by_code[2]
    return by_code[1] if 1 in by_code and chance < yes + question.get("share_partly", 0) else by_code[0]
