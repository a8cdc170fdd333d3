"""The project's models on Spark, by dbt-spark: `python -m spark.models MASTER FOLDER PROFILE`, with .venv-spark.

FOLDER/laid/<schema>/<table>.parquet become tables; the models are left as Parquet in FOLDER/made/<schema>.db/<model>.
There is no other text of a model: what dbt has compiled is put into Spark's dialect on its way to the engine.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"
# short queries: the first of Java's two compilers is enough, and room for all that it makes
QUICK = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"
CONFIG = {
    # small tables: one job of two tasks, and not of two hundred
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    # many small queries: what would be compiled takes longer to compile than to run
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.catalogImplementation": "in-memory",
    # a moment in DuckDB has no zone
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executor.cores": "1",
    "spark.executor.memory": "2g",
    "spark.executor.extraJavaOptions": QUICK,
    # both workers take part from the first job
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    "spark.cores.max": "2",
}
# the plan of a view over views is deep
DRIVER = f"--driver-memory 4g --driver-java-options '-Xss16m {QUICK}' pyspark-shell"


def open_session(master: str, folder: Path) -> Any:
    """A session on the cluster, where everything in FOLDER/laid is a table."""
    os.environ["PYSPARK_SUBMIT_ARGS"] = DRIVER
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("bistandslagret")
    for name, value in CONFIG.items():
        builder = builder.config(name, value)
    session = builder.config("spark.sql.warehouse.dir", str(folder / "made")).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    for file in sorted((folder / "laid").glob("*/*.parquet")):
        session.sql(f"create schema if not exists {file.parent.name}")
        session.sql(f"create table {file.parent.name}.{file.stem} using parquet location '{file}'")
    return session


def translate_models() -> None:
    """From here on dbt hands each compiled model to the engine in Spark's dialect."""
    import sqlglot
    from dbt.compilation import Compiler

    compile_node = Compiler.compile_node

    def compiled(self: Compiler, node: Any, *others: Any, **named: Any) -> Any:
        done = compile_node(self, node, *others, **named)
        if done.resource_type == "model":
            (done.compiled_code,) = sqlglot.transpile(done.compiled_code, read="duckdb", write="spark")
        return done

    Compiler.compile_node = compiled


def main(master: str, folder: Path, profile: str, *selected: str) -> int:
    """1 when a model could not be made, which is then said."""
    os.chdir(folder)
    session = open_session(master, folder)
    translate_models()
    from dbt.cli.main import dbtRunner

    paths = {"--project-dir": PROJECT, "--profiles-dir": Path(__file__).parent}
    paths |= {"--target-path": folder / "target", "--log-path": folder / "logs"}
    outcome = dbtRunner().invoke(
        [
            "run",
            "--quiet",
            "--vars",
            json.dumps({"profile": profile}),
            *(["--select", *selected] if selected else []),
        ]
        + [str(word) for pair in paths.items() for word in pair]
    )
    if outcome.exception is not None:
        raise outcome.exception
    results = list(outcome.result.results)
    failed = [
        f"{result.node.name}: {result.message}" for result in results if str(result.status) != "success"
    ]
    executors = session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()
    told = {
        "models": len(results) - len(failed),
        # the driver is counted among them
        "executors": len(executors) - 1,
        "dearest": sorted(((round(r.execution_time, 1), r.node.name) for r in results), reverse=True)[:10],
        "failed": failed,
    }
    (folder / "told.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    session.stop()
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]).resolve(), *sys.argv[3:]))
