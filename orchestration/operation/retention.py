"""Forgetting on a schedule: months older than the installation says that it keeps."""

from __future__ import annotations

import os
import re
from datetime import date

from orchestration.settings import SettingsError

VARIABLE = "BISTAND_KEEP_MONTHS"


def first_kept_month(today: date) -> date | None:
    """The first month whose personal data are kept; None when nobody has said how long that is. The month that goes on is kept
    beside the number that is said. Raises SettingsError."""
    given = (os.environ.get(VARIABLE) or "").strip()
    if not given:
        return None
    # whoever writes 0 means something else, and it cannot be undone
    if not re.fullmatch("[1-9][0-9]{0,3}", given) or int(given) < 12:
        raise SettingsError(f"{VARIABLE} kan inte tolkas; skriv hur många månader som sparas, minst 12.")
    months = today.year * 12 + today.month - 1 - int(given)
    return date(months // 12, months % 12 + 1, 1)
