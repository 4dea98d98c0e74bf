# make run     start everything on this machine and print READY with the address
# make test    the whole suite, on SQLite and on PostgreSQL
# make check   style, types, imports, migrations, deployment settings
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) bootstrap.py
IN_VENV = .venv/bin/python

.PHONY: run install test check bench screenshots compose-check lock

run:
	@$(BOOTSTRAP) run $(if $(findstring --no-local-model,$(ARGS)),,local-model) && exec $(IN_VENV) manage.py up $(ARGS)

install:
	@$(BOOTSTRAP) run dev local-model

test:
	@$(BOOTSTRAP) dev local-model && exec $(IN_VENV) -m tests $(ARGS)

# Code and settings. The last step checks the settings of a site that is reached by https.
AS_DEPLOYED = APP_URL=https://capability.example.org ALLOWED_HOSTS=capability.example.org BEHIND_PROXY=true
TEMPLATES = $(wildcard */templates/*.html */templates/*/*.html */templates/*/*/*.html */templates/*/*/*/*.html)

check:
	@$(BOOTSTRAP) dev
	$(IN_VENV) -m ruff check --quiet .
	$(IN_VENV) -m ruff format --quiet --check .
	$(IN_VENV) -m mypy
	$(IN_VENV) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	.venv/bin/djade --check --target-version 5.2 $(TEMPLATES)
	$(IN_VENV) manage.py makemigrations --check --dry-run --verbosity 0
	$(AS_DEPLOYED) $(IN_VENV) manage.py check --deploy --fail-level WARNING

compose-check:
	@$(BOOTSTRAP) dev && exec $(IN_VENV) -m pytest -q tests/config/test_deployment_files.py

bench:
	@$(BOOTSTRAP) dev && exec $(IN_VENV) -m benchmarks $(ARGS)

# The pictures of docs/screenshots, from a site started for it, or of ARGS=http://127.0.0.1:8000.
screenshots:
	@$(BOOTSTRAP) dev && exec $(IN_VENV) docs/screenshots/take.py $(ARGS)

COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --prerelease disallow $(UPGRADE)

# Keeps what is locked unless pyproject.toml wants more; make lock UPGRADE=--upgrade takes the newest.
lock:
	@$(BOOTSTRAP) dev
	$(COMPILE) --group uv -o requirements-uv.lock
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group local-model --no-deps -o requirements-local-model.lock
