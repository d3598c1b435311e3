"""A Mac with Tart: this machine and the root VM that it carries."""

hypervisors = (["@local"], {"runtime": "tart"})
root_vms = ["@tart/root"]
