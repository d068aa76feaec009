"""The structure of emotions: how the predicted emotions of a table of posts hang together.

`report.py` has the order of events; every other file is one view: `relations` (correlation, tree, components, map),
`top_words`, `far_posts`, `times` and `ratings`. `figures.py` draws them.

Source: Hu and Flaxman 2018, "Multimodal Sentiment Analysis To Explore the Structure of Emotions", section 5.
"""
