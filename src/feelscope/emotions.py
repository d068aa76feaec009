"""Label sets of the field, the maps between them, and the emoji that stand for an emotion.

An emotion has one name here ("sadness"); the names that tables use for it ("sad", "grief") are mapped by
`match`, which says what it mapped. Maps to `SEVEN` follow Demszky et al. 2020 (GoEmotions, appendix B, Ekman
grouping); for a label that the grouping lacks, the choice is ours and noted beside it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from feelscope.config import did_you_mean
from feelscope.errors import ConfigError

LONGEST = 200  # characters of a name

# Ekman 1992
EKMAN = ("happiness", "sadness", "anger", "fear", "surprise", "disgust")
NEUTRAL = "neutral"
SEVEN = (*EKMAN, NEUTRAL)
# Plutchik 1980
PLUTCHIK_8 = ("joy", "trust", "fear", "surprise", "sadness", "disgust", "anger", "anticipation")
# Mikels et al. 2005
MIKELS_8 = ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness")
# Jia et al. 2022, table 4
MSED = ("happiness", "neutral", "sadness", "anger", "fear", "disgust")
# Demszky et al. 2020, table 2
GOEMOTIONS = (
    *("admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire"),
    *("disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy"),
    *("love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise"),
    "neutral",
)
# Hu and Flaxman 2018: frequent terms of PANAS-X that are tags on Tumblr
TUMBLR_15 = (
    *("happy", "calm", "sad", "scared", "bored", "angry", "annoyed", "love", "excited", "surprised", "optimistic"),
    *("amazed", "ashamed", "disgusted", "pensive"),
)

LABEL_SETS: Mapping[str, tuple[str, ...]] = {
    "ekman": EKMAN,
    "seven": SEVEN,
    "plutchik-8": PLUTCHIK_8,
    "mikels-8": MIKELS_8,
    "msed": MSED,
    "goemotions": GOEMOTIONS,
    "tumblr-15": TUMBLR_15,
}

# Each of the seven with the words that mean the same; the subclasses of other label sets are in the maps below.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "happiness": ("happy", "joy", "joyful", "happiness"),
    "sadness": ("sad", "sadness", "unhappy"),
    "anger": ("angry", "anger", "rage", "mad"),
    "fear": ("fear", "scared", "afraid", "fearful", "creepy"),
    "surprise": ("surprise", "surprised"),
    "disgust": ("disgust", "disgusted", "gore"),
    "neutral": ("neutral", "none", "no emotion"),
}
_MEANINGS = {word: emotion for emotion, words in SYNONYMS.items() for word in words}

GOEMOTIONS_TO_SEVEN: Mapping[str, str] = {
    **dict.fromkeys(
        "joy amusement approval excitement gratitude love optimism relief pride admiration desire caring".split(),
        "happiness",
    ),
    **dict.fromkeys("sadness disappointment embarrassment grief remorse".split(), "sadness"),
    **dict.fromkeys("anger annoyance disapproval".split(), "anger"),
    **dict.fromkeys("fear nervousness".split(), "fear"),
    **dict.fromkeys("surprise realization confusion curiosity".split(), "surprise"),
    "disgust": "disgust",
    "neutral": "neutral",
}
# SemEval-2018 task 1 has Plutchik's eight and three more; trust and anticipation have no place among seven (ours).
SEMEVAL_TO_SEVEN: Mapping[str, str] = {
    **dict.fromkeys("joy love optimism".split(), "happiness"),
    **dict.fromkeys("sadness pessimism".split(), "sadness"),
    "anger": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "surprise": "surprise",
}
# "Emotion" of dair-ai (Saravia et al. 2018): love goes where GoEmotions puts it.
FEELINGS_TO_SEVEN: Mapping[str, str] = {
    **dict.fromkeys("happy joy love".split(), "happiness"),
    "sadness": "sadness",
    "anger": "anger",
    "fear": "fear",
    "surprise": "surprise",
}
# Tweets to airlines by valence: those that are not pleased complain (ours).
AIRLINE_TO_SEVEN: Mapping[str, str] = {"positive": "happiness", "negative": "anger", "neutral": "neutral"}
MAPS: Mapping[str, Mapping[str, str]] = {
    "goemotions": GOEMOTIONS_TO_SEVEN,
    "semeval2018": SEMEVAL_TO_SEVEN,
    "feelings": FEELINGS_TO_SEVEN,
    "airline": AIRLINE_TO_SEVEN,
}

EMOJI: Mapping[str, str] = {
    "happiness": "😊",
    "sadness": "😢",
    "anger": "😠",
    "fear": "😨",
    "surprise": "😮",
    "disgust": "🤢",
    "neutral": "😐",
}


def is_name(value: object) -> bool:
    """Whether something can be the name of an emotion, or of a model: a line that can be shown."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable()


def label_set(names: str) -> tuple[str, ...]:
    """The label set of this name, or emotions of one's own, between commas.

    Example:
        >>> label_set("Freude, Verlust")
        ('Freude', 'Verlust')

    Raises:
        ConfigError: It is neither, or what `check_own` refuses.
    """
    if names in LABEL_SETS:
        return LABEL_SETS[names]
    if "," not in names:
        hint = did_you_mean(names, LABEL_SETS)
        more = "" if hint.startswith("did") else "; or name two emotions or more of your own, between commas"
        raise ConfigError(f"{names[:LONGEST]!r} is not known; {hint}{more}")
    own = tuple(name.strip() for name in names.split(","))
    check_own(own)
    return own


