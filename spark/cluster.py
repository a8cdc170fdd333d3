"""Spark's own standalone cluster on loopback: a master and two workers, gone when the block ends."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import PlainError

WORKERS = 2
_LOOPBACK = "127.0.0.1"
_SECONDS = 60


def spark_home(python: Path) -> Path:
    """Where the pyspark of an environment lies, given its interpreter."""
    said = subprocess.run(
        [python, "-c", "import pyspark; print(pyspark.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(said.stdout.strip())


@contextmanager
def cluster(home: Path, folder: Path) -> Iterator[str]:
    """The address of a master with two workers of one core and 2 GB each; what they write lies in `folder`.

    Raises PlainError when they do not answer within a minute.
    """
    folder.mkdir(parents=True)
    with socket.socket() as free:
        free.bind((_LOOPBACK, 0))
        port = free.getsockname()[1]
    master = f"spark://{_LOOPBACK}:{port}"
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": _LOOPBACK,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "512m",
    }
    address = ("--host", _LOOPBACK, "--webui-port", "0")
    commands = [("master.Master", *address, "--port", str(port))]
    for number in range(WORKERS):
        room = ("--cores", "1", "--memory", "2g", "--work-dir", str(folder / f"worker{number}"))
        commands.append(("worker.Worker", *address, *room, master))
    started: list[subprocess.Popen[bytes]] = []
    try:
        for number, (role, *words) in enumerate(commands):
            log = (folder / f"{role}-{number}.log").open("wb")
            java = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{role}", *words]
            started.append(subprocess.Popen(java, env=environment, stdout=log, stderr=log, cwd=folder))
            _wait_for(port) if number == 0 else None
        yield master
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(_SECONDS)


def _wait_for(port: int) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        with socket.socket() as asked:
            if asked.connect_ex((_LOOPBACK, port)) == 0:
                return
        time.sleep(0.2)
    raise PlainError("Sparks master svarar inte; loggen ligger i kör-mappen. Finns Java 17 eller senare?")
