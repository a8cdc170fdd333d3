"""The attack on a whole public release, judged by the internal release of the same counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestration.release.attack import Attack, attack_release, refuse_disclosive
from orchestration.release.store import all_releases
from orchestration.settings import Settings


@pytest.fixture(scope="module")
def attack(request: pytest.FixtureRequest) -> Attack:
    """The attack on the latest public release of a home; `BISTAND_ATTACK_HOME` names another one with both profiles."""
    given = os.environ.get("BISTAND_ATTACK_HOME")
    home = Path(given) if given else request.getfixturevalue("public_home")
    latest = {release.profile: release.folder for release in reversed(all_releases(Settings(home=home)))}
    return attack_release(latest["public"], truth=latest["internal"])


def test_the_attack_reads_what_is_hidden(attack: Attack):
    assert attack.hidden > 0
    assert {"indicator_values", "reason_for_need"} <= {row.table_name for row in attack.rows}


def test_what_the_attack_finds_is_mostly_true(attack: Attack):
    """In a register of five municipalities a relation can hold wherever it is shown, and not elsewhere."""
    assert sum(row.wrong or 0 for row in attack.rows) <= attack.hidden / 100


def test_a_public_release_gives_no_small_count_away(attack: Attack):
    refuse_disclosive(attack)
