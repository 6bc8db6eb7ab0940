"""The database that several stations share: PostgreSQL (ADR 0031)."""
