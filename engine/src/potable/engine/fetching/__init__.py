"""From a definition to bytes: files, servers and databases, bounded, and never from an address that isn't allowed."""
