"""The command surface: one file a noun, shared by the `rockpool` program and the invoke tasks."""
