"""An archive of posts: its index, and linked views of what was said, when, and how people felt."""
