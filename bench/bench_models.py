"""Vault to marts against one hand-written script for the headline figures, in the same run.

`python -m bench.bench_models 25` makes about 25 million person-months (290 municipalities, 120 months) and prints
seconds, the ratio and peak memory. Nothing is kept.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from bench.national_register import make_register
from orchestration.lib.database import open_database
from orchestration.lib.dbt_runner import run_dbt
from orchestration.lib.raw_tables import load_raw_tables
from orchestration.register.vault_file import attach_for_reading
from orchestration.settings import Settings

HEADLINE = """
    with person_years as (
        select person_id, municipality_code, year(period_month) as y, count(distinct month(period_month)) as n,
            max(birth_year) as born, bit_or(1::bigint << (month(period_month) - 1)) as bits,
            max(month(period_month)) as latest
        from vault.register.person_months group by all
    ),
    persons as (
        select person_id, y, bit_or(bits) as bits, max(born) as born,
            arg_max(municipality_code, latest * 100 + n) as municipality_code
        from person_years group by all
    ),
    windows as (
        select a.*, coalesce(c.bits, 0) | (coalesce(b.bits, 0) << 12) | (a.bits << 24) as w
        from persons a
        left join persons b on a.person_id = b.person_id and a.y = b.y + 1
        left join persons c on a.person_id = c.person_id and a.y = c.y + 2
    )
    select municipality_code, y, count(*) as recipients, count(*) filter (bit_count(bits) >= 10) as longterm,
        count(*) filter (bit_count(w) >= 27 and not contains(trim(bin(w), '0'), '000')) as very_longterm
    from windows where y - born >= 18 group by all
"""
REASONS = """
    select reason, count(*) from (
        select person_id, municipality_code, y, arg_max(reason_code, n * 100 + latest) as reason
        from (
            select person_id, municipality_code, year(period_month) as y, reason_code, count(distinct month(period_month)) as n,
                max(month(period_month)) as latest
            from vault.register.person_months where role <> 'BARN' and reason_code is not null group by all
        ) group by all
    ) group by all
"""


def main(millions: int) -> None:
    years = 30 if millions > 40 else 10
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        started = time.perf_counter()
        rows = make_register(settings, 290, 2020 - years, years, int(millions * 1_000_000 / years / 6.0))
        print(
            f"register: {rows / 1e6:.1f} miljoner personmånader, {time.perf_counter() - started:.0f} s att skapa",
            flush=True,
        )
        started = time.perf_counter()
        with open_database() as connection:
            attach_for_reading(connection, settings.vault)
            connection.execute(HEADLINE).fetchall()
            connection.execute(REASONS).fetchall()
        by_hand = time.perf_counter() - started
        print(f"för hand: {by_hand:.1f} s", flush=True)
        load_raw_tables(settings)
        run_dbt(settings, ["seed"])
        nodes = run_dbt(settings, ["run"])
        assert all(node.is_ok for node in nodes), [node for node in nodes if not node.is_ok]
        engine = sum(node.seconds for node in nodes)
        for node in sorted(nodes, key=lambda node: -node.seconds)[:12]:
            print(f"  {node.seconds:6.1f} s {node.name}")
        started = time.perf_counter()
        run_dbt(settings, ["run"])
        wall = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(f"modeller: {engine:.1f} s i motorn (två trådar), {wall:.1f} s på klockan")
        print(f"förhållande: {wall / by_hand:.1f} (klocka mot för hand); minne som mest {peak:.1f} GB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
