"""Directions to activity, refusals and reductions, measures of persons and counts by hand, for the later months. All made up."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from orchestration.demo.later import Later, month_index

RUN = 4  # the month and the three before it
ACTIVITY = ("kommunkod", "personnummer", "lagrum", "anvisad_datum", "slut_datum", "aktivitetstyp", "timmar_vecka", "forsorjningshinder")  # fmt: skip
REDUCTION = ("kommunkod", "personnummer", "beslutsdatum", "period", "utfall", "grund", "belopp_kr")
MEASURE = ("kommunkod", "personnummer", "insats", "planerad_start", "planerad_slut", "start_datum", "slut_datum", "avslut", "steg")  # fmt: skip
BY_HAND = ("kommunkod", "period", "insats", "antal")


class Directions:
    """What one municipality decided on. Every draw is seeded by the municipality."""

    def __init__(self, later: Later, municipality: int, assumptions: dict):
        self.later, self.config = later, assumptions["later"]
        self.code = later.register.codes[municipality]
        self.rng = np.random.default_rng([assumptions["seed"], 29, int(self.code)])
        self.person, self.bits = later.adults(municipality)
        reasons = later.maker.reasons
        months = np.arange(later.months)
        # (person, month): the reason stated, "" when blank
        grid = np.meshgrid(self.person, months, indexing="ij")
        first, _ = reasons.rows(self.code, *(part.ravel() for part in grid))
        self.reason = np.array([*reasons.codes, ""])[first].reshape(len(self.person), len(months))
        self.has_aid = (self.bits[:, None] >> months.astype(np.uint64)) & np.uint64(1) == 1
        self.number = later.persons.personnummer[self.person]
        self.last_day = self._day(later.months, 1) - timedelta(days=1)

    def directions(self) -> list[dict[str, str]]:
        """One direction for a share of those with four months in a row, in their first such month from the law on or later."""
        config, found = self.config["directions"], []
        start = self._place(config["first_month"])
        duty = self._place(config["duty_month"])
        for place in range(len(self.person)):
            months = [month for month in range(start, self.later.months) if self._is_required(place, month)]
            if not months or self.rng.random() >= config["share"]:
                continue
            month = months[int(self.rng.integers(len(months)))]
            day = self._day(month, int(self.rng.integers(1, 29)))
            reason = self.reason[place, month]
            weeks = int(self.rng.integers(*config["weeks"]))
            end = day + timedelta(weeks=weeks)
            is_early = month < duty and self.rng.random() < config["early_share"]
            found.append(
                {
                    "kommunkod": self.code,
                    "personnummer": self.number[place],
                    "lagrum": "4d" if is_early else "4a",
                    "anvisad_datum": str(day),
                    "slut_datum": str(end) if end <= self.last_day else "",
                    "aktivitetstyp": str(self._drawn(config["kinds"])),
                    "timmar_vecka": str(self._drawn(config["hours"])),
                    "forsorjningshinder": reason if self.rng.random() < config["reason_share"] else "",
                }
            )
        return found

    def reductions(self, directed: list[dict[str, str]]) -> list[dict[str, str]]:
        """A decision for a few of those directed, some weeks after; now and then two."""
        config, found = self.config["reductions"], []
        for direction in directed:
            times = int(self.rng.random() < config["share"]) * (
                1 + int(self.rng.random() < config["again_share"])
            )
            day = date.fromisoformat(direction["anvisad_datum"])
            for _ in range(times):
                day += timedelta(days=int(self.rng.integers(*config["days_after"])))
                if day > self.last_day:
                    break
                following = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
                found.append(
                    {
                        "kommunkod": self.code,
                        "personnummer": direction["personnummer"],
                        "beslutsdatum": str(day),
                        "period": f"{following:%Y-%m}",
                        "utfall": self._drawn(config["outcomes"]),
                        "grund": direction["lagrum"],
                        "belopp_kr": str(int(self.rng.integers(*config["sek"])) // 10 * 10),
                    }
                )
        return found

    def measures(self) -> list[dict[str, str]]:
        """One or two measures after another for a share of the adults, a while after their first month; some never begin."""
        config, found = self.config["measures"], []
        for place in range(len(self.person)):
            if self.rng.random() >= config["share"]:
                continue
            month = int(np.flatnonzero(self.has_aid[place])[0]) + int(
                self.rng.integers(*config["months_after"])
            )
            for _ in range(1 + int(self.rng.random() < config["second_share"])):
                if month >= self.later.months:
                    break
                row, month = self._measure(place, month)
                found.append(row)
        return found

    def by_hand(self) -> list[dict[str, str]]:
        """Counts of a municipality that cannot deliver persons."""
        config = self.config["by_hand"]
        rows = []
        for name, size in config["counts"].items():
            for month in range(self._place(self.config["directions"]["first_month"]), self.later.months):
                count = round(size * self.rng.uniform(0.85, 1.15))
                period = f"{self._day(month, 1):%Y-%m}"
                rows.append({"kommunkod": self.code, "period": period, "insats": name, "antal": str(count)})
        return rows

    def _measure(self, place: int, month: int) -> tuple[dict[str, str], int]:
        config = self.config["measures"]
        name = self._drawn(config["names"])
        planned = self._day(month, int(self.rng.integers(1, 29)))
        starts = planned + timedelta(days=int(self.rng.integers(0, 21)))
        has_begun = starts <= self.last_day and self.rng.random() >= config["never_begins_share"]
        weeks = int(self.rng.integers(*config["weeks"]))
        planned_end = planned + timedelta(weeks=weeks)
        ends = starts + timedelta(weeks=max(int(weeks * self.rng.uniform(0.4, 1.3)), 1))
        has_ended = has_begun and ends <= self.last_day
        row = {
            "kommunkod": self.code,
            "personnummer": self.number[place],
            "insats": name,
            "planerad_start": str(planned),
            "planerad_slut": str(planned_end),
            "start_datum": str(starts) if has_begun else "",
            "slut_datum": str(ends) if has_ended else "",
            "avslut": self._drawn(config["endings"]) if has_ended else "",
            "steg": "",
        }
        later = (ends.year - self.later.first_year) * 12 + ends.month
        return row, later

    def _is_required(self, place: int, month: int) -> bool:
        """Four months in a row, and none of the reasons that show an exception."""
        in_row = month + 1 >= RUN and self.has_aid[place, month + 1 - RUN : month + 1].all()
        return bool(in_row) and self.reason[place, month].startswith(
            tuple(self.config["directions"]["reasons"])
        )

    def _drawn(self, weights: dict) -> str:
        names, values = list(weights), np.array(list(weights.values()), dtype=float)
        return str(names[self.rng.choice(len(names), p=values / values.sum())])

    def _place(self, month: str) -> int:
        return month_index(month, self.later.first_year)

    def _day(self, month: int, day: int) -> date:
        return date(self.later.first_year + month // 12, month % 12 + 1, day)


def as_table(rows: list[dict[str, str]], columns: tuple[str, ...]) -> pa.Table:
    """Rows as text columns, in the order of the columns."""
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in columns})
