# Every target sets up what it needs and may be repeated. Needs: Python >= 3.11 with venv, and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
LOCALS := shared services/booking services/payment services/notify deploy/demo
ASSETS := shared/src/kit/web/static/vendor

# What was compiled once stays so: the demo and many tests start each service as a process of its own.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo demo-reset test soak docs check bench lock clean format

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(STAMPS)/run $(ASSETS)/kern.css ## Start the whole system with sample data on 127.0.0.1 (DEMO_PORT, default 8000)
	@$(BIN)/python -m demo

demo-reset: ## Empty the demo's data
	@rm -rf var/demo var/demo.json && echo "var/demo is empty."

# A test that takes ten minutes says where it hangs, and fails; the slowest takes one on two cores.
NO_HANG := -o faulthandler_timeout=600 -o faulthandler_exit_on_timeout=true --max-worker-restart=0

test: $(STAMPS)/dev $(STAMPS)/node $(ASSETS)/kern.css ## All tests, the browser's included (some ten minutes on two cores)
	@$(BIN)/python tests/find_browser.py
	@$(BIN)/pytest -n 2 $(NO_HANG) $(PYTEST_ARGS)

soak: $(STAMPS)/dev $(STAMPS)/node $(ASSETS)/kern.css ## The slow proofs: more of the state machines, the paths, the webhooks, the OpenAPI, the random kills, PayPal's words
	@SOAK_EXAMPLES=300 SOAK_KILL_S=120 SOAK_WORLDS=400000 SOAK_WEBHOOKS=10000 $(BIN)/pytest -n 2 tests/paths tests/booking/openapi tests/payment/openapi tests/notify/openapi tests/booking/machine tests/payment/machine tests/payment/webhooks tests/notify/judges tests/faults/test_random_kills.py tests/notify/test_hostile_server.py tests/notify/templates/test_wording.py tests/payment/gateways/test_paypal_specification.py

docs: $(STAMPS)/dev $(STAMPS)/node $(ASSETS)/kern.css ## Tell docs/a-day-in-the-county.md anew, by the service's own answers, draw the fault matrices, the judges' words and the mails
	@WRITE_DOCS=1 $(BIN)/pytest tests/booking/day tests/payment/web/test_fault_matrix.py::test_the_page_shows_the_matrix tests/notify/test_fault_matrix.py::test_the_page_shows_the_matrix tests/notify/judges/test_told.py
	@$(BIN)/python -m tests.notify.gallery

check: $(STAMPS)/dev ## ruff, mypy --strict, import rules
	@$(BIN)/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(STAMPS)/dev ## Let ruff format and mend what it can
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --fix --quiet .

bench: $(STAMPS)/dev $(ASSETS)/kern.css ## Measure, as ratios in one run; writes var/bench.json
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

lock: $(STAMPS)/uv ## Resolve the requirements anew (hashes only, no addresses)
	@$(BIN)/python requirements/lock.py

clean: ## Remove everything that make made, the demo's data included
	rm -rf $(VENV) node_modules $(ASSETS) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# --- set-up steps; each leaves a stamp -------------------------------------------------------

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Schalter needs Python 3.11 or newer: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "This Python has no venv. On Debian and Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/uv: requirements/uv.txt | $(STAMPS)/venv
	@echo "Setting up: package installer"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(STAMPS)/run: requirements/run.txt $(LOCALS:%=%/pyproject.toml) | $(STAMPS)/uv
	@echo "Setting up: packages"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(LOCALS:%=-e ./%)
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/run
	@echo "Setting up: tools and tests"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

# All of it serves the pages as well, so that tests need no second step.
$(STAMPS)/node: package-lock.json $(STAMPS)/run
	@echo "Setting up: page assets and their judges"
	@$(BIN)/python requirements/node.py
	@touch $(STAMPS)/assets $@

$(STAMPS)/assets: package-lock.json $(STAMPS)/run
	@echo "Setting up: page assets"
	@$(BIN)/python requirements/node.py --omit=dev
	@touch $@

$(ASSETS)/kern.css: $(STAMPS)/assets
	@touch $@
