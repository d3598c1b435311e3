"""Programs that land in the root VM by themselves. Standard library only."""
