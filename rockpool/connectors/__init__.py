"""Ways to reach a machine of ours, as pyinfra connectors."""
