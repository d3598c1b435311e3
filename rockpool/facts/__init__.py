"""What is there on a host, as pyinfra facts: one command each, JSON where there are many objects."""
