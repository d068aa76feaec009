"""How many posts have an emotion: shares corrected by a few labels, and which posts to label."""
