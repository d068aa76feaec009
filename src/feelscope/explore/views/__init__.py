"""What is shown of the posts that match: timeline, subjects, sentences, pictures, one post."""
