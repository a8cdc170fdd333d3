"""The attack on a release: as an outsider with the released files alone, how many hidden counts can be computed back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from orchestration.database import open_database
from orchestration.errors import PlainError
from orchestration.release.attack import cells, derived, report
from orchestration.release.attack.bounds import System, one_subtraction, propagate
from orchestration.release.attack.relations import make_relations
from orchestration.release.attack.report import Attack
from orchestration.release.files import read_manifest
from orchestration.settings import PROJECT_ROOT
from orchestration.yaml_files import read_yaml

KNOWLEDGE = PROJECT_ROOT / "data" / "catalog" / "attack.yml"


def read_knowledge() -> dict[str, Any]:
    """What an outsider knows of the tables: in which columns a count stands, which counts go together, and what is allowed."""
    return dict(read_yaml(KNOWLEDGE))


class DisclosiveReleaseError(PlainError):
    """A public release gives hidden counts away; the message is one plain Swedish sentence."""


def attack_release(
    folder: Path, *, before: Path | None = None, truth: Path | None = None, seconds: float = 0.0
) -> Attack:
    """Attack the release in `folder`, with an earlier one (`before`) if the outsider has it.

    `truth` is the internal release of the same content: what is found is compared with it, never computed from it.
    `seconds` is how long HiGHS may look for more; 0 is bounds alone, which is what each public release is put to.
    """
    began = time.monotonic()
    known = read_knowledge()
    with open_database() as connection:
        if truth is not None:
            _read_truth(connection, truth, known)
        if before is not None:
            _attack(connection, before, known, 0.0)
            derived.keep_as_earlier(connection)
        rule, contradictions, looked_at = _attack(
            connection, folder, known, seconds, has_earlier=before is not None
        )
        rows = report.summarise(connection, rule.most)
    manifest = read_manifest(folder) or {}
    return Attack(
        manifest.get("release_id", folder.name),
        rule.most,
        rows,
        contradictions,
        looked_at,
        time.monotonic() - began,
    )


def refuse_disclosive(attack: Attack) -> None:
    """Raise DisclosiveReleaseError when more hidden counts can be computed back than the catalogue allows."""
    known = read_knowledge()
    if attack.found_share > known["most_recovered_share"]:
        worst = max(attack.rows, key=lambda row: row.found)
        raise DisclosiveReleaseError(
            f"Den öppna utgåvan publiceras inte: {attack.found} dolda antal går att räkna fram ur det som visas, flest i tabellen "
            f"{worst.table_name}; kör bistand run --profile internal och rätta skyddet, eller höj most_recovered_share i attack.yml."
        )


def _read_truth(connection: duckdb.DuckDBPyConnection, folder: Path, known: dict[str, Any]) -> None:
    cells.open_release(connection, folder)
    cells.observe(connection, known, cells.WHOLE)
    connection.execute("""
        create table truth as
        select measure, geography_id, period, breakdown, max(round(value)) as true_count
        from bounded where value is not null group by all
    """)


def _attack(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    known: dict[str, Any],
    seconds: float,
    has_earlier: bool = False,
) -> tuple[cells.Rule, int, int]:
    """Tables `cells` and `outcome`; returns the rule, the number of contradictions and of the counts HiGHS looked at."""
    cells.open_release(connection, folder)
    rule = cells.read_rule(connection)
    cells.observe(connection, known, rule)
    cells.make_cells(connection)
    derived.derive(connection, known, rule)
    if has_earlier:
        derived.derive_from_earlier(connection)
    make_relations(connection, known)
    system = _read_system(connection)
    is_hidden = _column(connection, "select is_hidden from cells order by cell_id").astype(bool)
    step = np.where(system.is_fixed, "derived", "").astype(object)
    told = one_subtraction(system)
    step[told >= 0] = "one"
    contradictions = propagate(system)
    step[system.is_fixed & (step == "")] = "propagated"
    looked_at = 0
    if seconds > 0:
        from orchestration.release.attack.solver import solve

        width = system.hi - system.lo
        targets = np.flatnonzero(is_hidden & (width > 0) & (system.hi <= 10 * max(rule.most, 1)))
        solved, looked_at = solve(system, targets[np.argsort(width[targets], kind="stable")], seconds)
        step[solved] = "solved"
        propagate(system)
        step[system.is_fixed & (step == "")] = "solved"
    _write_outcome(connection, system, np.where(told >= 0, told, system.told_by), step)
    return rule, contradictions, looked_at


def _column(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    return next(iter(connection.execute(query).fetchnumpy().values()))


def _read_system(connection: duckdb.DuckDBPyConnection) -> System:
    counts = connection.execute("select lo, hi from cells order by cell_id").fetchnumpy()
    sums = connection.execute("select lo, hi from relations order by relation_id").fetchnumpy()
    terms = connection.execute("select relation_id, cell_id, coefficient from terms").fetchnumpy()
    lo, hi, least, most = (
        np.asarray(one, dtype=float) for one in (counts["lo"], counts["hi"], sums["lo"], sums["hi"])
    )
    relation, cell = (np.asarray(terms[name], dtype=np.int64) for name in ("relation_id", "cell_id"))
    return System(lo, hi, least, most, relation, cell, np.asarray(terms["coefficient"], dtype=float))


def _write_outcome(connection: duckdb.DuckDBPyConnection, system: System, told: Any, step: Any) -> None:
    import pandas as pd

    found = pd.DataFrame(
        {
            "cell_id": np.arange(len(system.lo)),
            "lo": system.lo,
            "hi": system.hi,
            "relation_id": told,
            "step": step.astype(str),
        }
    )
    connection.register("found", found)
    connection.execute("""
        create or replace table outcome as
        select found.cell_id, found.lo, found.hi, found.step, coalesce(relations.kind, 'derived') as kind
        from found left join relations using (relation_id)
    """)
    connection.unregister("found")
