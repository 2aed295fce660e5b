"""From a definition to bytes: local files and HTTP(S), bounded, and never from an address that isn't allowed."""
