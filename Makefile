# The commands of the course. Each does its own set-up; `make` alone lists them.

# The first of these that is Python 3.11 to 3.14; name another with PYTHON=...
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PY := $(BIN)/python
NEWEST := $(subst .venv,.venv/newest,$(PY))
READY := .venv/ready
HTML := _build/html
PORT ?= 8000

export PYTHONUTF8 := 1
export MPLBACKEND := agg
# Compiled modules are kept, out of sight, whatever the shell says: without them a build takes twice as long.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/pycache
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help book pdf slides quizzes serve test lint unit nbval pages lab notebooks labs bench mutants linkcheck newest constraints clean

help:  ## list these targets
	@echo "The Cross-Entropy Course. Start with: make book"
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | while IFS='|' read -r name text; do \
		printf '%-20s %s\n' "$$name" "$$text"; done

# The programs in .venv name the folder it was made in. In another one, it is made again.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

$(READY): pyproject.toml constraints.txt .ci/environment.py
	@test ! -f $@ || test "$$(cat $@)" = "$(CURDIR)" || { echo "[set-up] the folder was moved"; rm -rf .venv; }
	@test -n "$(PYTHON)" || { echo "No Python 3.11 to 3.14 was found. Install one (python.org, or your system's packages), or name it: make PYTHON=/path/to/python3.12"; exit 1; }
	@"$(PYTHON)" .ci/environment.py
	@echo "$(CURDIR)" > $@

book: $(READY)  ## build the book, strictly, into _build/html
	@$(BIN)/jupyter-book build . -W -n --keep-going --quiet || { rm -rf _build/.doctrees; \
		echo "The book did not build. The WARNING or ERROR lines above name the file and the line to fix."; exit 1; }
	@echo "Built. Open $(HTML)/index.html, or run: make serve"

pdf: book  ## the whole book as one PDF, _build/book.pdf (needs Chromium)
	@$(PY) .ci/pdf.py

slides: book  ## a deck of slides for each of the chapters 1 to 10, in _build/slides and dist/slides.zip
	@$(PY) -m _slides

quizzes: $(READY)  ## the quizzes for Moodle (GIFT) and Canvas (QTI 2.1), into dist/quizzes
	@$(PY) -m quizzes

serve: book  ## build the book, serve it on 127.0.0.1 and open it
	@$(PY) -c "import socket; socket.socket().bind(('127.0.0.1', $(PORT)))" 2>/dev/null \
		|| { echo "Port $(PORT) is taken. Choose another: make serve PORT=8001"; exit 1; }
	@(sleep 1; $(PY) -m webbrowser http://127.0.0.1:$(PORT)/) & $(PY) -m http.server $(PORT) --bind 127.0.0.1 --directory $(HTML)

test: lint unit nbval pages  ## run everything that CI runs
	@echo "Everything passed."

lint: $(READY)  ## ruff, mypy and codespell
	@echo "== lint" && $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/codespell \
		|| { echo "Lint failed: the lines above say where. What ruff found, it often fixes itself: $(BIN)/ruff check --fix . && $(BIN)/ruff format ."; exit 1; }

unit: $(READY)  ## the library's tests with coverage, its doctests, and the rules of the architecture
	@echo "== unit" && OMP_NUM_THREADS=1 $(PY) -m pytest -n auto --doctest-modules --cov --cov-report=term-missing:skip-covered tests xentlib \
		--ignore=tests/browser --ignore=tests/bench --ignore=tests/book/test_pages.py

nbval: $(READY)  ## re-execute every notebook and compare with its stored outputs
	@echo "== nbval"; leave=; \
	$(PY) -c "import importlib.util as u, sys; sys.exit(u.find_spec('tensorflow') is None)" || { leave=--ignore=notebooks/07_frameworks.ipynb; \
		echo "TensorFlow has no package for this Python: notebooks/07_frameworks.ipynb, which shows its numbers, is not compared."; }; \
	$(PY) -m pytest -n auto --dist loadfile $$leave --nbval --nbval-current-env --nbval-cell-timeout=300 \
		--nbval-sanitize-with=tests/nbval_sanitize.cfg notebooks \
		|| { echo "A notebook no longer gives its stored outputs. If a cell raises an error, fix that first. If the change is meant: make notebooks, read the difference, commit it."; exit 1; }

pages: $(READY)  ## build the book afresh, and check its pages, also in a browser
	@rm -rf _build/html _build/.doctrees && $(MAKE) --no-print-directory book && echo "== pages" && $(PY) -m pytest -n auto --dist loadfile tests/book/test_pages.py tests/browser

lab: $(READY)  ## open the notebooks in JupyterLab
	@$(BIN)/jupyter trust notebooks/*.ipynb && $(BIN)/jupyter lab notebooks

# In a notebook that `make lab` trusts, a stored view of a widget is an error: its kernel is gone. With
# XENTLIB_STATIC the explorables are stored as tables. nbconvert would still store the widgets' state,
# for which myst-nb loads scripts from another host.
notebooks: $(READY)  ## re-execute the notebooks and store their outputs
	@XENTLIB_STATIC=1 $(BIN)/jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.record_timing=False \
		--NotebookExporter.preprocessors=nbconvert.preprocessors.CoalesceStreamsPreprocessor --ExecutePreprocessor.store_widget_state=False notebooks/*.ipynb \
		|| { echo "A cell raised an error (above). Fix it, then run make notebooks again; no half-run notebook was stored."; exit 1; }

labs: slides quizzes  ## build the labs, and the packs for students and teachers in dist
	@$(PY) -m labs.build

bench: $(READY)  ## time xentlib against SciPy, scikit-learn, Optax and PyTorch; the explorables; the doctor; the pages with Lighthouse
	@PYTHONPATH=.ci $(PY) -m tests.bench

mutants: $(READY)  ## mutation testing of xentlib
	@$(PY) .ci/environment.py dev mutants && $(BIN)/mutmut run && $(BIN)/mutmut results

linkcheck: $(READY)  ## check every external link of the book (needs the network)
	@$(BIN)/jupyter-book build . --builder linkcheck

# The way out of Jupyter Book 1, which holds Sphinx at 7. It writes its last conf.py, less three extensions that are
# its own: itself, comments, LaTeX. The rest is Sphinx alone, in an environment of its own.
newest: $(READY)  ## build the book without Jupyter Book, with the newest Sphinx and theme, into _build/newest
	@$(PY) .ci/environment.py newest
	@$(NEWEST) -m pip list
	@trap 'rm -f conf.py' EXIT; $(BIN)/jupyter-book config sphinx . \
		&& echo "for name in ['jupyter_book', 'sphinx_comments', 'sphinx_jupyterbook_latex']: extensions.remove(name)" >> conf.py \
		&& rm -rf _build/newest && PYTHONPATH=_ext $(NEWEST) -m sphinx -W -n --keep-going -q . _build/newest
	@echo "Built. Open _build/newest/index.html"

constraints:  ## refresh constraints.txt (needs uv)
	@UV_FIND_LINKS= uv pip compile pyproject.toml --all-extras --universal --fork-strategy fewest --python-version 3.11 \
		--no-annotate --no-header --upgrade --quiet --output-file constraints.txt

clean:  ## remove everything that was built, and the environment
	@rm -rf _build dist .venv .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis mutants *.egg-info
