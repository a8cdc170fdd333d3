"""The same dbt models on Spark, beside what DuckDB made of them: `make conformance`."""
