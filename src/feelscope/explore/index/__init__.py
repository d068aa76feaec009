"""An index of an archive: tagged posts in shards, their subjects, small pictures, and a search engine's files."""
