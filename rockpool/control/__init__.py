"""The control plane: what is wished for is kept in a database, and a worker makes it come true."""
