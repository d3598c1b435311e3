"""The whole Caddy configuration as data: what arrives, what passes, and what is refused. No I/O."""
