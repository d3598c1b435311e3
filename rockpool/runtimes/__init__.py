"""Phrasebooks: from a spec and a survey to steps. No I/O; each runtime is unaware of the others."""
