"""Dagster's log of runs and checks in SQLite, with one engine kept for each of its files.

Dagster makes a new engine for every event it writes, and so compiles the same statements anew each time: seconds of a
run that writes a thousand of them (dagster issue 19618). The files are those of Dagster's own storage, in the same place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData

# the index and the runs that were written or looked at last: Dagster's pages may go through thousands
KEPT_FILES = 4


class KeptEventLogStorage(SqliteEventLogStorage):
    """Dagster's storage of events in `DAGSTER_HOME`/history/runs; takes no settings."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, sqlalchemy.Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict:
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: dict
    ) -> KeptEventLogStorage:
        return cls(os.path.join(os.environ["DAGSTER_HOME"], "history", "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        with self._db_lock:
            engine = self._engines.pop(shard, None) or self._open(shard)
            self._engines[shard] = engine
            if len(self._engines) > KEPT_FILES:
                self._engines.pop(next(iter(self._engines))).dispose()
            with engine.connect() as connection, connection.begin():
                yield connection

    def _open(self, shard: str) -> sqlalchemy.Engine:
        engine = sqlalchemy.create_engine(
            self.conn_string_for_shard(shard), connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
        )
        self._initdb(engine)
        return engine

    def wipe(self) -> None:
        self._let_go()
        super().wipe()

    def dispose(self) -> None:
        self._let_go()
        super().dispose()

    def _let_go(self) -> None:
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()
