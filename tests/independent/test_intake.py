"""The intake says of every row what a slow, plain second reading of the contract says (tests/plain_intake.py)."""

from __future__ import annotations

import csv
import io
import os
import random
from collections import Counter
from datetime import date, timedelta

import pytest

from orchestration.intake.deliveries import loading
from orchestration.settings import Settings, utc_now
from tests.fixtures.plain_intake import judge
from tests.fixtures.register_files import COLUMNS, check_digit, deliver, personnummer, query

DELIVERIES = int(os.environ.get("BISTAND_PLAIN", "40"))
SEED = os.environ.get("BISTAND_FUZZ_SEED", "1")
ALL_RULES = {f"R{number:02d}" for number in range(18)} | {"D04"}
_MONTHS = ("2019-03", "2019-04", "201902", "2020-02", "2006-12", "2007-01")
_CODES = ("0180", "0180", "1480", "0331", "1917", "0330")


def _person(draw: random.Random, period: str) -> str:
    """Somebody in the household, now and then on one of the edges of R03 and R12."""
    year, month = (int(part) for part in (period.replace("-", "")[:4], period[-2:]))
    last_day = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    birth = draw.choice(
        (
            date(1950, 1, 1) + timedelta(days=draw.randrange(20_000)),
            date(1980, 2, 28) + timedelta(days=draw.randrange(3)),
            date(year - 18, 12, 31), date(year - 17, 1, 1), date(year - 21, 12, 31), date(year - 20, 1, 1),
            date(year - 20, 12, 31), last_day, last_day + timedelta(days=1), date(year - 5, 6, 15),
            date(year - 100, 1, 1), date(year - 99, 12, 31), date(year - 101, 7, 7), date(1900, 2, 28), date(2000, 2, 29),
        )
    )  # fmt: skip
    number = personnummer(birth, draw.randint(980, 999), coordination=draw.random() < 0.1)
    age = year - birth.year
    sign = "+" if age >= 100 else "-"
    forms = [
        number,
        number,
        f"{number[:8]}-{number[8:]}",
        f"{number[2:8]}{sign}{number[8:]}",
        number[2:],
        f" {number}\u00a0",
    ]
    if draw.random() < 0.03:
        return draw.choice(
            (
                f"{number[:8]}-T{number[9:]}", f"{number[:8]}TF{number[10:]}", f"{number[2:8]}{sign}t{number[9:]}",
                f"{number[:4]}0000-R{number[9:]}", f"{number[:6]}00X{number[9:]}",
            )
        )  # fmt: skip
    if draw.random() < 0.02:
        digits = f"{number[:4]}{draw.choice(('0060', '0075', '0360', '1360', '0092'))}{number[8:11]}"
        return digits + check_digit(digits[2:])
    return draw.choice(forms)


_WRONG = {
    "kommunkod": ("0000", "180", "", "O180", "0330 Knivsta"),
    "period": ("2019-13", "2019-00", "1984-12", "2199-01", "2019-3", "", "mars 2019", "1850-01", "201913"),
    "hushalls_id": ("", " ", "\u00a0"),
    "personnummer": (
        "", "19901300-T050", "19900230-9805", "199002309805", "900101-98O2", "19900101980", "1990010198022", "900101*9802", "000000-0000",
        "19900101-0009", "199013019802", "19900161-9802", "199001929802",
    ),
    "roll": ("", "rl", " Ms", "barn", "SYSTER", "R L"),
    "hushallstyp": ("", "2", "0", "9", "03", "4,0", "4.5", "1", "x", "10"),
    "forsorjningsstod_kr": (
        "", "0", "-0", "-0,00", "-1", "1 234,50", "1\u00a0234.5", "12 34", "1.234,50", "1e5", "+5", "NaN", "8 kr", ",5", "5,",
        "12.345", "12,345", "1 234,500", "0.000", "1.2345", "9999999999,99", "9999999999,995", "10000000000", "0,005", "1\u2009000", "1  000",
    ),
    "ovrigt_bistand_kr": ("", "100", "100,0", "-0,01", "x", "1 000"),
    "forsorjningshinder": ("", "A17", "ARBETSLÖS, ingen ersättning / stöd", "saknar_barnomsorg", "Saknar barnomsorg", "..."),
    "forsorjningshinder_2": ("", "A17", "B18", "Saknar barnomsorg", "utan_forsorjningshinder"),
    "kon": ("", "K", "m", "Kvinna", "man", "X"),
    "utrikes_fodd": ("", "1", "0", "ja", "NEJ", "2"),
    "distrikt": ("", "Öster", "Väster ", "a;b", 'c"d'),
}  # fmt: skip


