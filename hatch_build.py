"""What the wheel says of itself: the commit it was built of, since nobody can ask git where it is installed."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface):
    """Puts `bistandslagret/commit.json` in the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            # there git itself is asked
            return
        changed = self._git("status", "--porcelain")
        said = {
            "commit": self._git("rev-parse", "HEAD"),
            "is_code_unchanged": None if changed is None else not changed,
        }
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name, "commit.json")
        file.write_text(json.dumps(said), encoding="utf-8")
        build_data["force_include"][str(file)] = "bistandslagret/commit.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()

    def _git(self, *arguments: str) -> str | None:
        try:
            outcome = subprocess.run(
                ["git", *arguments], cwd=self.root, capture_output=True, text=True, check=True, timeout=10
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return outcome.stdout.strip()
