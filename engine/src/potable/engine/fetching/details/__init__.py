"""Lists whose records are completed by a request each, and where everything in them really stands."""