def _delivery(draw: random.Random) -> list[dict[str, str]]:
    """Households of a few months: right ones, and with a share of wrong cells, repeated rows and a second head."""
    rows = []
    wrong_share = draw.choice((0.0, 0.004, 0.004, 0.05))
    months = [(draw.choice(_CODES), draw.choice(_MONTHS)) for _ in range(draw.randint(1, 3))]
    for number in range(draw.randint(1, 60)):
        code, period = draw.choice(months)
        members = ["RL", *draw.choices(["MS", "BARN"], k=draw.choice((0, 0, 1, 3)))]
        if draw.random() < 0.06:
            members[0] = draw.choice(("MS", "BARN"))
        if draw.random() < wrong_share * 4:
            members.append("RL")
        for role in members:
            is_head = role == "RL"
            row = {
                **dict.fromkeys(COLUMNS, ""),
                "kommunkod": code,
                "period": period,
                "hushalls_id": f"H{number}",
                "personnummer": _person(draw, period),
                "roll": role,
                "hushallstyp": draw.choice("345678") if is_head else "",
                "forsorjningsstod_kr": draw.choice(("5 100,50", "3000", "")) if is_head else "",
                "forsorjningshinder": "" if role == "BARN" else draw.choice(_WRONG["forsorjningshinder"]),
                "kon": draw.choice(("", "", "K")),
            }
            for name in COLUMNS:
                if draw.random() < wrong_share:
                    row[name] = draw.choice(_WRONG[name])
            if draw.random() < 0.05:
                row["hushallstyp"] = draw.choice(_WRONG["hushallstyp"])
            if draw.random() < 0.03:
                row["ovrigt_bistand_kr"] = draw.choice(("100", "0", "1 000"))
            rows.append(row)
    for _ in range(draw.choice((0, 1, 3))):
        again = dict(draw.choice(rows))
        name = draw.choice(COLUMNS)
        if draw.random() < wrong_share * 10:
            again[name] = draw.choice(_WRONG[name])
        elif draw.random() < 0.3:
            again["kon"] = draw.choice(_WRONG["kon"])
        rows.insert(draw.randint(0, len(rows)), again)
    return rows


def _text(rows: list[dict[str, str]], draw: random.Random) -> str:
    sink = io.StringIO()
    style = draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    written = csv.DictWriter(sink, COLUMNS, delimiter=draw.choice(";,\t"), lineterminator="\n", quoting=style)
    written.writeheader()
    written.writerows(rows)
    return sink.getvalue()


@pytest.fixture(scope="module")
def compared(tmp_path_factory) -> tuple[list[str], Counter]:
    """What differs, row by row, and how often each rule was met."""
    from orchestration.vault import pseudonym
    from tests.fixtures.register_files import KEY

    settings = Settings(home=tmp_path_factory.mktemp("hem"))
    expected = {}
    for number in range(DELIVERIES):
        draw = random.Random(f"{SEED}:{number}")
        rows = _delivery(draw)
        name = f"{number}.csv"
        deliver(settings, _text(rows, draw), name=name, minute=number)
        expected[name] = [
            (verdict.outcome, verdict.rule or ",".join(verdict.warnings))
            for verdict in judge(rows, utc_now().date())
        ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
        loading.load_landing(settings)
        kept = query(
            settings,
            "select file_name, file_row, 'loaded', coalesce(warnings, '') from register.person_months "
            "join register.deliveries using (delivery_id) union all "
            "select file_name, file_row, 'quarantined', quarantine.rule_id from register.quarantine "
            "join register.deliveries using (delivery_id)",
        )
    found: dict[str, dict[int, tuple[str, str]]] = {name: {} for name in expected}
    for name, file_row, outcome, rule in kept:
        found[name][file_row] = (outcome, rule)
    differing, met = [], Counter()
    for name, verdicts in expected.items():
        for place, verdict in enumerate(verdicts):
            said = found[name].get(place + 2, ("duplicate", "R08"))
            met.update(verdict[1].split(","))
            if said != verdict:
                differing.append(
                    f"frö {SEED}, leverans {name}, rad {place + 2}: {said} i stället för {verdict}"
                )
    return differing, met


def test_every_row_gets_the_verdict_of_the_plain_reading(compared):
    differing, met = compared
    assert differing == []
    assert sum(met.values()) > 50 * DELIVERIES


def test_the_random_deliveries_meet_every_rule(compared):
    _, met = compared
    assert set(met) - {""} == ALL_RULES
