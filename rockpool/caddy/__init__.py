"""The whole Caddy configuration as data."""
