"""What is in the bundle, as a CycloneDX list (1.5, JSON) on standard output: every locked library with its version, hashes and licence.

    .venv/bin/python deploy/sbom.py > sbom.cdx.json

Made of the lock and of what the installed libraries say of themselves; the same lock gives the same list.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent.parent / "requirements-run.lock"
# a locked library, its marker if it has one, and the hashes below it
_ENTRY = re.compile(
    r"^([\w.-]+)==([\w.+!-]+)([^\n]*?)((?:\s*\\\n\s+--hash=sha256:[0-9a-f]{64})+)", re.MULTILINE
)


def components(lock: str) -> list[dict[str, Any]]:
    """One entry per library of the lock, also those that only another system installs."""
    found = []
    for name, version, marker, hashes in _ENTRY.findall(lock):
        one: dict[str, Any] = {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            "hashes": [
                {"alg": "SHA-256", "content": digest} for digest in sorted(re.findall("[0-9a-f]{64}", hashes))
            ],
        }
        if licence := _licence(name):
            one["licenses"] = [{"license": {"name": licence}}]
        if marker.strip(" ;\\"):
            one["properties"] = [{"name": "marker", "value": marker.strip(" ;\\")}]
        found.append(one)
    return sorted(found, key=lambda one: one["name"])


def _licence(name: str) -> str | None:
    """What the installed library calls its licence; None when it is not installed here or says nothing."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    classified = [
        one.split(" :: ")[-1] for one in said.get_all("Classifier") or [] if one.startswith("License")
    ]
    # some put the whole text of the licence where its name was asked for
    free = (said.get("License") or "").strip().splitlines()[:1]
    return said.get("License-Expression") or "; ".join(classified) or (free[0][:80] if free else None)


def main() -> None:
    listed = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "name": "bistandslagret", "version": metadata.version("bistandslagret"),
                "licenses": [{"license": {"name": "MIT"}}],
            }
        },
        "components": components(LOCK.read_text(encoding="utf-8")),
    }  # fmt: skip
    json.dump(listed, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
