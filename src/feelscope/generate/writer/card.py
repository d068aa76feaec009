"""The card of a writer: what it is for, what it learnt from, and how well it guesses the next word."""

from feelscope.generate.writer.folder import SavedWriter
from feelscope.saved_model.card import AUDIT, not_audited

FILE = "README.md"
UNMEASURED = "No posts were kept apart, so nothing was measured on others."
LICENCE = "The training posts have a licence of their own, which what it writes may fall under."


def card(saved: SavedWriter) -> str:
    """The card, in Markdown."""
    scores, settings = saved.scores, saved.settings
    unit = "characters" if settings.characters else "words"
    rows = "\n".join(f"| {emotion} | {count:,} |" for emotion, count in scores["posts_by_emotion"].items())
    best = min((one["validation_perplexity"] for one in scores["history"] if "validation_perplexity" in one), default=0)
    measured = (
        f"Perplexity on {scores['kept_apart']:,} posts kept apart, which chose the epoch, so a little too low: "
        f"{best:.1f}."
        if best
        else UNMEASURED
    )
    augmentation = settings.augmentation
    copied = (
        f"\n{scores['copies']:,} of them were learnt a second time with {augmentation.what} (counterfactual "
        "data augmentation, Lu et al. 2018); the counts below are with these copies."
        if augmentation
        else ""
    )
    asked = "--emotion EMOTION " if len(saved.emotions) > 1 else ""
    lines = [
        f"# {saved.name}",
        f"A writer: posts that express an emotion, one {unit[:-1]} after another, by an LSTM of {settings.hidden} "
        "units.\n"
        f"`feelscope generate text {asked}--model RUN`, with `--image FILE` about a picture.",
        f"It learnt from {scores['posts']:,} posts, {scores['pictures']:,} of them with a picture, seed "
        f"{settings.seed}, {settings.epochs} epochs.{copied}\n"
        f"It knows {len(saved.vocabulary.words):,} {unit}, those of at least {settings.least} "
        f"posts; of a post the first {settings.longest} were read.",
        f"| emotion | posts |\n|---|---|\n{rows}",
        measured,
        "A post that repeats 8 words in a row of a training post, or a shorter one whole, is drawn again. For that the "
        "folder holds 64-bit hashes of the training posts' words, and no sentence. Its words are those of the training "
        "posts, names included.",
        "Not for: passing off as what somebody felt or said. What it writes about a picture is a guess in the manner "
        "of its training posts, and may be wrong or hurtful.",
        LICENCE,
        f"## {AUDIT}",
        *not_audited(saved.name, ("text",)),
    ]
    return "\n\n".join(lines) + "\n"
