# Every target does its own set-up. `make help` tells what there is.
PYTHON_IN_VENV := .venv/bin/python
.DEFAULT_GOAL := help
# TensorFlow's remarks on this machine's processor would bury what matters.
export TF_CPP_MIN_LOG_LEVEL := 3
.PHONY: help demo test check bench fuzz soak music model song-model clean test-newcomer test-appliance test-arm64

help:  ## tell what there is
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1: /p' $(MAKEFILE_LIST) | while IFS=: read -r name what; do \
		printf '  make %-15s%s\n' "$$name" "$$what"; done

demo: setup-device music/library/.composed  ## see the box at work; PICTURES=a folder, a video or webcam shows your own
	@.venv/bin/moodbox demo $(if $(PICTURES),--pictures "$(PICTURES)")

# The tests wait for MPD and for processes more than they compute, so two of them share a core. Those
# that share something stay together: tests/conftest.py says which.
PYTEST := pytest -n $(shell expr 2 '*' $$(nproc))

test: setup-all  ## run the whole test suite
	@$(PYTHON_IN_VENV) -m $(PYTEST)

check: setup-all  ## what must pass before a commit: ruff, mypy and the tests
	@failed=0; for step in 'ruff check' 'ruff format --check' mypy '$(PYTEST)'; do \
		echo "== $$step"; $(PYTHON_IN_VENV) -m $$step || failed=1; done; exit $$failed

bench: setup-all  ## measure speed, processor and memory, on MPD servers of up to 100,000 songs; ten minutes
	@$(PYTHON_IN_VENV) -m tests.bench

soak: setup-all  ## live a simulated day of sittings, hands and accidents before a real MPD; SEED=a number repeats one
	@$(PYTHON_IN_VENV) -m tests.soak $(if $(SEED),--seed $(SEED))

fuzz: setup-all  ## feed every reader of what others wrote with damage; MINUTES=5, SEED=a number repeats one
	@$(PYTHON_IN_VENV) -m tests.fuzz $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

music: setup-device music/library/.composed  ## compose the starter music into music/library

model: setup-all  ## train the model: DATA=the folder or file with FER2013, NO_FACES=a folder of pictures without people
	@test -n "$(DATA)" || { echo "make model needs DATA=: FER2013's CSV file or its Kaggle folder" >&2; exit 2; }
	@$(PYTHON_IN_VENV) -m training all --data "$(DATA)" $(if $(NO_FACES),--no-faces "$(NO_FACES)")

song-model: setup-device  ## fit the song model: DATA=the folder with songs.csv and clips/
	@test -n "$(DATA)" || { echo "make song-model needs DATA=: the folder with songs.csv" >&2; exit 2; }
	@$(PYTHON_IN_VENV) -m training songs --data "$(DATA)"

test-newcomer:  ## (root) make demo and make test in bare Debian 12 and 13 systems
	@for release in $(RELEASES); do tests/appliance/newcomer.sh $$release || exit 1; done

RELEASES := bookworm trixie
# In the order of a box's life.
APPLIANCE := $(addprefix tests/appliance/,refusals.py promises.py sandbox.py attacks.py kills.py \
	mending.py removal.py upgrade.py first_boot.py)
test-appliance: setup-all  ## (root) provision, boot and try fresh Debian 12 and 13 systems
	@for release in $(RELEASES); do echo "== $$release"; \
		MOODBOX_RELEASE=$$release $(PYTHON_IN_VENV) -m pytest -p no:cacheprovider \
		$(APPLIANCE) || exit 1; done

test-arm64: setup-all  ## (root) hold a Pi's own wheels, emulated, to this machine's readings
	@tests/appliance/arm64.sh $(RELEASES)

clean:  ## remove what was made here: the environment, the composed music, caches
	@rm -rf .venv build music/library .pytest_cache .mypy_cache .ruff_cache .hypothesis device/*.egg-info
	@find device training music tests -name __pycache__ -prune -exec rm -rf {} +

.PHONY: setup-device setup-all
setup-device:
	@setup/dev.sh device
setup-all:
	@setup/dev.sh all

# Composed anew when the composer changed.
music/library/.composed: $(wildcard music/*.py) | setup-device
	@$(PYTHON_IN_VENV) -m music compose music/library
	@$(PYTHON_IN_VENV) -m music chimes music/library
	@touch $@
