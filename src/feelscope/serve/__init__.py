"""The HTTP service: posts in, emotions out, for programs and for one page."""
