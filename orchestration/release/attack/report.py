"""What an attack found, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

KINDS = {
    "breakdown": "kön, åldrar, orsaker och andra indelningar",
    "area": "områden och deras kommuner",
    "measure": "mått som ryms i eller skiljer sig från varandra",
    "months": "ett år eller kvartal och dess månader tillsammans",
    "month": "ett år eller kvartal och en av dess månader",
    "quarters": "ett år och dess kvartal tillsammans",
    "curve": "kurvan över hur länge biståndet varar",
    "rising": "ett antal som aldrig minskar",
    "derived": "en andel, ett belopp eller en tidigare utgåva",
}


@dataclass(frozen=True)
class Found:
    """Hidden counts of one table and the kind of relation that told of them last (`kind` is '' where nothing did).

    `exist_1_3` and `exist_1_7` are true counts, `wrong` false ones among those found; None without a release to compare with.
    `narrowed` have two or fewer values beside their least left, fewer than the rule says.
    """

    table_name: str
    kind: str
    hidden: int
    one_subtraction: int
    propagated: int
    solved: int
    found: int
    zeros: int
    narrowed: int
    exist_1_3: int | None
    found_1_3: int | None
    exist_1_7: int | None
    found_1_7: int | None
    wrong: int | None


@dataclass(frozen=True)
class Attack:
    """An attack on one release. `found` counts the hidden counts from 1 to the top of the band that have one value left."""

    release_id: str
    band_to: int
    rows: list[Found]
    contradictions: int
    looked_at: int
    seconds: float

    @property
    def hidden(self) -> int:
        return sum(row.hidden for row in self.rows)

    @property
    def found(self) -> int:
        return sum(row.found for row in self.rows)

    @property
    def found_share(self) -> float:
        """Of all hidden counts (0–1)."""
        return self.found / self.hidden if self.hidden else 0.0


def summarise(connection: duckdb.DuckDBPyConnection, band_to: int) -> list[Found]:
    """Rows of the report from the tables `cells`, `outcome` and, where there is one, `truth`."""
    has_truth = bool(
        connection.execute("select 1 from duckdb_tables() where table_name = 'truth'").fetchall()
    )
    joined = (
        "left join truth using (measure, geography_id, period, breakdown)"
        if has_truth
        else "cross join (select cast(null as double) as true_count) as truth"
    )
    scored = [
        f"count(*) filter ({condition})" if has_truth else "null"
        for condition in (
            "true_count between 1 and 3",
            "true_count between 1 and 3 and is_found and lo = true_count",
            "true_count between 1 and 7",
            "true_count between 1 and 7 and lo = hi and lo = true_count",
            "lo = hi and true_count <> lo",
        )
    ]
    rows = connection.execute(
        f"""
        with judged as (
            select cells.table_name, outcome.kind, outcome.step, outcome.lo, outcome.hi, truth.true_count,
                outcome.lo = outcome.hi and outcome.lo between 1 and $band_to as is_found,
                outcome.hi - outcome.lo <= 2 and outcome.hi - outcome.lo < least(cells.hi, $band_to) - cells.lo as is_narrow
            from cells inner join outcome using (cell_id)
            inner join slices using (slice_id) inner join breakdowns using (breakdown_id)
            {joined}
            where cells.is_hidden
        )
        select table_name, case when lo = hi then kind else '' end as told_by, count(*),
            count(*) filter (is_found and step = 'one'), count(*) filter (is_found and step = 'propagated'),
            count(*) filter (is_found and step = 'solved'), count(*) filter (is_found),
            count(*) filter (lo = 0 and hi = 0), count(*) filter (lo < hi and is_narrow),
            {", ".join(scored)}
        from judged group by all order by table_name, told_by
    """,
        {"band_to": band_to},
    ).fetchall()
    return [Found(*row) for row in rows]


def tell(attack: Attack) -> list[str]:
    """The report in Swedish, one line each: first the sum, then each table and kind of relation that told something."""
    lines = [
        f"Attack på {attack.release_id}: {_number(attack.found)} av {_number(attack.hidden)} dolda antal går att räkna fram "
        f"exakt (1–{attack.band_to}); {_number(sum(row.zeros for row in attack.rows))} är säkert 0 och "
        f"{_number(sum(row.narrowed for row in attack.rows))} har högst tre möjliga värden.",
        f"Med en enda subtraktion: {_number(sum(row.one_subtraction for row in attack.rows))}. "
        f"Med alla samband efter varandra: {_number(sum(row.propagated for row in attack.rows))}. "
        f"Med alla samband samtidigt (HiGHS, {_number(attack.looked_at)} prövade): {_number(sum(row.solved for row in attack.rows))}.",
    ]
    if any(row.exist_1_3 is not None for row in attack.rows):
        for name, exist, found in (
            ("1–3", [row.exist_1_3 for row in attack.rows], [row.found_1_3 for row in attack.rows]),
            ("1–7", [row.exist_1_7 for row in attack.rows], [row.found_1_7 for row in attack.rows]),
        ):
            there, right = sum(one or 0 for one in exist), sum(one or 0 for one in found)
            share = f" ({100 * right / there:.1f} %)".replace(".", ",") if there else ""
            lines.append(
                f"Dolda antal {name} enligt den interna utgåvan: {_number(there)}; rätt framräknade: {_number(right)}{share}."
            )
        lines.append(f"Fel gissade: {_number(sum(row.wrong or 0 for row in attack.rows))}.")
    for row in sorted(attack.rows, key=lambda one: -one.found):
        if row.found:
            lines.append(f"  {row.table_name}, {KINDS.get(row.kind, row.kind)}: {_number(row.found)}")
    lines.append(f"Samband som inte höll: {_number(attack.contradictions)}. Tid: {attack.seconds:.0f} s.")
    return lines


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\u00a0")
