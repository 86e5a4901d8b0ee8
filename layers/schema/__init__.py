"""The database's shape: fixed tables by Alembic, layer tables from the catalogue.

Nothing is imported here: who only reads or writes rows does not wait for SQLAlchemy and Alembic.
"""
