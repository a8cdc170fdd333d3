"""What the newest snapshot of a dataset says otherwise than the one before: rows that came, went and changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestration.catalog.models import Source
from orchestration.database import literal, one_row, open_database
from orchestration.settings import Settings
from orchestration.sources.fetching.snapshots import Snapshot
from orchestration.sources.loading import parsed_tables

# of each dataset's own table: what a row is known by, and what it says
COMPARED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "kolada_kpis": (("kpi_id",), ("title", "publication_date", "publ_period")),
    "kolada_municipalities": (("municipality_code",), ("title",)),
    "kolada_municipality_groups": (("group_title", "member_id"), ()),
    "kolada_values": (("kpi_id", "area_id", "period", "gender"), ("value", "is_deleted")),
    "scb_population": (("area_id", "year", "sex", "age_code"), ("population_count",)),
    "scb_yearly_equivalents": (("area_id", "month", "sex_code", "age_group", "content_code"), ("value",)),
    "scb_figures": (("dataset_id", "area_id", "year", "sex", "age", "group_code", "part_code", "content_code"), ("value",)),
    "socialstyrelsen_bulk": (("table_id", "measure", "unit", "area_as_printed", "period", "breakdown"), ("value", "value_status")),
    "socialstyrelsen_files": (("table_id", "measure", "unit", "area_as_printed", "period", "breakdown"), ("value", "value_status")),
    "oj_answers": (("edition_year", "data_year", "respondent_id", "question_id", "row_kind", "answer"), ("answer_as_printed",)),
}  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """Rows of the newest snapshot that the one before lacks, the other way round, and those that say another thing."""

    added: int
    gone: int
    changed: int


def changes(settings: Settings, source: Source, before: Snapshot, newest: Snapshot) -> Changes | None:
    """What changed from one snapshot to the next; None for a dataset whose rows have no key to be known by.

    Raises PlainError, naming the snapshot, when one of them cannot be read any longer.
    """
    files = [{path.stem: path for path in parsed_tables(settings, source, one)} for one in (before, newest)]
    table = next((name for name in COMPARED if name in files[0] and name in files[1]), None)
    if table is None:
        return None
    keys, said = COMPARED[table]
    with open_database() as connection:
        return Changes(*one_row(connection.execute(_query(files[0][table], files[1][table], keys, said))))


def _query(before: Path, newest: Path, keys: tuple[str, ...], said: tuple[str, ...]) -> str:
    def rows(path: Path) -> str:
        what = ", ".join(f"any_value({one}) as {one}" for one in said)
        return (
            f"select {', '.join(keys)}{', ' + what if what else ''}, true as is_there "
            f"from read_parquet({literal(str(path))}) group by {', '.join(keys)}"
        )

    same = " and ".join(f"old.{one} is not distinct from new.{one}" for one in keys)
    other = " or ".join(f"old.{one} is distinct from new.{one}" for one in said) or "false"
    return f"""
        with old as ({rows(before)}), new as ({rows(newest)})
        select
            count(*) filter (old.is_there is null), count(*) filter (new.is_there is null),
            count(*) filter (old.is_there and new.is_there and ({other}))
        from old full outer join new on {same}
    """
