"""Words in a picture: the lines of a meme or a screenshot, and which of them are a post's words."""
