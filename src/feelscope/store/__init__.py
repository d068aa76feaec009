"""posts.db, the database of collected posts."""
