# make run     start everything on this machine and print READY with the address
# make test    the whole suite, on SQLite and on PostgreSQL
# make check   style, types, imports, migrations, deployment settings
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) bootstrap.py
IN_VENV = .venv/bin/python

.PHONY: run install test check bench compose-check lock

run:
	@$(BOOTSTRAP) run $(if $(findstring --no-local-model,$(ARGS)),,local-model) && exec $(IN_VENV) manage.py up $(ARGS)

install:
	@$(BOOTSTRAP) run dev local-model

test:
	@$(BOOTSTRAP) dev local-model && exec $(IN_VENV) -m tests $(ARGS)

check:
	@$(BOOTSTRAP) dev && exec $(IN_VENV) -m tests.support.check

compose-check:
	@$(BOOTSTRAP) dev && exec $(IN_VENV) -m pytest -q tests/config/test_deployment_files.py

bench:
	@$(BOOTSTRAP) dev && exec $(IN_VENV) -m benchmarks $(ARGS)

COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --prerelease disallow --upgrade

lock:
	@$(BOOTSTRAP) dev
	$(COMPILE) --group uv -o requirements-uv.lock
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group local-model --no-deps -o requirements-local-model.lock
