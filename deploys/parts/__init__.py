"""The parts of the deploy, one concern each."""
