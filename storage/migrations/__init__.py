"""Alembic migrations. The version row is read by hand at the start; alembic is imported only when one is due."""
