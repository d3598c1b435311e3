"""Carries out steps and machine verbs on this machine."""
