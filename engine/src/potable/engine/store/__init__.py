"""The durable store of runs, reports and API keys: SQLite, or PostgreSQL (extra ``postgresql``)."""
