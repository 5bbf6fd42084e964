# What is needed beforehand: Python 3.11 or newer, git, make. `make` lists the targets.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
ARTICLE ?= evals/articles/visit-conflicting-reports.json

# Tried in this order; `make PYTHON=... test` names another.
PYTHON ?=
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python)

# A key or an endpoint of the user's own must not turn a local run into a paid one.
EMBEDDED := env -u OPENAI_API_KEY -u EXTRACTOR_BASE_URL -u EXTRACTOR_MODEL -u EXTRACTOR_DECODING

unexport PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help venv demo test browser servers eval plain bench-grounding bench-statistics bench-repair bench-backfill bench-memory kill-backfill warc-demo injections checks serve fuzz-service bench-service soak lint format record record-plain record-gate baseline lock lock-servers clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## extract an example article with the embedded model (the first run fetches 1.1 GB)
	@$(EMBEDDED) $(BIN)/extractor model pull
	@$(EMBEDDED) $(BIN)/extractor extract $(ARTICLE) --format text

serve: $(INSTALLED) ## the HTTP service and the viewer at localhost:8000, with the embedded model; ARGS=--port ...
	@$(EMBEDDED) $(BIN)/extractor model pull
	@$(EMBEDDED) $(BIN)/extractor serve $(ARGS)

test: lint ## all checks and all tests; needs no key and no model
	$(BIN)/python -m pytest --cov --numprocesses auto --dist loadfile --no-loadscope-reorder

browser: $(INSTALLED) ## the tests of pages, in a real browser (needs Chromium)
	$(BIN)/python -m pytest -m browser

# For servers that others wrote, beside .venv: one needs npm, the other a newer Python.
SERVERS := .servers
NEWER_PYTHONS := python3.14 python3.13 python3.12 $(wildcard $(HOME)/.pyenv/versions/3.1[234]*/bin/python)

servers: $(INSTALLED) $(SERVERS)/node_modules $(SERVERS)/ogx ## the Batch API against servers that others wrote (npm, Python 3.12)
	$(BIN)/python -m pytest -m servers

$(SERVERS)/node_modules: tests/servers/package-lock.json
	@mkdir -p $(SERVERS) && cp tests/servers/package.json tests/servers/package-lock.json $(SERVERS)
	@if command -v npm >/dev/null && node -e 'process.exit(+(parseInt(process.versions.node) < 20))'; then \
	  npm ci --prefix $(SERVERS) --silent --no-audit --no-fund && touch $@; \
	else echo 'aimock is not installed: it needs npm, and node 20 or newer.' >&2; fi

$(SERVERS)/ogx: tests/servers/ogx.lock
	@for python in $(NEWER_PYTHONS); do \
	  "$$python" -c 'import sys, sqlite3; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || continue; \
	  "$$python" -m venv --clear $@ || continue; \
	  $@/bin/pip install --quiet --no-deps --require-hashes -r tests/servers/ogx.lock && touch $@; \
	  exit; \
	done; echo 'ogx is not installed: it needs Python 3.12 or newer.' >&2

lint: $(INSTALLED) ## style, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED) ## lay the code out and repair what can be repaired
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Folders of cases in evals/, each with the prompt that it is for; not every one need be there.
CASES := articles:event@production attributions:attributions@production \
  incidents:incident@production articles:event-sentences@1 articles:event-both@1

