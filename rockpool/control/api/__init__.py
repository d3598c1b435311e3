"""The HTTP API: thin routes over the use cases. It reads the database, the journal and cgroup files, never Podman."""
