"""What the plain reading of flow and of groups stands on: who had aid where and when, and who belongs where.

Written from the definitions alone: lists, sets and loops over one person at a time, and nothing of SQL.
"""

from __future__ import annotations

from collections import defaultdict

from orchestration.conformance.plain_register import Row

AGE_BANDS = {
    "0-17": (0, 17), "18-19": (18, 19), "20-24": (20, 24), "25-29": (25, 29), "30-34": (30, 34), "35-39": (35, 39),
    "40-44": (40, 44), "45-49": (45, 49), "50-54": (50, 54), "55-59": (55, 59), "60-64": (60, 64), "65+": (65, 999),
    "18-24": (18, 24), "18-29": (18, 29),
}  # fmt: skip

# every municipality of the random register, and the areas that it counts in
AREAS = {
    "0180": ["0180", "lan:01", "skr:A1", "0000"],
    "0184": ["0184", "lan:01", "skr:A2", "0000"],
    "0980": ["0980", "lan:09", "skr:C6", "0000"],
    "1231": ["1231", "lan:12", "skr:A2", "0000"],
    "1280": ["1280", "lan:12", "skr:A1", "0000"],
}
REASON_ORDER = [
    "arbetslos", "arbetslos_etableringsersattning", "sjukskriven_lakarintyg", "sjuk_aktivitetsersattning",
    "pension_aldreforsorjningsstod", "sociala_skal", "foraldraledig", "arbetar_heltid", "arbetar_deltid",
    "utan_forsorjningshinder", "uppgift_saknas", "ensamkommande_gymnasiestuderande", "okand_kod",
]  # fmt: skip


class Oracle:
    """Answers for one register. `delivered` holds (municipality, year, month); `areas` maps municipality to areas."""

    def __init__(self, rows: list[Row], delivered: set[tuple], areas: dict[str, list[str]]) -> None:
        self.rows = rows
        self.delivered = delivered
        self.areas = areas
        self.person = {}
        self.months = defaultdict(set)  # (person, municipality) -> {(year, month)}
        self.foreign = defaultdict(set)
        for row in rows:
            self.person[row.person] = row
            self.months[row.person, row.municipality].add((row.year, row.month))
            self.foreign[row.person, row.year].add(row.foreign_born)

    def members(self, area: str) -> set[str]:
        return {municipality for municipality, _, _ in self.delivered if area in self.areas[municipality]}

    def complete(self, area: str, year: int, years: int) -> set[str]:
        wanted = [(y, m) for y in range(year - years + 1, year + 1) for m in range(1, 13)]
        return {
            municipality
            for municipality in self.members(area)
            if all((municipality, y, m) in self.delivered for y, m in wanted)
        }

    def all_months(self, person: str) -> set[tuple]:
        return {month for (who, _), months in self.months.items() if who == person for month in months}

    def in_year(self, person: str, municipality: str, year: int) -> set[int]:
        return {m for y, m in self.months.get((person, municipality), ()) if y == year}

    def last_municipality(self, person: str, year: int) -> str:
        candidates = []
        for who, municipality in self.months:
            if who == person and (months := self.in_year(person, municipality, year)):
                candidates.append((-max(months), -len(months), municipality))
        return min(candidates)[2]

    def recipients(self, area: str, year: int, years: int = 1) -> set[str]:
        return {
            person
            for (person, municipality) in self.months
            if municipality in self.complete(area, year, years) and self.in_year(person, municipality, year)
        }

    def age(self, person: str, year: int) -> int:
        return year - self.person[person].born

    def origin(self, person: str, year: int) -> str:
        stated = self.foreign[person, year]
        if True in stated:
            return "utrikes_fodda"
        return "inrikes_fodda" if False in stated else "uppgift_saknas"

    def longterm(self, area: str, year: int, method: str) -> set[str]:
        found = set()
        complete = self.complete(area, year, 1)
        for person in self.recipients(area, year):
            if method == "person_wide":
                count = len({m for y, m in self.all_months(person) if y == year})
                if count >= 10 and self.last_municipality(person, year) in complete:
                    found.add(person)
            elif any(len(self.in_year(person, municipality, year)) >= 10 for municipality in complete):
                found.add(person)
        return found

    def very_longterm(self, area: str, year: int, rule: str) -> set[str]:
        found = set()
        complete = self.complete(area, year, 3)
        for person in self.recipients(area, year, years=3):
            line = [
                (y, m) in self.all_months(person) for y in range(year - 2, year + 1) for m in range(1, 13)
            ]
            if sum(line) < 27 or self.last_municipality(person, year) not in complete:
                continue
            first, last = line.index(True), 35 - line[::-1].index(True)
            looked_at = line[first : last + 1] if rule == "interior" else line
            longest = run = 0
            for has_aid in looked_at:
                run = 0 if has_aid else run + 1
                longest = max(longest, run)
            if longest <= 2:
                found.add(person)
        return found

    def in_breakdown(self, persons: set[str], year: int, breakdown: str) -> set[str]:
        if breakdown == "total":
            return persons
        kept = set(persons)
        for part in breakdown.split(";"):
            kind, value = part.split("=")
            if kind == "sex":
                kept = {p for p in kept if self.person[p].sex == value}
            elif kind == "age":
                low, high = AGE_BANDS[value]
                kept = {p for p in kept if low <= self.age(p, year) <= high}
            elif kind == "origin":
                kept = {p for p in kept if self.origin(p, year) == value}
        return kept
