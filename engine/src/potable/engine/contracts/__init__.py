"""The nouns that all other modules speak: snapshots, chunks, sources of definitions, reports."""
