"""YAML that belongs to the project is read by libyaml, which is ten times as fast as PyYAML's own reader, where that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as LOADER
except ImportError:
    from yaml import SafeLoader as LOADER  # type: ignore[assignment]


def read_yaml(path: Path) -> Any:
    """What the file holds. Raises OSError and yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), LOADER)
