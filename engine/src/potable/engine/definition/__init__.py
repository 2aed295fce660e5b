"""Source definitions: their model, formats and schema."""
