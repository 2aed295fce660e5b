"""The durable store of runs, reports and API keys: SQLAlchemy Core on SQLite or PostgreSQL (extra ``store``)."""
