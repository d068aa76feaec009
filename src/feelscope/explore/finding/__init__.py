"""What somebody kept of an archive, as one page that opens anywhere."""
