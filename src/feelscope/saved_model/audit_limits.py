"""What an audit by matched pairs cannot say of a model: for its card and the audit's page."""

from collections.abc import Sequence

_ALWAYS = (
    "The sentences are short, in English and ours; how the model reads the posts of men and of women is not measured, "
    "as nobody's gender is known, and it is never guessed from a post.",
    "A name or a word says more than gender: age, class, origin. The control shows how far any swap moves answers, not "
    "what else a swap says.",
    "People who are neither men nor women are in no pair; dialect, age, nationality and religion are audited with "
    "pairs of your own: feelscope audit pairs FILE.",
)
_PICTURES = (
    "Pictures: who is pictured with which emotion is not audited, as no two pictures differ in one person alone."
)
_FURTHER = "Not audited: what it reads beside words and pictures ({})."


def limits_of(modalities: Sequence[str]) -> list[str]:
    """Sentences about a model that reads these modalities."""
    further = [one for one in modalities if one not in ("text", "image")]
    return [
        *_ALWAYS,
        *([_PICTURES] if "image" in modalities else []),
        *([_FURTHER.format(", ".join(further))] if further else []),
    ]
