"""The verdict on a personnummer, in SQL, is that of the package `personnummer`."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from personnummer import personnummer as package

from tests.fixtures.register_files import check_digit, personnummer


def verdicts(connection, texts: list[str], year: int) -> list[tuple[bool, int | None]]:
    connection.execute("create or replace temp table texts (place integer, value varchar)")
    connection.execute(
        "insert into texts select unnest($places), unnest($values)",
        {"places": list(range(len(texts))), "values": texts},
    )
    return connection.execute(
        "select coalesce(is_personnummer(number), false), number from "
        f"(select place, personnummer_number(value, {year}) as number from texts) order by place"
    ).fetchall()


def lacks_month_or_day(text: str) -> bool:
    month, day = (
        text.replace("-", "").replace("+", "")[-8:-4][:2],
        text.replace("-", "").replace("+", "")[-6:-4],
    )
    return int(day) >= 60 and (month == "00" or day == "60")


def sample(count: int, seed: int) -> list[str]:
    """Right and wrong numbers in every form: broken digits, dates and signs, and texts that are no numbers."""
    chance = random.Random(seed)
    texts = []
    for _ in range(count):
        birth = date(1890, 1, 1) + timedelta(days=chance.randrange(49_000))
        number = personnummer(birth, chance.randrange(980, 1000), coordination=chance.random() < 0.2)
        if chance.random() < 0.3:
            digits = list(number)
            for _ in range(chance.randrange(1, 4)):
                digits[chance.randrange(12)] = chance.choice("0123456789")
            number = "".join(digits)
        if chance.random() < 0.3:
            number = number[:-1] + check_digit(number[2:-1])
        form = chance.randrange(7)
        text = {
            0: number,
            1: f"{number[:8]}-{number[8:]}",
            2: f"{number[2:8]}-{number[8:]}",
            3: f"{number[2:8]}+{number[8:]}",
            4: number[2:],
            5: f"{number[:8]}+{number[8:]}",
        }.get(form, number)
        if form == 6:
            place = chance.randrange(len(text))
            text = chance.choice(
                [
                    text[:place],
                    text[:place] + chance.choice("T- +x") + text[place + 1 :],
                    text + "0",
                    text[place:],
                ]
            )
        texts.append(text)
    return texts


def test_every_form_gets_the_verdict_of_the_package(connection):
    texts = [
        *sample(20_000, seed=1),
        "",
        "0" * 12,
        "0" * 10,
        "000101-0000",
        "19900230-9802",
        "abc",
        "19000229-9816",
    ]
    found = verdicts(connection, texts, date.today().year)
    wrong = [text for text, (valid, _) in zip(texts, found, strict=True) if valid != package.valid(text)]
    # the package does not know that the date of a samordningsnummer may lack its month or day
    assert [text for text in wrong if not lacks_month_or_day(text)] == []
    assert 0.2 < sum(valid for valid, _ in found) / len(found) < 0.9


def test_ten_digits_are_read_into_the_same_twelve_as_the_package_does(connection):
    texts = [text for text in sample(5_000, seed=2) if package.valid(text)]
    found = verdicts(connection, texts, date.today().year)
    assert [f"{number:012d}" for _, number in found] == [
        package.parse(text).format(long_format=True) for text in texts
    ]


@pytest.mark.parametrize(
    ("text_start", "sign", "period_year", "born"),
    [
        ("250101", "-", 2019, 1925),
        ("190101", "-", 2019, 2019),
        ("200101", "-", 2019, 1920),
        ("190101", "+", 2019, 1919),
        ("180101", "+", 2019, 1918),
        ("250101", "-", 2025, 2025),
        ("990101", "-", 1998, 1899),
        ("990101", "", 2019, 1999),
    ],
)
def test_the_century_of_ten_digits_follows_the_period_of_the_row(
    connection, text_start, sign, period_year, born
):
    text = f"{text_start}{sign}980{check_digit(text_start + '980')}"
    [(_, number)] = verdicts(connection, [text], period_year)
    assert number // 10**8 == born
