# Thin over invoke: this file only makes the locked environment that invoke runs in.
.PHONY: up test down clean check

VENV := .venv
INVOKE := $(VENV)/bin/invoke

up: $(VENV)/ready
	@$(INVOKE) up

test: $(VENV)/ready
	@$(INVOKE) test

check: $(VENV)/ready
	@$(INVOKE) check

down: $(VENV)/ready
	@$(INVOKE) down

clean:
	rm -rf $(VENV) build dist

$(VENV)/ready: requirements.lock pyproject.toml scripts/bootstrap.sh
	@scripts/bootstrap.sh $(VENV)
