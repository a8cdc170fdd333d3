"""The sizes and headline figures of the register of one's own, as they were last looked at.

A change here is no fault by itself: `make baseline` writes the file anew, and its diff is read in the review.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.fixtures.asking import in_release, released

BASELINE = Path(__file__).resolve().parent.parent / "fixtures" / "baseline.csv"
_HEADLINES = """
select indicator_id, definition_id, geography_id, period, value_status, coalesce(cast(round(value, 6) as varchar), '')
from indicator_values
where breakdown = 'total' and length(period) = 4 and geography_id in ('0000', '1280')
order by all
"""


def _text(home: Path) -> str:
    counts = json.loads((released(home) / "manifest.json").read_text(encoding="utf-8"))["row_counts"]
    lines = [f"rows;{table};;;;{rows}" for table, rows in sorted(counts.items())]
    return "\n".join([*lines, *(";".join(row) for row in in_release(home, _HEADLINES))]) + "\n"


def test_sizes_and_headlines_are_as_they_were_last_looked_at(own_home: Path) -> None:
    found = _text(own_home)
    if os.environ.get("BISTAND_BASELINE") == "write":
        BASELINE.write_text(found, encoding="utf-8")
    before, now = (set(text.splitlines()) for text in (BASELINE.read_text(encoding="utf-8"), found))
    assert (sorted(before - now), sorted(now - before)) == ([], []), (
        "läs skillnaden, och kör sedan make baseline"
    )
