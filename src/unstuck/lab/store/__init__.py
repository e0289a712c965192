"""Stores: what came of each chunk, kept for good. Belongs here: keys, schema, SQLite, PostgreSQL."""
