"""Tables, the unit of work, and one module of plain functions for each noun.

Only the unit of work commits. The statements on the path of every message are compiled once and handed to the driver
(`Hot`); all others go through a SQLAlchemy Connection. SQLite and PostgreSQL run the same statement objects.
"""