def check_own(names: Sequence[str]) -> None:
    """Refuse emotions of one's own that are not two or more, each a line that can be shown, and none twice.

    Raises:
        ConfigError: What is wrong.
    """
    for place, name in enumerate(names, 1):
        if not is_name(name) or name != name.strip():
            raise ConfigError(f"emotion {place}: expected a name of 1 to {LONGEST} letters, found {name[:100]!r}")
    seen: dict[str, str] = {}
    for name in names:
        if (before := seen.setdefault(name.casefold(), name)) is not name:
            raise ConfigError(f"two emotions are named {name!r}" + (f" and {before!r}" if before != name else ""))
    if len(names) < 2:
        raise ConfigError(f"expected two emotions or more, found {len(names)}")


def meaning(name: str) -> str:
    """What an emotion's name has in common with those that mean the same: of Happy, joy and joyful, happiness."""
    word = name.strip().lower()
    return _MEANINGS.get(word, word)


def is_emotion(name: str) -> bool:
    """Whether a word is the name of an emotion here, or in one of the label sets that are known."""
    word = name.strip().lower()
    return word in _MEANINGS or any(word in known for known in (GOEMOTIONS_TO_SEVEN, SEMEVAL_TO_SEVEN))


def usual_names(counts: Mapping[str, int], same: Callable[[str], str] = meaning) -> dict[str, str]:
    """Of each name the usual one of those that are the same: the most frequent, then the first by the alphabet."""
    usual: dict[str, str] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        usual.setdefault(same(name), name)
    return {name: usual[same(name)] for name in counts}


def match(names: Iterable[str], known: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Match the emotion names of a table with those of a model.

    Args:
        names: Names as in the table; capitals and surrounding spaces do not count.
        known: The model's emotions.

    Returns:
        Table name to model name for every name that has a match, and the names that have none, both in
        alphabetical order of the table's names.
    """
    by_meaning = {_MEANINGS.get(emotion.lower(), emotion.lower()): emotion for emotion in known}
    by_name = {emotion.lower(): emotion for emotion in known}
    mapped: dict[str, str] = {}
    unknown: list[str] = []
    for name in sorted(set(names)):
        word = name.strip().lower()
        target = by_name.get(word) or by_meaning.get(_MEANINGS.get(word, word))
        if target is None:
            unknown.append(name)
        else:
            mapped[name] = target
    return mapped, unknown


# Other forms of the names above, as people write them after a #; ours. None of them means two emotions of one set.
FORMS: Mapping[str, tuple[str, ...]] = {
    "happiness": ("happily", "happier", "happiest", "joyous", "joyfully"),
    "sadness": ("sadly", "sadder", "saddest", "saddened", "unhappiness"),
    "anger": ("angrily", "angrier", "angered", "raging", "enraged", "maddening"),
    "fear": ("fears", "feared", "fearing", "scary", "scare", "creeped"),
    "surprise": ("surprising", "surprises", "surprisingly"),
    "disgust": ("disgusting", "disgusts", "gory"),
    "admiration": ("admire", "admiring"),
    "amusement": ("amused", "amusing"),
    "annoyance": ("annoyed", "annoying"),
    "approval": ("approve", "approving"),
    "caring": ("care", "cares"),
    "confusion": ("confused", "confusing"),
    "curiosity": ("curious",),
    "desire": ("desires", "desiring"),
    "disappointment": ("disappointed", "disappointing"),
    "disapproval": ("disapprove", "disapproving"),
    "embarrassment": ("embarrassed", "embarrassing"),
    "excitement": ("excited", "exciting"),
    "gratitude": ("grateful", "thankful"),
    "grief": ("grieving", "grieve"),
    "love": ("loving", "loved", "loves"),
    "nervousness": ("nervous",),
    "optimism": ("optimistic",),
    "pride": ("proud",),
    "realization": ("realize", "realized"),
    "relief": ("relieved",),
    "remorse": ("remorseful", "regret"),
    "awe": ("awed", "awestruck"),
    "contentment": ("content", "contented"),
    "trust": ("trusting", "trusted"),
    "anticipation": ("anticipating", "anticipate"),
    "calm": ("calming", "calmness"),
    "bored": ("boredom", "boring"),
    "annoyed": ("annoying", "annoyance"),
    "excited": ("exciting", "excitement"),
    "optimistic": ("optimism",),
    "amazed": ("amazing", "amazement"),
    "ashamed": ("shame", "shameful"),
    "pensive": ("pensively",),
}
# Emoji that name an emotion by their Unicode name or are widely used for it; each stands for one of the seven.
EMOJI_OF: Mapping[str, str] = {
    "happiness": "😀😃😄😁😆😊🙂😍🥰😂🤣☺😌😋🎉❤💕💖🥳",
    "sadness": "😢😭😞😔☹🙁😥😿💔😟",
    "anger": "😠😡🤬👿😤💢",
    "fear": "😨😱😰😧",
    "surprise": "😮😲😯🤯",
    "disgust": "🤢🤮🤧",
}


def words_of(emotions: Sequence[str]) -> dict[str, str]:
    """Every word that names one of the given emotions, to that emotion as it is spelled there.

    A word that is itself one of the emotions stays itself: among GoEmotions `love` is love, not happiness.
    """
    emotion_by_word: dict[str, str] = {}
    for emotion in emotions:
        name = emotion.lower()
        meaning = _MEANINGS.get(name, name)
        for word in (name, *SYNONYMS.get(meaning, ()), *FORMS.get(meaning, ()), *FORMS.get(name, ())):
            if " " not in word:
                emotion_by_word.setdefault(word, emotion)
    return emotion_by_word | {emotion.lower(): emotion for emotion in emotions}


def emoji_of(emotions: Sequence[str]) -> dict[str, str]:
    """Every emoji that stands for one of the given emotions, to that emotion as it is spelled there."""
    by_meaning = words_of(emotions)
    return {sign: by_meaning[seven] for seven, signs in EMOJI_OF.items() if seven in by_meaning for sign in signs}
