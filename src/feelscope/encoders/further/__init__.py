"""What a post may have besides words and a picture: tags, emoji, numbers. Each becomes a vector, or is absent.

fit("tags", posts)                     which tags, by the training posts
fit("numbers:ups,comments", posts)     after the colon: the columns
"""

from feelscope.encoders.further.kinds import KINDS, Modality, fit, from_json, to_json

__all__ = ["KINDS", "Modality", "fit", "from_json", "to_json"]
