# make run     installs, migrates and starts demo mode: no account, no .env, nothing to set up
# make test    all that CI runs
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: run test check format bench torture fuzz clean

$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Parley needs Python 3.11 or newer")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@touch $@

run: $(VENV)/.run
	@PARLEY_MODE=demo $(BIN)/python main.py serve

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -n 2 .
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest -n 3 --dist worksteal

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench.run

torture: $(VENV)/.dev
	PARLEY_PROOFS=whole $(BIN)/python -m pytest $$(grep -rl tests.effort tests/crash tests/simulation --include='test_*.py')
	$(BIN)/python -m tests.crash.torture

fuzz: $(VENV)/.dev
	PARLEY_PROOFS=whole $(BIN)/python -m pytest $$(grep -rl tests.effort tests/bot tests/handlers --include='test_*.py')
	$(BIN)/python -m tests.bot.web.barrage

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis test-artefacts
