"""One run, from a definition to its report, and the parts of it."""
