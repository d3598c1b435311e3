"""What the root VM carries."""

workspaces = [{"name": "demo"}]
