"""The pages on the release of one's own: right numbers, honest gaps, one plain sentence when there is nothing to show."""

from __future__ import annotations

import ast
import html
import os
import shutil
import socket
from pathlib import Path

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards import queries
from dashboards.components import charts, words
from dashboards.serve import command, serve
from orchestration.catalog.loader import column_names
from orchestration.errors import PlainError
from orchestration.intake.rules.catalogue import rule_catalogue
from orchestration.settings import PROJECT_ROOT, Settings
from tests.fixtures.asking import in_release, released
from tests.fixtures.random_register import MISSING, MUNICIPALITIES
from tests.fixtures.release_changes import change

ROUTER = PROJECT_ROOT / "dashboards" / "streamlit_app.py"
PAGES = {
    "in_och_ut": "Hur många börjar och slutar få bistånd?",
    "barn_och_unga": "Hur många barn och unga berörs?",
    "kostnader": "Vad kostar biståndet?",
    "ladda_ner": "Hur tar jag siffrorna vidare?",
    "var_kommun": "Hur ser det ekonomiska biståndet ut hos oss?",
    "langvarigt": "Hur många har bistånd länge?",
    "varfor": "Varför behöver människor bistånd?",
    "aktivitetskravet": "Hur många anvisas till aktivitet, och hur många kan omfattas?",
    "vagen_vidare": "Vilka insatser får människor, och vad händer sedan?",
    "forbattringsarbete": "Är förändringen större än den vanliga variationen?",
    "arbetssatt": "Vilka rutiner och arbetssätt har vi, enligt våra egna svar?",
    "definitioner": "Hur räknas varje mått?",
    "jamfor": "Hur ser det ut hos oss jämfört med andra?",
    "tillforlitlighet": "Var kommer siffrorna ifrån, och går de att lita på?",
}


@pytest.fixture
def release(home: Path) -> queries.Release:
    return queries.current_release(Settings(home=home))


def _open(page: str = "var_kommun", **choices: str) -> AppTest:
    app = AppTest.from_file(str(ROUTER), default_timeout=60)
    for key, value in choices.items():
        app.query_params[key] = value
    app.run()
    if page != "var_kommun":
        app.switch_page(f"app_pages/{page}.py").run()
    assert not app.exception, app.exception
    return app


def _text(app: AppTest) -> str:
    """Everything a reader can read on the page outside pictures."""
    parts = [element.proto.body for element in app.get("html")]
    for kind in (app.markdown, app.title, app.header, app.caption, app.info, app.warning):
        parts += [element.value for element in kind]
    return "\n".join(parts)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_and_says_that_the_figures_are_made_up(home: Path, page: str) -> None:
    app = _open(page, kommun="1280")
    assert [element.value for element in app.title] == [PAGES[page]]
    assert "Alla uppgifter om kommunerna är påhittade" in _text(app)
    assert "profil: offentlig" in _text(app)


@pytest.mark.parametrize("area", ["1231", "0980", "lan:12", "skr:A1"])
@pytest.mark.parametrize(
    "page",
    ["var_kommun", "langvarigt", "varfor", "forbattringsarbete", "in_och_ut", "barn_och_unga", "kostnader"],
)
def test_pages_about_an_area_run_for_gaps_and_hidden_counts(home: Path, page: str, area: str) -> None:
    app = _open(page, kommun=area)
    assert app.selectbox(key="kommun").value == area
    assert app.query_params["kommun"] == area


def test_the_chosen_area_follows_to_the_next_page(home: Path) -> None:
    app = _open("tillforlitlighet", kommun="1280")
    app.switch_page("app_pages/var_kommun.py").run()
    assert "Malmö 2019" in [element.value for element in app.header]


