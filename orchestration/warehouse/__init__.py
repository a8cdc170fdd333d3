"""What dbt builds from, how it is run, and what is new since the last run."""
