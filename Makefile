# `make help` says what there is. Needs python3 (3.11 or newer), make and sh; nothing else.

PYTHON = python3
PORT = 8000
HOST = 127.0.0.1
# More for `manage.py up`, as in: make run ARGS=--no-demo
ARGS =
# More for pytest, as in: make test TESTS=tests/sla PYTEST=-x
TESTS =
PYTEST =
WORKERS = auto

SHELL = /bin/sh
BIN = .venv/bin
# Django must read settings for checks that touch no data.
CHECKS = env SECRET_KEY=checks-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ DEBUG=0 HTTPS=1 \
	PII_KEYS=k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= PII_ACTIVE_KEY=k1 \
	PII_INDEX_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
	DATABASE_URL=postgresql://nobody@/none?host=/nonexistent REDIS_URL=redis://localhost:1 ALLOWED_HOSTS=localhost

.PHONY: help run stop test e2e lint format prod-check pins messages clean

help:
	@echo 'make run         install what is missing, start TicketDesk, say where it is  (PORT=8001 HOST=0.0.0.0 ARGS=--no-demo)'
	@echo 'make stop        stop the one that runs from this folder'
	@echo 'make test        all tests, in parallel  (TESTS=tests/sla PYTEST="-x -k calendar")'
	@echo 'make e2e         the browser tests alone; skipped without Chromium'
	@echo 'make lint        ruff, mypy, import contracts, missing migrations, templates, production settings'
	@echo 'make format      let ruff and djade put code and templates in order'
	@echo 'make prod-check  the checks a deployment must pass, with the settings of production'
	@echo 'make messages    collect and compile translations (needs gettext)'
	@echo 'make pins        pin requirements*.txt anew from pyproject.toml  (UPGRADE=--upgrade)'
	@echo 'make clean       remove .venv and what was built; var/ with its data and secrets stays'

run:
	@.ci/venv '$(PYTHON)' requirements-embedded.txt
	@exec $(BIN)/python -m ticketdesk.local up --host '$(HOST)' --port '$(PORT)' $(ARGS)

stop:
	@if [ -x $(BIN)/python ]; then exec $(BIN)/python -m ticketdesk.embedded --stop; else echo 'Nothing runs from this folder.'; fi

test:
	@.ci/venv '$(PYTHON)' requirements-dev.txt
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST) $(TESTS)

e2e:
	@.ci/venv '$(PYTHON)' requirements-dev.txt
	@exec $(BIN)/python -m pytest -m browser $(PYTEST) tests/browser

lint:
	@.ci/venv '$(PYTHON)' requirements-dev.txt
	@echo 'ruff' && $(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	@echo 'import contracts' && $(BIN)/lint-imports --no-logo >.venv/contracts.log || { cat .venv/contracts.log; exit 1; }
	@echo 'mypy' && $(CHECKS) $(BIN)/mypy --no-error-summary
	@echo 'migrations' && $(CHECKS) $(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	@$(MAKE) --no-print-directory prod-check

format:
	@.ci/venv '$(PYTHON)' requirements-dev.txt
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

prod-check:
	@.ci/venv '$(PYTHON)' requirements-embedded.txt
	@echo 'production settings' && $(CHECKS) $(BIN)/python manage.py check --deploy --fail-level WARNING

messages:
	@.ci/venv '$(PYTHON)' requirements-dev.txt
	@$(CHECKS) $(BIN)/python manage.py makemessages --locale zh_Hans --locale zh_Hant --no-obsolete --no-location --no-wrap \
		--ignore .venv --ignore var --ignore staticfiles --ignore tests --ignore bench
	@$(CHECKS) $(BIN)/python manage.py compilemessages --ignore .venv

pins:
	@.ci/venv '$(PYTHON)' requirements-dev.txt
	@$(BIN)/python .ci/pins.py $(UPGRADE)

clean:
	rm -rf .venv staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