def test_a_release_from_real_deliveries_has_no_banner(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_release(own_home, "select is_synthetic from release_info") == [(False,)]
    monkeypatch.setenv("BISTAND_HOME", str(own_home))
    assert "påhittade" not in _text(_open())


def test_the_overview_shows_the_numbers_of_the_release(home: Path) -> None:
    text = _text(_open(kommun="1280"))
    [(count, share)] = in_release(
        home,
        """
        select
            max(value) filter (where indicator_id = 'recipients'),
            max(value) filter (where indicator_id = 'longterm_adults_share_recipients'
                and definition_id = 'longterm:person_wide')
        from indicator_values
        where geography_id = '1280' and period = '2019' and breakdown = 'total'
        """,
    )
    assert f">{words.number(count)}<" in text
    assert f">{words.figure(share, 'share', 1)}<" in text


def test_unseen_months_are_said_beside_the_figure(home: Path) -> None:
    """Not all municipalities deliver, so a person's months elsewhere are unseen."""
    unseen = "Månader i andra kommuner syns inte, bara i dem som har levererat"
    card = _text(_open(kommun="1280")).split("Vuxna med långvarigt bistånd, andel")[1].split("bl-card")[0]
    assert unseen in card
    assert unseen in _text(_open("langvarigt", kommun="1280"))
    assert unseen not in _text(_open("definitioner", kommun="1280", matt="Biståndsmottagare"))


def test_made_up_figures_are_not_called_published(home: Path) -> None:
    for page in ("var_kommun", "langvarigt", "varfor"):
        text = _text(_open(page, kommun="1280"))
        assert "<b>Status:</b> påhittade uppgifter, slutliga" in text
        assert "<b>Status:</b> publicerad" not in text


def test_the_own_series_is_not_drawn_with_the_break_of_the_published_one(home: Path) -> None:
    """The printed figures are from 2017 on, so there is nothing from before the break on the page."""
    app = _open("langvarigt", kommun="1280")
    drawn = [str(element.proto) for element in app.get("vega_lite_chart")]
    assert drawn
    assert not any("ny metod i den officiella statistiken" in chart for chart in drawn)


def test_a_missing_year_is_a_word_and_not_a_number(home: Path) -> None:
    text = _text(_open(kommun="1231", ar="2017"))
    assert "ej rapporterat" in text
    card = text.split('<div class="bl-name">Biståndsmottagare</div>')[1].split("</div>")[0]
    assert card.endswith(">ej rapporterat")


def test_a_count_in_the_band_is_at_most_seven_and_never_zero(home: Path) -> None:
    (area, year, name), *_ = in_release(
        home,
        """
        select geography_id, period, indicator_name
        from indicator_values
        inner join dim_indicators using (indicator_id, definition_id)
        where indicator_id = 'longterm_children' and definition_id = 'longterm:person_wide' and breakdown = 'total'
            and value_status = 'suppressed'
        """,
    )
    row = _text(_open(kommun=area, ar=year)).split(f">{name}</td>")[1].split("</tr>")[0]
    assert f'<td class=w data-name="{year}">högst{words.SPACE}7</td>' in row


def test_an_incomplete_area_says_how_many_municipalities_it_holds(home: Path) -> None:
    counts = dict(
        in_release(
            home,
            "select period_year, municipalities_included from geography_coverage "
            "where geography_id = '0000' and window_years = 1 and period_year <= 2018 order by period_year",
        )
    )
    assert len(set(counts.values())) > 1
    text = _text(_open(kommun="0000", ar="2018"))
    assert f"{words.municipalities(counts[2018])} 2018 (av 290 i landet)" in text
    assert "Riket" not in text
    assert f"Bygger på {counts[2018]} av 290 kommuner" in text
    assert ", ".join(f"{year}: {count}" for year, count in counts.items()) in text
    assert "Bygger på" not in _text(_open(kommun="1280", ar="2018"))


def test_the_line_is_broken_where_a_year_is_missing(home: Path, release: queries.Release) -> None:
    values = queries.yearly_values(release, "1231")
    one = values[values["indicator_id"] == "recipients"].rename(columns={"period_year": "year"})
    spec = charts.years_line(one.assign(series="Burlöv"), "persons", 0).spec
    rows = [row for data in spec["datasets"].values() for row in data]
    assert [row["value"] for row in rows if row.get("year") == 2017 and "value_status" in row] == [None]
    assert "ej\nrapporterat" in {row.get("text") for row in rows}
    marks = [layer["mark"] for layer in spec["layer"]]
    assert {"break-paths-show-domains"} == {mark["invalid"] for mark in marks if mark["type"] == "line"}


def test_a_municipality_without_a_value_keeps_its_row_in_the_comparison(release: queries.Release) -> None:
    found = queries.municipality_values(release, "recipients", "default", 2018, 2017)
    assert dict(zip(found["geography_id"], found["value_status"] == "published", strict=True)) == {
        code: (code, 2018, 1) not in MISSING for code in MUNICIPALITIES
    }


def test_printed_figures_stand_beside_our_own(home: Path) -> None:
    app = _open("langvarigt", kommun="1280")
    # made when it is opened
    assert not any("Publicerat: Tabell" in str(one.proto) for one in app.get("vega_lite_chart"))
    app.session_state["andra_satt"] = True
    app.run()
    specs = [str(element.proto) for element in app.get("vega_lite_chart")]
    assert any("Publicerat: Tabell" in spec for spec in specs)
    text = _text(app)
    [(differs,)] = in_release(
        home,
        """
        select municipality_method_differs_count from long_term_recipiency
        where geography_id = '1280' and period_year = 2019 and breakdown = 'total'
        """,
    )
    assert f"ger olika svar för <b>{words.number(differs)} personer</b> år 2019" in text


def test_the_reasons_are_shares_of_the_adults_classified(home: Path) -> None:
    [(adults, unknown)] = in_release(
        home,
        """
        select adults_with_reason_count, reason_share from reason_for_need
        where geography_id = '1280' and period_year = 2019 and definition_id = 'reason:most_frequent'
            and reason = 'uppgift_saknas' and sex = 'all' and age_band = 'all' and duration = 'all' and origin = 'all' and children = 'all'
        """,
    )
    text = _text(_open("varfor", kommun="1280"))
    assert f"<b>{words.number(adults)}</b> vuxna är klassade" in text
    assert f"<b>{words.figure(unknown, 'share', 1)}</b> av dem står uppgift saknas" in text


def test_the_choice_of_definition_changes_the_reasons(home: Path) -> None:
    app = _open("varfor", kommun="1280")
    before = _text(app)
    app.selectbox(key="hinder").select("Senaste försörjningshindret under året").run()
    assert not app.exception
    assert _text(app) != before


def _known_exits(home: Path, select: str) -> list[tuple]:
    """Of Malmö's exit reasons, all persons, where the year's are known."""
    return in_release(
        home,
        f"""
        select {select}
        from indicator_values
        where indicator_id = 'exit_reason_share' and geography_id = '1280' and value_status = 'published'
            and starts_with(breakdown, 'exit_reason=')
        """,
    )


def test_exit_reasons_show_the_latest_known_year_and_never_a_zero_for_none(home: Path) -> None:
    [(year, ends)] = _known_exits(home, "max(period), arg_max(denominator, period)")
    app = _open("in_och_ut", kommun="1280", ar="2019")
    assert f"<b>{words.number(ends)}</b> bistånd bland vuxna slutade {year}" in _text(app)
    assert "2019 kan inte räknas än" in _text(app)
    assert "Avslutsorsaker: inte lämnade" in _text(_open("in_och_ut", kommun="1231"))
    [(municipalities,)] = in_release(
        home,
        f"""
        select count(distinct geography_id) from indicator_values
        where indicator_id = 'exit_reason_share' and period = '{year}' and value_status <> 'not_reported'
            and length(geography_id) = 4 and geography_id <> '0000'
        """,
    )
    headings = [element.value for element in _open("in_och_ut", kommun="0000", ar="2019").header]
    assert f"Varför biståndet slutar, {year} ({words.municipalities(municipalities)})" in headings


def test_who_is_left_after_months_is_the_curve_of_the_release(home: Path) -> None:
    [(year, share)] = in_release(
        home,
        """
        select entry_year, survival_share from duration_curves
        where geography_id = '0000' and definition_id = 'spell:gap2' and month_since_entry = 3 and value_status = 'published'
        order by entry_year desc limit 1
        """,
    )
    text = _text(_open("in_och_ut", kommun="0000"))
    assert (
        f"Av dem som började få bistånd {year} var <b>{words.figure(share, 'share', 0)} efter 3 månader"
        in text
    )


def test_every_catalogued_indicator_has_its_page(home: Path) -> None:
    """An indicator that no reader can find, with its definition, is refused."""
    catalogue = in_release(
        home, "select indicator_id, indicator_name, definition_text from dim_indicators order by sort_order"
    )
    app = _open("definitioner", kommun="1280")
    measures = app.selectbox(key="matt").options
    assert len(measures) == len(catalogue)
    for place, (indicator_id, name, definition) in enumerate(catalogue):
        app.selectbox(key="matt").select_index(place).run()
        assert not app.exception, indicator_id
        assert f"{name}, Malmö" in [element.value for element in app.header]
        assert html.escape(definition) in _text(app), indicator_id


def test_a_measure_is_shown_by_the_breakdown_chosen(home: Path) -> None:
    app = _open("definitioner", kommun="1280", matt="exit_reason_share")
    assert app.selectbox(key="uppdelning").options == ["Avslutsorsak", "Kön, avslutsorsak"]
    [(year,)] = _known_exits(home, "max(period)")
    assert app.selectbox(key="ar").value == int(year)
    text = _text(app)
    shares = _known_exits(home, "value")
    assert any(share for (share,) in shares)
    assert all(f">{words.figure(share, 'share', 1)}</td>" in text for (share,) in shares)
    assert any(words.STATUS_WORDS[status] in text for status in ("before_register", "not_yet"))


def test_reconciliation_counts_every_verdict_and_names_the_contradiction(home: Path) -> None:
    text = _text(_open("tillforlitlighet", **{"del": "avstamning"}))
    [(differs,)] = in_release(home, "select count(*) from reconciliation where verdict = 'differs'")
    assert f'Skiljer</div><div class="bl-value">{differs}<' in text
    assert "Alla kommuner (ovägt medel) 2017" in text
    assert (
        f"Tabell{words.SPACE}2 anger 14,8{words.SPACE}% och Tabell{words.SPACE}6 anger 13,9{words.SPACE}%"
        in text
    )
    assert f"inget helt antal av de 246 vuxna i Tabell{words.SPACE}15 ger den andelen" in text


def test_the_data_page_shows_files_rules_and_checks(home: Path) -> None:
    text = _text(_open("tillforlitlighet", **{"del": "kontroller"}))
    hit = in_release(home, "select distinct rule_id from delivery_rule_hits")
    rules = rule_catalogue()
    assert hit
    assert all(html.escape(rules[rule_id].title) in text for (rule_id,) in hit)
    assert "Delvis underkänd" in text
    assert "✗ inte godkänd" in text
    assert "Burlöv" in _text(_open("tillforlitlighet"))


def test_the_data_page_shows_how_old_each_source_is_and_what_went_wrong(home: Path) -> None:
    text = _text(_open("tillforlitlighet", **{"del": "kallor"}))
    assert "2020-01-10" in text
    assert "Kolada svarar inte i tid" in text
    assert "aldrig hämtad" in text


def test_the_data_page_names_a_kpi_that_has_gone_from_the_catalogue(home: Path) -> None:
    assert "2020-01-13 Nyckeltalet N31807 finns inte i Koladas katalog." in _text(
        _open("tillforlitlighet", **{"del": "kallor"})
    )


def test_the_current_state_of_a_month_is_what_counts(release: queries.Release) -> None:
    months = queries.delivery_months(release).set_index(["municipality_name", "period"])["state"]
    assert months["Malmö", "2018-05"] == "replaced"
    assert months["Malmö", "2018-06"] == "accepted"
    assert months["Burlöv", "2017-06"] == "missing"


def test_a_new_release_is_seen_without_a_restart(changed_home: Path) -> None:
    settings = Settings(home=changed_home)
    first = queries.current_release(settings)
    folder = settings.current_release.resolve()
    assert queries.release_info(first)["release_id"].iloc[0] == folder.name
    shutil.copytree(folder, folder.with_name("nyare"))
    waiting = settings.published / "current.next"
    waiting.symlink_to("nyare", target_is_directory=True)
    os.replace(waiting, settings.current_release)
    change(changed_home, "update release_info set release_id = 'nyare'")
    second = queries.current_release(settings)
    assert second != first
    assert queries.release_info(second)["release_id"].iloc[0] == "nyare"


def test_without_a_release_the_page_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BISTAND_HOME", str(tmp_path))
    app = _open()
    assert [element.value for element in app.warning] == [
        "Det finns ingen utgåva att visa; kör `bistand run` (eller `bistand demo` för påhittade uppgifter) "
        "och ladda om sidan."
    ]


def test_serving_without_a_release_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PlainError, match="Det finns ingen utgåva att visa"):
        serve(Settings(home=tmp_path))


