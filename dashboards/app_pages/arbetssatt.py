"""Öppna jämförelser: one municipality's own answers beside how many in its group and in the country answered the same."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import layout, words


def _own_answer(row: Any) -> str:
    """The answer as answered, or the word for why there is none."""
    if row.value_status != "published":
        return words.STATUS_WORDS[row.value_status]
    return row.answer if not words.is_missing(row.answer) else row.answer_as_printed


def _counts(yes: Any, partly: Any, answered: Any, silent: Any) -> str:
    """`12 av 20 svarar ja, 3 delvis eller inte för alla; 2 utan svar`. Never a share without its counts."""
    if words.is_missing(answered):
        return ""
    text = f"{words.number(yes)} av {words.number(answered)} svarar ja"
    if partly:
        text += f", {words.number(partly)} delvis eller inte för alla"
    return text + (f"; {words.number(silent)} utan svar" if silent else "")


page = layout.open_page()
st.title("Vilka rutiner och arbetssätt har vi, enligt våra egna svar?")
respondents = queries.oj_respondents(page.release)
if respondents.empty:
    st.info(
        "Den här utgåvan har inga svar ur Öppna jämförelser. Spara arbetsboken från Socialstyrelsens sida och lägg in den: "
        "bistand sources add --source oppna_jamforelser/workbooks FIL, och sedan bistand run."
    )
    raise layout.NothingMore

left, right = st.columns(2)
with left:
    names = list(dict.fromkeys(respondents["geography_name"]))
    name = layout.remembered_choice(
        "Kommun", names, "oj_kommun", names[0], "Skriv några bokstäver för att söka."
    )
found = respondents[respondents["geography_name"] == name]
with right:
    editions = [str(year) for year in found["edition_year"]]
    edition = int(layout.remembered_choice("Utgåva", editions, "utgava_oj", editions[0]))
chosen = found[found["edition_year"] == edition].iloc[0]
group_id = None if words.is_missing(chosen["group_id"]) else chosen["group_id"]
answers = queries.oj_answers(page.release, chosen["geography_id"], group_id, edition)

caveats = next((text for text in answers["caveat_text"] if not words.is_missing(text)), "")
st.html(f'<div class="bl-note">{layout.escape(caveats)}</div>')
columns = {"Fråga": answers["question"], f"Svar i {name}": [_own_answer(row) for row in answers.itertuples()]}
for prefix, heading in (("group", chosen["group_name"]), ("country", "Riket")):
    if prefix == "country" or group_id:
        columns[f"{heading}, antal kommuner"] = [
            _counts(*counts)
            for counts in zip(
                *(
                    answers[f"{prefix}_{kind}_count"]
                    for kind in ("yes", "partly", "answered", "not_answered")
                ),
                strict=True,
            )
        ]
layout.html_table(pd.DataFrame(columns))
layout.download(pd.DataFrame(columns), f"oppna_jamforelser_{edition}.csv", "ladda_oj")
of_answers = queries.sources(page.release).set_index("source_id").loc["oppna_jamforelser"]
printed = "påhittade svar i samma form som" if of_answers["is_synthetic"] else "publicerat i"
st.html(
    f'<div class="bl-caption"><b>Källa:</b> {printed} Öppna jämförelser av ekonomiskt bistånd, utgåvan {edition}, Socialstyrelsen. '
    "<b>Period:</b> utgåvans år är inte det år som svaren avser. <b>Så räknas det:</b> kommuner som svarat med något av "
    "frågans svarsalternativ; stadsdelar räknas inte. Frågorna står i arbetsbokens ordning, inte efter utfall.</div>"
)
