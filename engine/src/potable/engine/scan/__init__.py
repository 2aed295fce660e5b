"""Rules and folds over the chunks of a source."""