def test_serving_on_a_taken_port_is_refused_in_one_sentence(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PlainError, match=f"^Porten {port} är upptagen"):
            serve(Settings(home=home), port)


def test_the_pages_listen_only_on_this_machine() -> None:
    assert command(8501)[-2:] == ["--server.address", "127.0.0.1"]
    config = (PROJECT_ROOT / "dashboards" / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert 'address = "127.0.0.1"' in config
    assert "gatherUsageStats = false" in config


def test_no_page_can_be_reached_past_the_router() -> None:
    assert not (PROJECT_ROOT / "dashboards" / "pages").exists()


def test_all_sql_of_the_pages_stands_in_one_folder() -> None:
    """Pages and components neither open a database nor hold a select."""
    for path in sorted((PROJECT_ROOT / "dashboards").rglob("*.py")):
        if path.parent.name == "queries":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            name.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])
        }
        assert "duckdb" not in imported, path.name
        strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert not [text for text in strings if isinstance(text, str) and "select " in text.lower()], (
            path.name
        )


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "expected"),
    [
        (1234567, "persons", 0, "1\u202f234\u202f567"),
        (0.1234, "share", 1, "12,3\u00a0%"),
        (12_345_678, "sek", 0, "12,3\u00a0miljoner\u00a0kr"),
        (61999.6, "sek_per_household", 0, "62\u202f000\u00a0kr"),
        (6.44, "months", 1, "6,4\u00a0månader"),
        (0, "persons", 0, "0"),
    ],
)
def test_numbers_are_written_in_swedish(value: float, unit: str, decimals: int, expected: str) -> None:
    assert words.figure(value, unit, decimals) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.004, "share", "+0,4\u00a0procentenheter"),
        (-0.004, "share", "\u22120,4\u00a0procentenheter"),
        (-0.0001, "share", "oförändrat"),
        (-12, "persons", "\u221212\u00a0personer"),
        (None, "persons", ""),
    ],
)
def test_a_change_is_written_with_sign_and_word(value: float | None, unit: str, expected: str) -> None:
    assert words.change(value, unit, 1 if unit == "share" else 0) == expected


