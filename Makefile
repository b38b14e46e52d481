# Everything a clone needs: `make demo`, `make test`.

PYTHON ?= python3
VENV := .venv
OLDEST := .venv-oldest
# The tests wait for git, databases and terminals about as long as they compute.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 2) + 2)')

DOCS := .venv-docs

.PHONY: demo test coverage mutants soak lint bench man docs screens check-screens clean

$(VENV)/installed: pyproject.toml Makefile
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# The hook managers that npm has; where it is not there, the tests of these two are skipped, and say so.
$(VENV)/managers/installed: Makefile
	mkdir -p $(VENV)/managers
	! command -v npm >/dev/null || npm install --silent --no-audit --no-fund --prefix $(VENV)/managers husky@9 simple-git-hooks@2
	touch $@

# The oldest versions that pyproject.toml accepts, together, and tests of what each of them is used for; not those that compare with
# what a newer Alembic reads. tomli takes part under Python 3.10 alone: `make test PYTHON=python3.10`.
OLDEST_TESTS := tests/unit/environment/test_merge_script.py tests/unit/environment/test_config_files.py \
	tests/unit/output/test_prompt.py tests/unit/output/test_screen.py tests/unit/repository/test_porcelain.py \
	tests/unit/core/operations/test_queries.py tests/unit/core/operations/test_conflicts.py \
	tests/unit/test_command_line.py tests/e2e/test_completion.py tests/e2e/test_fix_json.py tests/e2e/test_sync_json.py \
	tests/unit/repository/hooks/managers \
	--deselect tests/unit/environment/test_config_files.py::test_a_toml_that_alembic_refuses_has_a_problem \
	--deselect tests/unit/environment/test_config_files.py::test_an_ini_is_read_as_alembic_reads_it

$(OLDEST)/installed: pyproject.toml Makefile tests/oldest.txt
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --editable . -c tests/oldest.txt \
		hypothesis pexpect pytest pytest-xdist
	touch $@

demo: $(VENV)/installed
	@$(VENV)/bin/migmerge demo

# The modules are compiled as in an installation, for each test that starts migmerge would compile them: a tenth of a second.
test: $(VENV)/installed $(VENV)/managers/installed $(OLDEST)/installed
	$(OLDEST)/bin/python -m pytest -q -n auto $(OLDEST_TESTS)
	$(VENV)/bin/python -m compileall -q migmerge
	$(VENV)/bin/python -m pytest -q -n $(WORKERS) --dist worksteal

# Branches of the decisions, `migmerge/core`, that the tests take; it takes about twice the time of `make test`.
coverage: $(VENV)/installed
	$(VENV)/bin/python -m pytest -q -n auto --cov --cov-config=pyproject.toml

# Small mistakes in the modules that decide, one at a time, each of which a test must notice; MODULES selects some.
mutants: $(VENV)/installed
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[mutants]'
	$(VENV)/bin/mutmut run $(MODULES)
	$(VENV)/bin/mutmut results

# The random, long search of the property tests; MIGMERGE_SOAK multiplies their examples.
soak: $(VENV)/installed
	$(VENV)/bin/python -m compileall -q migmerge
	MIGMERGE_SOAK=$${MIGMERGE_SOAK:-20} $(VENV)/bin/python -m pytest -q -n auto -m hypothesis
	$(VENV)/bin/python -m tests.soak.killed_syncs
	$(VENV)/bin/python -m tests.soak.skipped_revisions
	$(VENV)/bin/python -m tests.soak.faults
	$(VENV)/bin/python -m tests.soak.fuzz

# What the standard library lacks in the oldest and the newest Python is found without having them.
lint: $(VENV)/installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/mypy --python-version 3.10 --package migmerge --cache-dir .mypy_cache/oldest
	$(VENV)/bin/mypy --python-version 3.14 --package migmerge --cache-dir .mypy_cache/newest

bench: $(VENV)/installed
	$(VENV)/bin/python -I benchmarks/run.py

# The man page, from the same texts as the help.
man: $(VENV)/installed
	$(VENV)/bin/python -m migmerge.manual > docs/migmerge.1

$(DOCS)/installed: pyproject.toml Makefile
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@

# A warning is an error: a link that leads nowhere, a page that nothing leads to. To look: python3 -m http.server -d build/docs
docs: $(DOCS)/installed
	$(DOCS)/bin/python -m sphinx -W --keep-going -q -b dirhtml -d build/doctrees docs build/docs

# Plays the stories of docs/generate/screens.py and captures what a terminal shows, or only compares; a minute.
screens: $(DOCS)/installed
	$(DOCS)/bin/python -m docs.generate.screens

check-screens: $(DOCS)/installed
	$(DOCS)/bin/python -m docs.generate.screens --check

clean:
	rm -rf $(VENV) $(OLDEST) $(DOCS) build
