# The ways in. `make demo` shows everything; `make check` while working, `make test` for all of it.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SPARK_VENV := .venv-spark
SPARK_STAMP := $(SPARK_VENV)/.installed
REGISTERS ?= drawn activity some
SERVE ?= 1
PORT ?= 8501
MILLIONS ?= 5
KILLS ?= 6
FUZZ ?= 10000
PLAIN ?= 1000
SEED ?= 1
# the dear files first, so that none of them is left alone at the end
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder
SQL = $(shell find dbt_project/models dbt_project/tests -name '*.sql')
SQL_RULES = .sqlfluff $(shell find dbt_project/macros dbt_project/lint -type f -not -name '*.pyc')
LINTED_SQL := .ruff_cache/linted-sql

.PHONY: help install demo run serve ui conformance check baseline test soak lint format docs bench wheel lock clean

help: ## Visa kommandona
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## Gör .venv och installera låsta beroenden

$(STAMP): requirements.lock requirements-uv.lock pyproject.toml
	@echo "== Installerar beroenden i $(VENV) (en gång, under en minut)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Fel: Python 3.11 eller senare behövs; ange den med make PYTHON=python3.11."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock requirements-uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP) ## Påhittat register för 27 kommuner, hela vägen till sidorna (SERVE=0 visar dem inte)
	@$(BIN)/bistand demo
	@$(BIN)/bistand run
	@if [ "$(SERVE)" != "0" ]; then $(BIN)/bistand serve --port $(PORT); fi

run: $(STAMP) ## Läs nya leveranser, bygg, pröva och publicera
	@$(BIN)/bistand run

serve: $(STAMP) ## Visa sidorna
	@$(BIN)/bistand serve --port $(PORT)

ui: $(STAMP) ## Öppna Dagster
	@$(BIN)/bistand ui

conformance: $(STAMP) $(SPARK_STAMP) ## Samma modeller i Spark, två arbetare på den här datorn, rad för rad bredvid DuckDB (REGISTERS="drawn activity some")
	@$(BIN)/python -m spark $(REGISTERS)

$(SPARK_STAMP): requirements-spark.lock $(STAMP)
	@command -v java >/dev/null || { echo "Fel: Spark behöver Java 17 eller senare (apt-get install openjdk-17-jre-headless)."; exit 1; }
	@echo "== Installerar Spark i $(SPARK_VENV) (en gång, någon minut)"
	@test -x $(SPARK_VENV)/bin/python || $(PYTHON) -m venv $(SPARK_VENV)
	@$(BIN)/uv pip sync --quiet --python $(SPARK_VENV)/bin/python --require-hashes requirements-spark.lock
	@touch $(SPARK_STAMP)

test: $(STAMP) ## Kör alla prov, en fil i taget på varje kärna
	@$(BIN)/python -m pytest $(PARALLEL)

soak: $(STAMP) ## Döda körningen på många ställen, fuzza intaget (långt prov; KILLS=6 FUZZ=10000 PLAIN=1000 SEED=1)
	@BISTAND_SOAK=1 BISTAND_SOAK_SEED=$(SEED) BISTAND_KILLS=$(KILLS) BISTAND_FUZZ=$(FUZZ) BISTAND_PLAIN=$(PLAIN) \
		BISTAND_FUZZ_SEED=$(SEED) $(BIN)/python -m pytest -n auto --dist load \
		tests/integration/test_intake_fuzz.py tests/independent/test_intake.py tests/integration/test_faults.py

baseline: $(STAMP) ## Skriv om tests/fixtures/baseline.csv: storlekar och huvudtal som granskas som en skillnad
	@BISTAND_BASELINE=write $(BIN)/python -m pytest -q tests/contract/test_baseline.py

check: lint $(STAMP) ## Snabb slinga: stil, typer, enhetsprov, ritade fall och kontraktsprov
	@$(BIN)/python -m pytest -q $(PARALLEL) tests/spec tests/unit tests/contract

lint: $(LINTED_SQL) ## Pröva stil i Python och SQL, och typer
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# the models that have changed since they were last looked at; all of them when a rule or a macro has
$(LINTED_SQL): $(SQL) $(SQL_RULES) $(STAMP)
	@$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 \
		$(if $(filter $(SQL_RULES) $(STAMP),$?),dbt_project/models dbt_project/tests,$?)
	@mkdir -p $(@D) && touch $@

format: $(STAMP) ## Rätta stil i Python och SQL
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix dbt_project/models dbt_project/tests --disable-progress-bar

bench: $(STAMP) ## Mät allt i en tabell, i en eller flera storlekar (SIZES="1 5 25" skriver också docs/how-to/size-the-machine.md)
	@$(BIN)/python -m bench $(if $(SIZES),--write $(SIZES),$(MILLIONS))

docs: $(STAMP) ## Skriv om de sidor i docs/reference och docs/dictionary som kommer ur koden
	@$(BIN)/python -m docs.build

wheel: $(STAMP) ## Bygg det som installeras utan klonen (dist/bistandslagret-….whl)
	@rm -rf dist && $(BIN)/python -m hatchling build -t wheel -d dist

lock: $(STAMP) ## Lås om beroendena efter en ändring i pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		pyproject.toml --group dev -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		-c requirements.lock pyproject.toml -o requirements-run.lock
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate --python-version 3.11 \
		-c requirements.lock spark/requirements.in -o requirements-spark.lock
	@! grep -E 'https?://' requirements.lock requirements-run.lock requirements-spark.lock

clean: ## Ta bort det som går att bygga om (inte landing, register eller utgåvor)
	@rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