def test_a_rise_in_longterm_aid_is_unwanted_and_a_neutral_measure_has_no_good_or_bad() -> None:
    assert words.trend_tone("up", "rise_unwanted") == "unwanted"
    assert words.trend_tone("down", "rise_unwanted") == "wanted"
    assert words.trend_tone("up", "neutral") == "neutral"
    assert words.trend(None)[1] == "riktningen är dold"


def test_a_removed_release_leaves_one_plain_sentence(changed_home: Path) -> None:
    release = queries.current_release(Settings(home=changed_home))
    st.cache_resource.clear()
    queries.sources.clear()
    shutil.rmtree(released(changed_home).resolve())
    with pytest.raises(queries.NoRelease, match="ladda om sidan"):
        queries.sources(release)


def test_a_release_of_an_earlier_version_is_told_in_a_sentence(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, profile="internal")
    settings.current_release.mkdir(parents=True)
    with duckdb.connect(str(settings.current_release / "indicators.duckdb")) as connection:
        connection.execute("create schema marts")
    with pytest.raises(queries.NoRelease, match="tidigare version"):
        queries.release_info(queries.current_release(settings))


def test_answers_stand_beside_counts_of_municipalities_and_are_not_ranked(home: Path) -> None:
    app = _open("arbetssatt", oj_kommun="Malmö", oj_utgava="2024")
    text = _text(app)
    assert "Avsaknad av rutin är inte sämre praktik" in text
    assert "Används FREDA-kortfrågor?" in text
    assert "1 av 2 svarar ja" in text
    assert "2 av 3 svarar ja; 1 utan svar" in text
    assert "utgåvan 2024" in text
    assert "%" not in text.split("Används FREDA-kortfrågor?")[1].split("</tr>")[0]


