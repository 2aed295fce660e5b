"""From a snapshot's bytes to chunks of records: streams, encodings, and one package per format."""
