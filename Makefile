# Each target stands alone: it creates .venv, installs what it needs, and runs.
# The recipe is one Python script, so that Windows and macOS take the same road (see README.md).
PYTHON ?= python3

.PHONY: setup demo test bench proofs proofs-full models-check soak docs installer
setup demo test bench proofs proofs-full models-check soak docs installer:
	$(PYTHON) installers/setup_environment.py $@