def test_a_release_without_answers_says_how_to_lay_them_in(changed_home: Path) -> None:
    change(changed_home, "delete from oj_answers")
    assert "bistand sources add --source oppna_jamforelser/workbooks" in _text(_open("arbetssatt"))


def test_a_municipality_stands_beside_its_groups_and_the_mean_is_labelled_apart(home: Path) -> None:
    shown = _text(_open("jamfor", kommun="1280", matt="recipients_share_population", **{"del": "grupper"}))
    [(group, included, total)] = in_release(
        home,
        """
        select skr_group_name, skr_group_members_included, skr_group_members_total
        from comparison
        where indicator_id = 'recipients_share_population' and geography_id = '1280' and period = '2019'
            and breakdown = 'total'
        """,
    )
    row = shown.split(f">{group}</td>")[1].split("</tr>")[0]
    assert f"{included} av {total}" in row
    assert "väger alla kommuner lika" in shown
    assert "inte detsamma som bra eller dåligt" in shown


def test_similar_municipalities_are_shown_where_they_are_known_and_said_to_be_absent_otherwise(
    changed_home: Path,
) -> None:
    change(changed_home, "update comparison set similar_status = null where geography_id = '1280'")
    assert "Liknande kommuner: Burlöv" in _text(_open("jamfor", kommun="1231", **{"del": "grupper"}))
    assert "ingen grupp inläst" in _text(_open("jamfor", kommun="1280", **{"del": "grupper"}))


