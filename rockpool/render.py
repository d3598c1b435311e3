"""Deterministic texts from data: what a machine or a person reads."""
