"""What occurs several times in a source: hashes of all records first, then the suspects, compared exactly."""