def test_few_municipalities_have_no_spread_and_all_of_them_are_not_the_country(home: Path) -> None:
    text = _text(_open("jamfor", kommun="1280", jamfor="country", **{"del": "grupper"}))
    assert "det behövs minst 8" in text
    assert "medianen är" not in text
    assert "Riket" not in text


def test_a_list_of_ones_own_is_compared_and_a_code_that_is_not_there_is_told(home: Path) -> None:
    app = _open("jamfor", kommun="1280", jamfor="egna", lista="0180,9999", **{"del": "tabell"})
    assert app.multiselect(key="lista").value == ["0180"]
    assert "”9999” finns inte här" in _text(app)
    assert ">Stockholm</td>" in _text(app)
    assert ">Burlöv</td>" not in _text(app)


def test_every_column_of_the_release_has_one_swedish_heading_of_its_own(release: queries.Release) -> None:
    headings = column_names(Settings(home=PROJECT_ROOT))
    found = queries.tables(release)
    assert set(found["column_name"]) - set(headings) == set(), "add it to data/catalog/column_names.yml"
    for table, columns in found.groupby("table_name")["column_name"]:
        assert len({headings[name] for name in columns}) == len(columns), table


def test_a_table_of_the_release_can_be_taken_home(home: Path, release: queries.Release) -> None:
    found = queries.tables(release)
    assert {"indicator_values", "duration_curves"} <= set(found["table_name"])
    with pytest.raises(KeyError):
        queries.whole_table(release, "marts", "register")
    [(rows,)] = in_release(home, "select count(*) from duration_curves")
    assert len(queries.whole_table(release, "marts", "duration_curves")) == rows
