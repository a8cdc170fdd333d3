"""Going out to the official sources, against servers that speak their APIs: every fault ends in one Swedish sentence
with source, address and what to do, and what we had stays in force."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from orchestration.catalog.loader import Catalog, load_catalog
from orchestration.database import open_database
from orchestration.errors import PlainError
from orchestration.operation import alerts
from orchestration.operation.findings import find
from orchestration.settings import Settings, utc_now
from orchestration.sources.connector import OUTCOMES
from orchestration.sources.fetching.refresh import add_files, refresh
from orchestration.sources.fetching.snapshots import Attempt, list_outcomes, list_snapshots
from orchestration.sources.fetching.state import next_expected, stale_datasets, status_lines
from orchestration.warehouse.raw_tables import load_raw_tables
from tests.fixtures.commands import bistand_environment
from tests.integration.test_operation import webhook
from tests.servers.kolada import KoladaServer, inner, subject
from tests.servers.scb import ScbServer, Table
from tests.servers.service import Fault

KPIS = ["N31807", "N31814", "N31910"]
AGES = [*map(str, range(100)), "100+"]
# Stockholm, Göteborg and Malmö 31 December, from SCB (TAB638)
POPULATION = {
    "0180": {"2020": 975551, "2021": 978770, "2022": 984748, "2023": 988943, "2024": 995574},
    "1480": {"2020": 583056, "2021": 587549, "2022": 596841, "2023": 604616, "2024": 608993},
    "1280": {"2020": 347949, "2021": 351749, "2022": 357377, "2023": 362133, "2024": 365644},
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def catalog(settings: Settings) -> Catalog:
    """The real catalogue with few KPIs and years and short waits."""
    real = load_catalog(settings)
    sources = []
    for source in real.sources:
        if source.service is None:
            continue
        limits = source.service.limits.model_copy(
            update={
                "calls": 1000,
                "seconds": 1.0,
                "timeout_seconds": 1.0,
                "attempts": 3,
                "longest_wait_seconds": 2.0,
            }
        )
        datasets = [
            one.model_copy(
                update={"asks": one.asks | {"kpis": KPIS, "first_year": datetime.now(UTC).year - 3}}
            )
            if source.source_id == "kolada"
            else one
            for one in source.service.datasets
        ]
        service = source.service.model_copy(update={"limits": limits, "datasets": datasets})
        sources.append(source.model_copy(update={"service": service}))
    return Catalog(**{**vars(real), "sources": sources})


@pytest.fixture
def kolada(monkeypatch: pytest.MonkeyPatch) -> Iterator[KoladaServer]:
    with KoladaServer(per_page=5) as server:
        subject(server, KPIS)
        monkeypatch.setenv("BISTAND_KOLADA_URL", server.url)
        yield server


def population_table() -> Table:
    def cell(codes: dict[str, str]) -> int:
        # everybody is 30 and a man, but for one woman of each age: sums are the printed totals
        total = POPULATION[codes["Region"]][codes["Tid"]]
        if codes["Alder"] == "tot":
            return total
        if codes["Kon"] == "2":
            return 1
        return total - len(AGES) if codes["Alder"] == "30" else 0

    return Table(
        "Folkmängden efter region, ålder, kön, tabellinnehåll och år",
        {
            "Region": ["00", *POPULATION],
            "Civilstand": ["OG", "G", "ÄNKL", "SK"],
            "Alder": [*AGES, "tot"],
            "Kon": ["1", "2"],
            "ContentsCode": ["BE0101N1", "BE0101N2"],
            "Tid": ["2020", "2021", "2022", "2023", "2024"],
        },
        cell,
        eliminable=("Region", "Civilstand", "Alder", "Kon"),
        labels={"ContentsCode": {"BE0101N1": "Folkmängd", "BE0101N2": "Folkökning"}},
    )


def equivalents_table() -> Table:
    def cell(codes: dict[str, str]) -> float | str:
        if codes["Tid"] == "2017M12":
            return ".."
        if codes["Region"] == "1280" and codes["ContentsCode"] == "E1":
            return 0
        return 100.0

    return Table(
        "Helårsekvivalenter",
        {
            "Region": ["00", *POPULATION],
            "Kon": ["1", "2", "1+2"],
            "Aldersgrupp": ["20-64"],
            "ContentsCode": ["E1", "E2"],
            "Tid": [f"2017M{month:02}" for month in range(1, 13)],
        },
        cell,
        labels={"ContentsCode": {"E1": "Ekonomiskt bistånd", "E2": "Sjukpenning"}},
        notes=("Kommuner som inte har rapporterat redovisas som 0.",),
    )


@pytest.fixture
def scb(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScbServer]:
    tables = {"TAB638": population_table(), "TAB1386": equivalents_table()}
    paths = {"BE/BE0101/BE0101A/BefolkningNy": "TAB638", "HE/HE0112/HE0000T02N2": "TAB1386"}
    with ScbServer(tables, paths, most_cells=500, calls=1000) as server:
        monkeypatch.setenv("BISTAND_SCB_URL", f"{server.url}/v2")
        yield server


def raw(settings: Settings, sql: str) -> list[tuple]:
    load_raw_tables(settings)
    with open_database(settings.warehouse) as connection:
        return connection.execute(sql).fetchall()


def only(outcomes: list[Attempt]) -> Attempt:
    assert len(outcomes) == 1
    return outcomes[0]


def test_kolada_comes_whole_through_pages_that_name_the_real_address(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    outcomes = refresh(settings, "kolada", catalog=catalog)
    assert [one.outcome for one in outcomes] == ["new"] * 4
    found = raw(settings, "select kpi_id, area_id, period, gender, value from raw.kolada_values")
    assert len(found) == len(set(found)) == sum(len(rows) for rows in kolada.values.values())
    assert ("N31814", "0180", 2024, "K", 19.5) in found
    assert raw(settings, "select count(*) from raw.kolada_municipality_groups where member_id = '1427'") == [
        (1,)
    ]
    assert all("api.kolada.se" not in path for _, path, _ in kolada.asked)


def test_an_older_answer_names_its_next_page_next_page(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    kolada.next_name = "next_page"
    refresh(settings, "kolada/values", catalog=catalog)
    assert raw(settings, "select count(*) from raw.kolada_values") == [
        (sum(len(rows) for rows in kolada.values.values()),)
    ]


def test_the_same_bytes_again_are_only_checked(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    first = only(refresh(settings, "kolada/kpis", catalog=catalog))
    second = only(refresh(settings, "kolada/kpis", catalog=catalog))
    assert (first.outcome, second.outcome) == ("new", "unchanged")
    assert second.snapshot_id == first.snapshot_id
    assert len(list_snapshots(settings, "kolada", "kpis")) == 1


def test_what_the_service_says_is_unchanged_is_not_sent_again(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    kolada.has_etags = True
    refresh(settings, "kolada/values", catalog=catalog)
    kolada.values["N31807", "0180", 2024] = [inner(99.0)]
    assert only(refresh(settings, "kolada/values", catalog=catalog)).outcome == "new"
    assert any("If-None-Match" in headers for _, _, headers in kolada.asked)
    before, after = list_snapshots(settings, "kolada", "values")
    shared = [one for one in after.answers if (after.folder / one.file).stat().st_nlink > 1]
    assert 0 < len(shared) < len(after.answers)
    assert len(after.answers) == len(before.answers)


def test_bytes_are_kept_as_received_with_a_sidecar(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    kolada.faults = [Fault(has_bom=True)]
    refresh(settings, "kolada/municipalities", catalog=catalog)
    snapshot = list_snapshots(settings, "kolada", "municipalities")[0]
    assert snapshot.read(snapshot.answers[0]).startswith(b"\xef\xbb\xbf{")
    sidecar = json.loads((snapshot.folder / "snapshot.json").read_text(encoding="utf-8"))
    assert {
        "source_id",
        "retrieved_at",
        "sha256",
        "licence",
        "producer",
        "citation",
        "parser_version",
    } <= set(sidecar)
    assert sidecar["answers"][0]["url"] == f"{kolada.url}/municipality"
    assert sidecar["answers"][0]["status"] == 200


FAULTS = {
    "too many requests": (Fault(status=429, headers={"Retry-After": "1"}), "unreachable", "färre frågor"),
    "a long Retry-After": (Fault(status=429, headers={"Retry-After": "3600"}), "unreachable", "3600 sekunders väntan"),
    "forbidden": (Fault(status=403, body=b'{"title": "Too many cells"}'), "refused", "för stor eller otillåten"),
    "server error": (Fault(status=500), "unreachable", "tjänsten har ett fel"),
    "gone": (Fault(status=410, body=b""), "refused", "nedlagd"),
    "not found": (Fault(status=404), "refused", "rätta sources.yml"),
    "slow": (Fault(wait_seconds=1.5), "unreachable", "svarar inte i tid"),
    "cut connection": (Fault(is_cut=True), "unreachable", "bröt förbindelsen"),
    "truncated JSON": (Fault(is_truncated=True), "unreadable", "avhuggen"),
    "a web page": (
        Fault(body=b"<html><body>Underhall</body></html>", content_type="text/html"), "unreadable", "en webbsida",
    ),
    "nothing": (Fault(body=b""), "empty", "utan innehåll"),
    "an empty list": (Fault(body=b'{"values": [], "count": 0, "next_url": null}'), "empty", "svaret är tomt"),
    "no envelope": (Fault(body=b'{"error": "x"}'), "drifted", "values"),
    "not a list": (Fault(body=b'{"values": {"a": 1}}'), "drifted", "values"),
    "a renamed column": (
        Fault(body=b'{"values": [{"kpi": "N31807", "region": "0180", "period": 2024, "values": []}]}'),
        "drifted", "kolumnen municipality saknas",
    ),
    "text in a number": (
        Fault(body=b'{"values": [{"kpi": "N31807", "municipality": "0180", "period": 2024, '
                   b'"values": [{"gender": "T", "value": "12,5"}]}]}'),
        "drifted", "kolumnen value är inget tal",
    ),
    "an unknown gender": (
        Fault(body=b'{"values": [{"kpi": "N31807", "municipality": "0180", "period": 2024, '
                   b'"values": [{"gender": "F", "value": 12.5}]}]}'),
        "drifted", "kolumnen gender",
    ),
    "an inner list of another shape": (
        Fault(body=b'{"values": [{"kpi": "N31807", "municipality": "0180", "period": 2024, "values": [7]}]}'),
        "drifted", "kolumnen values är ingen lista av värden",
    ),
    "an inner list that is null": (
        Fault(body=b'{"values": [{"kpi": "N31807", "municipality": "0180", "period": 2024, "values": null}]}'),
        "drifted", "kolumnen values är ingen lista av värden",
    ),
    "a value that is no number": (
        Fault(body=b'{"values": [{"kpi": "N31807", "municipality": "0180", "period": 2024, '
                   b'"values": [{"gender": "T", "count": 1, "status": "", "value": NaN}]}]}'),
        "unreadable", "felaktig JSON",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_sentence_and_what_we_had_stays_in_force(
    settings: Settings, catalog: Catalog, kolada: KoladaServer, name: str
) -> None:
    refresh(settings, "kolada/values", catalog=catalog)
    before = raw(settings, "from raw.kolada_values")
    fault, outcome, words = FAULTS[name]
    kolada.faults = [Fault(**vars(fault))]
    ended = only(refresh(settings, "kolada/values", catalog=catalog))
    assert ended.outcome == outcome
    assert words in ended.message
    assert ended.message.startswith("Kolada")
    assert kolada.url in ended.message
    assert "gäller." in ended.message
    assert ended.snapshot_id is None
    assert list_outcomes(settings)[-1] == ended
    assert len(list_snapshots(settings, "kolada", "values")) == 1
    assert raw(settings, "from raw.kolada_values") == before


@pytest.mark.parametrize("header", ["1", "date"])
def test_a_service_that_asks_for_patience_gets_it(
    settings: Settings, catalog: Catalog, kolada: KoladaServer, header: str
) -> None:
    value = (
        header if header == "1" else format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    )
    kolada.faults = [Fault(times=1, status=429, headers={"Retry-After": value})]
    assert only(refresh(settings, "kolada/kpis", catalog=catalog)).outcome == "new"


def test_a_connection_that_breaks_once_is_tried_again(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    kolada.faults = [Fault(times=1, is_cut=True), Fault(times=1, status=503)]
    assert only(refresh(settings, "kolada/kpis", catalog=catalog)).outcome == "new"


def test_a_fault_that_is_an_answer_is_not_tried_again(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    kolada.faults = [Fault(status=404)]
    refresh(settings, "kolada/kpis", catalog=catalog)
    assert len(kolada.asked) == 1


@pytest.mark.parametrize("named", ["first", "same content"])
def test_pages_that_go_round_are_stopped(
    settings: Settings, catalog: Catalog, kolada: KoladaServer, named: str
) -> None:
    kolada.wrong_next = "https://api.kolada.se/v3/municipality" if named == "first" else None
    if named == "same content":
        kolada.faults = [Fault(body=b'{"values": [{"id": "0180", "title": "Stockholm", "type": "K"}], "next_url": '
                                    b'"https://api.kolada.se/v3/municipality?page=2"}', times=1),
                         Fault(body=b'{"values": [{"id": "0180", "title": "Stockholm", "type": "K"}], "next_url": '
                                    b'"https://api.kolada.se/v3/municipality?page=2"}', times=1)]  # fmt: skip
    ended = only(refresh(settings, "kolada/municipalities", catalog=catalog))
    assert (ended.outcome, "bläddrar i ring" in ended.message) == ("unreadable", True)
    assert len(kolada.asked) <= 3


def test_a_whole_year_that_empties_is_told_and_nothing_is_taken_away(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    refresh(settings, "kolada/values", catalog=catalog)
    for key in [key for key in kolada.values if key[2] == 2023]:
        del kolada.values[key]
    outcomes = refresh(settings, "kolada/values", catalog=catalog)
    assert [one.outcome for one in outcomes] == ["new"]
    told = list_outcomes(settings)[-2]
    assert told.outcome == "empty"
    assert "year/2023" in told.message
    assert raw(
        settings, "select count(*) from raw.kolada_scopes where snapshot_number = 2 and period = 2023"
    ) == [(0,)]


def test_most_rows_gone_stops_until_a_person_says_that_it_is_right(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    refresh(settings, "kolada/municipalities", catalog=catalog)
    del kolada.areas["0000"], kolada.areas["0001"], kolada.areas["0180"]
    ended = only(refresh(settings, "kolada/municipalities", catalog=catalog))
    assert (ended.outcome, "1 rader mot 4 förra gången" in ended.message) == ("drifted", True)
    refused = settings.snapshots / "kolada" / "municipalities" / "refused"
    files = list(refused.glob("*/0001.json"))
    assert add_files(settings, "kolada/municipalities", files).outcome == "new"


def test_a_limit_of_calls_is_kept(
    settings: Settings, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = next(one for one in catalog.sources if one.source_id == "kolada")
    limits = source.service.limits.model_copy(update={"calls": 5, "seconds": 0.5})
    service = source.service.model_copy(update={"limits": limits})
    slow = Catalog(**{**vars(catalog), "sources": [source.model_copy(update={"service": service})]})
    with KoladaServer(per_page=5, calls=5, seconds=0.45) as server:
        subject(server, KPIS)
        monkeypatch.setenv("BISTAND_KOLADA_URL", server.url)
        assert {one.outcome for one in refresh(settings, "kolada", catalog=slow)} == {"new"}
        assert len(server.asked) > 10


def test_nobody_at_the_address_is_told_too(
    settings: Settings, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with KoladaServer() as server:
        url = server.url
    monkeypatch.setenv("BISTAND_KOLADA_URL", url)
    ended = only(refresh(settings, "kolada/kpis", catalog=catalog))
    assert ended.outcome == "unreachable"
    assert "Det finns inga tidigare uppgifter." in ended.message
    assert f"{'aldrig hämtad'}" in "\n".join(status_lines(settings))


def test_files_saved_by_hand_go_through_the_same_gate(settings: Settings, tmp_path: Path) -> None:
    page = tmp_path / "svar.json"
    page.write_bytes(json.dumps({"values": [
        {"kpi": "N31807", "municipality": "0180", "period": "2024", "values": [inner(3.5)]},
        {"kpi": "N31807", "municipality": "1480", "period": "2024", "values": [inner(None, status="Missing")]},
    ], "count": 2, "next_url": None}).encode("utf-8-sig"))  # fmt: skip
    url = "https://api.kolada.se/v3/data/kpi/N31807/year/2024"
    assert add_files(settings, "kolada/values", [page], url).outcome == "new"
    assert raw(settings, "select area_id, period, value, raw_status from raw.kolada_values order by 1") == [
        ("0180", 2024, 3.5, ""),
        ("1480", 2024, None, "Missing"),
    ]
    assert raw(settings, "select kpi_id, period, area_id from raw.kolada_scopes") == [("N31807", 2024, None)]
    page.write_text('{"values": [{"kpi": "N31807"}]}')
    refused = add_files(settings, "kolada/values", [page])
    assert (refused.outcome, refused.snapshot_id) == ("drifted", None)
    assert len(list((settings.snapshots / "kolada" / "values" / "refused").iterdir())) == 1


def test_a_kpi_that_has_gone_from_the_catalogue_is_told_each_time(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    assert "finns inte" not in only(refresh(settings, "kolada/kpis", catalog=catalog)).message
    del kolada.kpis["N31814"]
    for outcome in ("new", "unchanged"):
        ended = only(refresh(settings, "kolada/kpis", catalog=catalog))
        assert ended.outcome == outcome
        assert "Nyckeltalet N31814 finns inte i Koladas katalog." in ended.message


def test_a_refresh_waits_for_nobody_and_two_of_them_say_so(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    import subprocess
    import sys

    # another process holds a lock, as a run or a refresh does
    hold = (
        "import sys; from pathlib import Path; from orchestration import run_lock; "
        "from orchestration.settings import Settings\n"
        "with getattr(run_lock, sys.argv[1])(Settings(home=Path(sys.argv[2]))): print('håller', flush=True); sys.stdin.read()"
    )
    for lock, ends in (("only_run", "new"), ("only_refresh", "")):
        with subprocess.Popen(
            [sys.executable, "-c", hold, lock, str(settings.home)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as other:  # fmt: skip
            assert other.stdout.readline() == "håller\n"
            if ends:
                assert only(refresh(settings, "kolada/municipalities", catalog=catalog)).outcome == ends
            else:
                with pytest.raises(PlainError, match="En annan hämtning pågår"):
                    refresh(settings, "kolada/municipalities", catalog=catalog)
            other.communicate("")


def test_an_unknown_source_says_where_to_look(settings: Settings) -> None:
    with pytest.raises(PlainError, match="bistand sources status"):
        refresh(settings, "kolatta")


def test_every_outcome_has_a_word(settings: Settings) -> None:
    assert {outcome for _, outcome, _ in FAULTS.values()} <= set(OUTCOMES)


def test_the_population_comes_in_blocks_under_the_limit(
    settings: Settings, catalog: Catalog, scb: ScbServer
) -> None:
    assert only(refresh(settings, "scb/population", catalog=catalog)).outcome == "new"
    sums = raw(settings, "select area_id, cast(year as varchar), cast(sum(population_count) as integer) "
                         "from raw.scb_population group by all")  # fmt: skip
    assert {(area, year): count for area, year, count in sums} == {
        (area, year): count for area, years in POPULATION.items() for year, count in years.items()
    }
    assert raw(settings, "select count(*) from raw.scb_population where age = 100 and age_code = '100+'") == [
        (30,)
    ]
    assert raw(settings, "select count(*) from raw.scb_population where age_code = 'tot'") == [(0,)]


def test_the_second_address_serves_when_the_first_is_closed(
    settings: Settings, catalog: Catalog, scb: ScbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scb.is_v2_gone = True
    scb.most_cells = 150_000
    monkeypatch.setenv("BISTAND_SCB_V1_URL", f"{scb.url}/v1")
    assert only(refresh(settings, "scb/population", catalog=catalog)).outcome == "new"
    first, second = list_outcomes(settings)
    assert (first.outcome, first.http_status, second.outcome) == ("refused", 410, "new")
    assert "nedlagd" in first.message
    assert raw(settings, "select count(*) from raw.scb_population") == [(3 * 5 * 2 * 101,)]


def test_a_mark_of_scb_is_never_0_and_footnotes_are_kept(
    settings: Settings, catalog: Catalog, scb: ScbServer
) -> None:
    refresh(settings, "scb/yearly_equivalents", catalog=catalog)
    assert raw(
        settings, "select distinct value, raw_status from raw.scb_yearly_equivalents where month = '2017M12'"
    ) == [(None, "..")]
    assert raw(settings, "select distinct note from raw.scb_yearly_equivalents_notes") == [
        ("Kommuner som inte har rapporterat redovisas som 0.",)
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda table: table.variables.pop("Kon"), "variabeln Kon saknas"),
        (lambda table: table.variables.update({"Alder": ["0-4", "5-9"]}), "ingen kod i variabeln Alder"),
        (lambda table: table.variables.update({"Inkomst": ["1"]}), "variabeln Inkomst måste anges"),
    ],
)
def test_a_table_that_scb_changed_stops_with_the_name_of_the_variable(
    settings: Settings, catalog: Catalog, scb: ScbServer, change, words: str
) -> None:
    change(scb.tables["TAB638"])
    ended = only(refresh(settings, "scb/population", catalog=catalog))
    assert (ended.outcome, words in ended.message) == ("drifted", True), ended.message


def test_the_command_goes_out_and_lists(tmp_path: Path, kolada: KoladaServer) -> None:
    import subprocess
    import sys

    environment = bistand_environment(tmp_path) | {"BISTAND_KOLADA_URL": kolada.url}
    command = str(Path(sys.executable).parent / "bistand")

    def call(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [command, "sources", *arguments], env=environment, capture_output=True, text=True
        )

    kolada.per_page = 5000
    assert call("refresh", "kolada/municipalities").returncode == 0
    listed = call("status").stdout
    assert "kolada/municipalities: " in listed
    assert "4 rader" in listed
    kolada.faults = [Fault(status=404)]
    failed = call("refresh", "kolada/municipalities")
    assert failed.returncode == 1
    assert "rätta sources.yml" in call("list").stdout


def test_status_tells_what_came_went_and_changed_since_the_last(
    settings: Settings, catalog: Catalog, kolada: KoladaServer
) -> None:
    refresh(settings, "kolada/kpis", catalog=catalog)
    refresh(settings, "kolada/values", catalog=catalog)
    first, second, *_, last = sorted(kolada.values)
    kolada.values[first] = [inner(99.5)]
    del kolada.values[second]
    kolada.values[(last[0], "0114", last[2])] = [inner(1.5)]
    refresh(settings, "kolada/values", catalog=catalog)
    told = "\n".join(status_lines(settings))
    values = told[told.index("kolada/values") : told.index("scb/population")]
    assert ": 1 nya rader, 1 borta, 1 ändrade" in values
    assert "0 dagar gammal" in values
    assert "senaste försök" in values
    assert "aldrig hämtad" in told[told.index("scb/population") :]


def test_a_source_that_changed_without_a_word_or_is_late_is_told_to_the_receivers(
    settings: Settings, catalog: Catalog, kolada: KoladaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(settings, "kolada/values", catalog=catalog)
    now = utc_now()
    assert [one for one in find(settings, now) if one.kind == "source"] == []
    first, second, *_ = sorted(kolada.values)
    kolada.values[first] = [inner(99.5)]
    del kolada.values[second]
    refresh(settings, "kolada/values", catalog=catalog)
    [changed] = [one for one in find(settings, now) if one.kind == "source"]
    assert changed.text.startswith(
        "Källan kolada/values har ändrat det som redan var hämtat: 1 ändrade och 1 borttagna"
    )
    # a change is told while it is new; what the calendar promised is late some days after
    year_on = [one for one in find(settings, now + timedelta(days=400)) if one.kind == "source"]
    assert ["är sen: nytt väntades" in one.text for one in year_on] == [True]
    with webhook() as hook:
        monkeypatch.setenv("BISTAND_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/larm")
        alerts.tell(settings, [changed], now)
        alerts.tell(settings, year_on, now + timedelta(days=400))
    assert [body["findings"][0]["text"] for _, body in hook.bodies] == [changed.text, year_on[0].text]


def test_a_table_that_only_v1_has_is_asked_there_and_nowhere_else(
    settings: Settings, catalog: Catalog, scb: ScbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scb.tables["KPI"] = Table(
        "KPI", {"ContentsCode": ["000000KL", "X"], "Tid": ["1990", "2023", "2024"]}, lambda codes: 400.5
    )
    scb.paths["PR/PR0101/PR0101L/KPIFastAmed"] = "KPI"
    without = only(refresh(settings, "scb/price_index", catalog=catalog))
    assert without.outcome == "unreachable"
    assert "bara v1 har tabellen" in without.message
    monkeypatch.setenv("BISTAND_SCB_V1_URL", f"{scb.url}/v1")
    assert only(refresh(settings, "scb/price_index", catalog=catalog)).outcome == "new"
    assert raw(settings, "select year, value from raw.scb_figures order by all") == [
        (2023, 400.5),
        (2024, 400.5),
    ]


@pytest.mark.parametrize(
    ("name", "after", "told", "expected"),
    [
        ("socialstyrelsen/files", "2026-01-15", [], "2026-01-31"),
        ("socialstyrelsen/files", "2026-12-31", [], "2027-01-31"),
        ("kolada/values", "2026-06-10", [], "2026-06-17"),
        ("kolada/values", "2026-12-09", [], "2027-03-31"),
        ("kolada/values", "2026-06-10", ["2026-06-11", "2026-10-28"], "2026-06-11"),
        ("kolada/values", "2026-06-10", ["2025-10-28"], "2026-06-17"),
        ("oppna_jamforelser/workbooks", "2026-06-20", [], "2027-06-20"),
    ],
)
def test_what_is_next_is_the_sources_own_day_or_else_the_catalogues(
    settings: Settings, name: str, after: str, told: list[str], expected: str
) -> None:
    source_id, _, dataset_id = name.partition("/")
    [dataset] = [
        dataset
        for source in load_catalog(settings).sources
        if source.source_id == source_id and source.service
        for dataset in source.service.datasets
        if dataset.dataset_id == dataset_id
    ]
    days = frozenset(date.fromisoformat(one) for one in told)
    assert next_expected(dataset, date.fromisoformat(after), days) == date.fromisoformat(expected)


def test_a_day_of_the_calendar_that_has_gone_by_is_told(
    settings: Settings, catalog: Catalog, kolada: KoladaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(settings, "kolada/municipality_groups", catalog=catalog)
    assert "nästa väntas" in "\n".join(status_lines(settings))
    assert stale_datasets(settings) == []
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=400)
    monkeypatch.setattr("orchestration.sources.fetching.state.utc_now", lambda: later)
    told = "\n".join(status_lines(settings))
    assert "nytt väntades" in told
    assert "enligt katalogens kalender: hämta på nytt" in told
    assert stale_datasets(settings) == ["kolada/municipality_groups"]
