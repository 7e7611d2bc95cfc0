# Needs Python 3.11 or newer, make, and a package index that pip can reach. `make help` lists the targets.

PYTHON ?= python3
VENV ?= .venv
# Parallel test processes: a number, "auto" (one per core) or 0 (none).
WORKERS ?= auto
PYTEST_ARGS ?=
UPGRADE ?=

BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.PHONY: help install test explore lint format demo serve bench openapi roles oidc audit sbom lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## make .venv from the lock file (again only when a lock changes)

$(INSTALLED): requirements.lock requirements-dev.lock
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "make: $(PYTHON) is $$("$(PYTHON)" --version 2>/dev/null || echo missing), and 3.11 or newer is needed;" \
			"name another one: make install PYTHON=python3.12" >&2; exit 1; }
	"$(PYTHON)" -m venv "$(VENV)"
	@echo "make: installing into $(VENV); the first time takes a few minutes, one line for each package:"
	"$(BIN)/python" -m pip install --disable-pip-version-check --require-hashes --only-binary :all: \
		-r requirements-dev.lock
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch "$(INSTALLED)"

lint: install ## style, types and the direction of imports
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy"
	"$(BIN)/lint-imports" --no-logo

# The gate is on app/domain and app/payments and is met by the tests of the first run alone, so nothing else
# is traced: tracing costs time. It is silent when it passes, so that pytest's summary stays the last line.
# A file's tests stay in one process, which then makes the file's fixtures once.
GATED := tests/domain tests/payments tests/service/test_payments.py tests/service/test_set_offs.py
PYTEST := "$(BIN)/python" -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

test: lint ## everything that must pass before a commit
	$(PYTEST) $(GATED) --cov --cov-report= $(PYTEST_ARGS)
	@"$(BIN)/coverage" report --include='app/domain/*,app/payments/*' --fail-under=100 >"$(VENV)/.coverage-gate" 2>&1 || { \
		cat "$(VENV)/.coverage-gate"; \
		echo "make: app/domain and app/payments must be covered to the last branch" >&2; exit 1; }
	$(PYTEST) $(addprefix --ignore=,$(GATED)) $(PYTEST_ARGS)

# The tests that try examples, each with TIMES as many and new ones at each run.
EXPLORED = $(shell grep -rlE '^from (hypothesis|tests.tries) import' --include='test_*.py' tests)
TIMES ?= 20

explore: install ## the property tests and the fuzz with new examples, TIMES as many (20)
	TIMES=$(TIMES) $(PYTEST) $(EXPLORED) $(PYTEST_ARGS)

# A real OpenID provider for tests/oidc. Without Node.js, or without a registry, those tests are skipped.
oidc: tests/oidc/node_modules/.package-lock.json ## the OpenID provider that tests/oidc signs in at; needs node and npm

tests/oidc/node_modules/.package-lock.json: tests/oidc/package-lock.json
	npm ci --prefix tests/oidc --no-audit --no-fund --fetch-retries 1 --fetch-timeout 20000

format: install ## rewrite the code in the house style
	"$(BIN)/ruff" check --fix .
	"$(BIN)/ruff" format .

demo: install ## a worked contract on a PostgreSQL of its own, in ./var
	"$(BIN)/outcomes" demo

serve: install ## the service on http://127.0.0.1:8000, with a PostgreSQL of its own unless DATABASE_URL is set
	"$(BIN)/outcomes" serve

bench: install ## measure the service against bare SQL on the same machine
	"$(BIN)/python" -m bench

openapi: install ## rewrite openapi/ from the code
	"$(BIN)/outcomes" openapi

# Both have tools and an environment of their own. Only the audit asks the network: for known vulnerabilities.
AUDIT := $(VENV)-audit
ADVISORIES ?= pypi

$(AUDIT)/.installed: requirements-audit.lock
	"$(PYTHON)" -m venv "$(AUDIT)"
	"$(AUDIT)/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
		-r requirements-audit.lock
	@touch "$@"

audit: $(AUDIT)/.installed ## known vulnerabilities of every locked package; needs the network (ADVISORIES=osv asks another database)
	@failed=0; for lock in requirements.lock requirements-dev.lock requirements-build.lock requirements-audit.lock; do \
		echo "make: $$lock"; \
		"$(AUDIT)/bin/pip-audit" --strict --progress-spinner off --disable-pip --require-hashes \
			--vulnerability-service $(ADVISORIES) -r $$lock || failed=1; \
	done; exit $$failed

sbom: $(AUDIT)/.installed ## build/sbom.cdx.json: what the service consists of, as CycloneDX
	@mkdir -p build
	"$(AUDIT)/bin/cyclonedx-py" requirements requirements.lock --pyproject pyproject.toml --mc-type application \
		--spec-version 1.6 --output-reproducible --of JSON -o build/sbom.cdx.json
roles: install ## rewrite docs/reference/roles.md from the policy table
	"$(BIN)/python" -c "from app.api.application import roles_text; print(roles_text(), end='')" > docs/reference/roles.md

# One lock serves every supported Python and system; only the resolver itself comes from outside the locks.
lock: ## resolve pyproject.toml again into the lock files (UPGRADE=--upgrade for newer versions)
	"$(PYTHON)" -m venv "$(VENV)-lock"
	"$(VENV)-lock/bin/pip" install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(RESOLVE) pyproject.toml -o requirements.lock
	$(RESOLVE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	echo hatchling | $(RESOLVE) - -c requirements-dev.lock -o requirements-build.lock
	printf 'cyclonedx-bom>=7.0\npip-audit>=2.9\n' | $(RESOLVE) - -c requirements-dev.lock -o requirements-audit.lock

RESOLVE = "$(VENV)-lock/bin/uv" pip compile $(UPGRADE) --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command 'make lock' --no-config

clean: ## remove what the other targets made, except ./var (the database)
	rm -rf "$(VENV)" "$(VENV)-lock" "$(VENV)-audit" .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -rf .import_linter_cache build dist tests/oidc/node_modules
	find app migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +
