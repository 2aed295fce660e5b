"""Sources that come in pages, and answers that turn out to be only the first of several."""
