"""The structure of emotions: how the predicted emotions of a table of posts relate.

`report.py` has the order of events. One view each: `relations` (correlation, tree, components, map), `top_words`,
`outliers`, `times` and `ratings`; `figures.py` draws them and `summary.py` says them in a few lines.

Source: Hu and Flaxman 2018, "Multimodal Sentiment Analysis To Explore the Structure of Emotions", section 5.
"""
