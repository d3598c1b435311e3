"""Wishes for a host, as pyinfra operations: each compares one fact with what is wanted."""
