"""Machines on QEMU: every step is one idempotent verb of `rockpool machine`, because booting needs run-time choices."""