# The tables in docs/scores are what this printed when it was last looked at; ARGS=--new: keep
# what it prints now.
eval: $(INSTALLED) ## score what the cassettes hold and compare it with docs/scores; needs no key and no model
	@status=0; found=$$(mktemp); for set in $(CASES); do \
	  name=$${set%:*} prompt=$${set#*:}; \
	  [ -d evals/$$name ] || continue; \
	  echo "== evals/$$name, $$prompt"; \
	  $(EMBEDDED) NO_COLOR=1 COLUMNS=80 $(BIN)/extractor eval run evals/$$name --prompt $$prompt --replay \
	    >$$found || status=1; \
	  cat $$found; \
	  kept=docs/scores/$${prompt%@*}.txt; \
	  if [ "$(ARGS)" = --new ]; then cp $$found $$kept; fi; \
	  diff -u $$kept $$found >&2 || status=1; \
	done; rm -f $$found; exit $$status

bench-grounding: $(INSTALLED) ## measure grounding on 22,000 cases, beside the peers that are installed
	$(BIN)/python -m benchmarks.grounding --speed $(ARGS)

# Under a grammar, and then without: what is recorded of one says nothing about the other. The pairs that
# were written without knowing the signs come last, under a grammar.
injections: $(INSTALLED) ## count what instructions inside of articles change; ARGS=--record: ask the embedded model
	@status=0; for run in grammar:injections schema:injections grammar:injections_blind; do \
	  printf '\n%s\n' "evals/$${run#*:}"; \
	  $(EMBEDDED) EXTRACTOR_DECODING=$${run%:*} $(BIN)/extractor eval injections evals/$${run#*:} \
	    $(or $(ARGS),--replay) || status=1; \
	done; exit $$status

bench-statistics: $(INSTALLED) ## whether intervals and tests keep what they promise, over 10,000 invented worlds
	$(BIN)/python -m benchmarks.statistics $(ARGS)

fuzz-service: $(INSTALLED) ## schemathesis over the service for ten minutes; ARGS="--seconds 60 --seed 1"
	@$(EMBEDDED) $(BIN)/python -m benchmarks.fuzz $(ARGS)

bench-service: $(INSTALLED) ## what the service adds to a model's time, and what it does with too much; ARGS="--seconds 60"
	@$(EMBEDDED) $(BIN)/python -m benchmarks.service $(ARGS)

MINUTES ?= 20

soak: $(INSTALLED) ## memory of the service under full load: does it grow? MINUTES=20
	@$(EMBEDDED) $(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

bench-backfill: $(INSTALLED) ## measure backfills against a local server, beside other ways; ARGS=--articles=640 for less
	$(BIN)/python -m benchmarks.backfill $(ARGS)

bench-memory: $(INSTALLED) ## memory of a backfill of 100,000 articles from Parquet; ARGS=--articles=2000 for less
	$(BIN)/python -m benchmarks.memory $(ARGS)

kill-backfill: $(INSTALLED) ## kill a backfill of 10,000 articles 20 times; ARGS="--articles 500 --kills 3" for less
	$(BIN)/python -m benchmarks.kills $(ARGS)

# The same folder each time, so that a demonstration that was stopped goes on.
WARC_DEMO ?= $${TMPDIR:-/tmp}/extractor-warc-demo

warc-demo: $(INSTALLED) ## our articles as web pages in a WARC file, and the embedded model's records of them; ARGS=--dry-run
	@case '$(ARGS)' in *--dry-run*) ;; *) $(EMBEDDED) $(BIN)/extractor model pull;; esac
	@$(BIN)/python -m benchmarks.web_archive "$(WARC_DEMO)/articles.warc.gz"
	@$(EMBEDDED) $(BIN)/extractor backfill "$(WARC_DEMO)/articles.warc.gz" --out "$(WARC_DEMO)/records" $(ARGS) \
	  || [ $$? -eq 1 ]  # a record that was rejected is one of the outcomes

checks: $(INSTALLED) ## how well the value checks tell wrong values from right ones
	@echo "the pairs that the checks were made with"; $(BIN)/extractor eval checks tests/value_pairs
	@echo "pairs written without knowing the checks, which were looked at once since"; \
	  $(BIN)/extractor eval checks tests/value_pairs_blind

bench-repair: $(INSTALLED) ## repairs against asking for all again, without a grammar; ARGS=--record: ask the embedded model
	@$(EMBEDDED) EXTRACTOR_DECODING=schema $(BIN)/extractor eval repairs evals/articles \
	  --cassettes evals/repairs/cassettes $(ARGS)

record: $(INSTALLED) ## record all cassettes anew (alone on the machine); ARGS=--missing: only what is not fresh
	@$(EMBEDDED) $(BIN)/extractor model pull
	@for set in $(CASES); do \
	  folder=evals/$${set%:*} prompt=$${set#*:}; \
	  [ -d $$folder ] || continue; \
	  $(EMBEDDED) $(BIN)/extractor cassettes record $$folder --prompt $$prompt $(ARGS) || exit 1; \
	done

# A prompt, the same with one harmless word changed, and the same spoiled: what the gate must tell apart.
GATE := incident incident-reworded incident-spoiled

record-gate: $(INSTALLED) ## record the prompts that the gate is tested with; ARGS=--missing: only what is not fresh
	@$(EMBEDDED) $(BIN)/extractor model pull
	@for prompt in $(GATE); do \
	  $(EMBEDDED) EXTRACTOR_PROMPTS=evals/gate/prompts $(BIN)/extractor cassettes record \
	    evals/gate/cases.jsonl --prompt $$prompt@1 --cassettes evals/gate/cassettes $(ARGS) || exit 1; \
	done

baseline: $(INSTALLED) ## make evals/baseline.json, the run that changes are held against, from the cassettes
	@$(EMBEDDED) $(BIN)/extractor eval run evals/articles --replay --format json >evals/baseline.json

# Models of a user's own, each with one article: with and without words asked beside the values.
PLAIN := invoice casualties debate timeline harvest

plain: $(INSTALLED) ## what the values of five plain models rest on, from the cassettes
	@$(EMBEDDED) $(BIN)/python evals/plain/table.py

record-plain: $(INSTALLED) ## record the five plain models anew; ARGS=--missing: only what is not fresh
	@$(EMBEDDED) $(BIN)/extractor model pull
	@for name in $(PLAIN); do for cite in marked all; do \
	  $(EMBEDDED) EXTRACTOR_SCHEMAS=evals/plain/schemas $(BIN)/extractor cassettes record \
	    evals/plain/articles/$$name.json --prompt any@production --schema $$name@1 --cite $$cite \
	    --cassettes evals/plain/cassettes $(ARGS) || exit 1; \
	done; done

lock: | $(INSTALLED) ## pin what pyproject.toml asks for; ARGS=--upgrade for newer versions
	$(BIN)/uv pip compile pyproject.toml --quiet --python $(BIN)/python \
	  --all-extras --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command 'make lock' \
	  --output-file requirements.lock $(ARGS)

lock-servers: $(SERVERS)/ogx ## pin what tests/servers asks for
	$(BIN)/uv pip compile tests/servers/ogx.in --quiet --python $(SERVERS)/ogx/bin/python \
	  --python-version 3.12 --universal --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command 'make lock-servers' --output-file tests/servers/ogx.lock $(ARGS)
	cd tests/servers && npm install --package-lock-only --omit-lockfile-registry-resolved \
	  --no-audit --no-fund

venv: $(INSTALLED) ## make or renew .venv only

clean: ## remove .venv and all that the tools left behind
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
	  .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Only what the lock pins is installed, the build backend included: hence no build isolation. The
# lock is complete, and pip is not to look for more (pip 23 would take an extra's newest release).
$(INSTALLED): requirements.lock pyproject.toml
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { $(MAKE_VENV); }
	@echo 'Installing into $(VENV) what requirements.lock pins (about a minute the first time) ...'
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

define MAKE_VENV
chosen=; \
for python in $(PYTHONS); do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
  chosen=$$python; break; \
done; \
if [ -z "$$chosen" ]; then \
  echo 'extractor needs Python 3.11 or newer, and none of these is: $(PYTHONS).' >&2; \
  echo 'Install one, or name one that is not on the PATH: make PYTHON=/path/to/python3.' >&2; \
  exit 1; \
fi; \
if ! "$$chosen" -c 'import ensurepip, venv' 2>/dev/null; then \
  echo "$$chosen cannot make virtual environments: its module venv or ensurepip is missing." >&2; \
  echo 'On Debian and Ubuntu, install the package python3-venv (or python3.13-venv and so on).' >&2; \
  exit 1; \
fi; \
echo "Making $(VENV) with $$("$$chosen" --version) ..."; \
"$$chosen" -m venv --clear $(VENV)
endef
