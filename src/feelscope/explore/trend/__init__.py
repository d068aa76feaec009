"""The share of each emotion over time, and when the mix of emotions changed."""
