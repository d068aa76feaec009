"""Write posts that express an emotion, without torch.

emotion, and a picture --built-in image network--> (D,) -> the writer's network in NumPy -> a word drawn, and again
   -> a post as people read it -> the guard: what repeats a training post is drawn again
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.config import did_you_mean, shown
from feelscope.emotions import match
from feelscope.errors import ConfigError, ModelError
from feelscope.generate.writer.folder import FOLDER, SETTINGS, SavedWriter, read
from feelscope.generate.writer.network import WritingNetwork
from feelscope.generate.writer.reading import LINE, is_word, words_of, written
from feelscope.generate.writer.sampling import SamplingSettings, draw
from feelscope.post import Post
from feelscope.saved_model.builtin_pictures import BuiltinPictures
from feelscope.text.vocabulary import END, PADDING, START, UNKNOWN

HOW_TO_TRAIN = "feelscope generate train-writer posts.csv --out runs/writer, then give --model runs/writer"
TRIES = 50  # to write a post that the guard lets pass and that comes to an end
_AT_ONCE = 64  # posts side by side


@dataclass(frozen=True, slots=True)
class WrittenPost:
    """A post that was written.

    Args:
        text: A title has a line of its own.
        words: As drawn.
        refused: How many were drawn before it that repeated a training post.
    """

    text: str
    words: tuple[str, ...]
    refused: int


class PostWriter:
    """Writes posts. Safe to call from many threads.

    Args:
        pictures: What reads pictures; None opens the built-in model's image network when the first picture comes.

    Raises:
        ModelError: The writer knows pictures by another network than the installed one.
    """

    def __init__(self, saved: SavedWriter, pictures: BuiltinPictures | None = None):
        self._saved, self._network, self._pictures = saved, WritingNetwork(saved.weights), pictures
        self.emotions = saved.emotions
        vocabulary = saved.vocabulary
        self._line = vocabulary.number(LINE) if LINE in vocabulary else None

    @classmethod
    def load(cls, model: Path | str = "builtin") -> "PostWriter":
        """Open a writer: the built-in one, or a folder.

        Raises:
            ModelError: It is not there or damaged.
        """
        folder = FOLDER if model == "builtin" else Path(model)
        if folder == FOLDER and not (folder / SETTINGS).is_file():
            raise ModelError(f"no writer comes with this version; train one: {HOW_TO_TRAIN}")
        return cls(read(folder))

    def emotion(self, asked: str) -> str:
        """The emotion of this writer that is asked for; empty is the only one it has.

        Raises:
            ConfigError: It has none such, or several and none was asked for.
        """
        if not asked:
            if len(self.emotions) == 1:
                return self.emotions[0]
            raise ConfigError(f"--emotion: name one of {', '.join(self.emotions)}")
        matched, _ = match([asked], self.emotions)
        if asked not in matched:
            raise ConfigError(f"--emotion: this writer knows no {shown(asked)}; {did_you_mean(asked, self.emotions)}")
        return matched[asked]

    def write(
        self,
        emotion: str = "",
        picture: Path | bytes | None = None,
        *,
        first: str = "",
        count: int = 1,
        seed: int = 0,
        sampling: SamplingSettings | None = None,
    ) -> list[WrittenPost]:
        """Write posts; each depends on its number and the seed, not on how many are asked for.

        Args:
            picture: What they are about.
            first: What they begin with; empty draws it.

        Raises:
            ConfigError: The emotion or the first word is unknown.
            PictureError: The picture cannot be read.
            ModelError: Every post that was drawn repeats a training post.
        """
        vector = None if picture is None else self._seen(picture)
        return self.write_each([self.condition(vector, emotion)] * count, first=first, seed=seed, sampling=sampling)

    def write_each(
        self,
        conditions: Sequence[np.ndarray],
        *,
        first: str = "",
        seed: int = 0,
        sampling: SamplingSettings | None = None,
    ) -> list[WrittenPost]:
        """Write a post of each condition; see `write` for the rest."""
        sampling = sampling or SamplingSettings()
        begun = self._begun(first)
        done: dict[int, WrittenPost] = {}
        unfinished: dict[int, WrittenPost] = {}  # at its most words, and in nothing a copy
        refused = [0] * len(conditions)
        for number in range(TRIES):
            left = [row for row in range(len(conditions)) if row not in done]
            for at in range(0, len(left), _AT_ONCE):
                rows = left[at : at + _AT_ONCE]
                generators = [np.random.default_rng((seed, row, number)) for row in rows]
                longest = self._saved.settings.longest
                chances = np.stack([one.random(longest) for one in generators])  # (B, T)
                drawn = self._drawn(np.stack([conditions[row] for row in rows]), begun, chances, sampling)
                for row, words in zip(rows, drawn, strict=True):
                    self._judge(row, words, sampling, done, unfinished, refused)
        for row in range(len(conditions)):
            if row not in done and row not in unfinished:
                raise ModelError(
                    f"each of {TRIES} posts repeats 8 words in a row of a training post; draw less usual words with a "
                    "higher --temperature or --nucleus, or give --allow-verbatim"
                )
        return [done.get(row) or unfinished[row] for row in range(len(conditions))]

    def condition(self, vector: np.ndarray | None, emotion: str) -> np.ndarray:
        """What a post is to be about, with the emotion and without, (2, P + M), of a picture's vector (D,) or none."""
        number = self.emotions.index(self.emotion(emotion))
        return np.stack([self._network.condition(vector, one) for one in (number, None)])

    def _judge(
        self,
        row: int,
        words: tuple[str, ...],
        sampling: SamplingSettings,
        done: dict[int, WrittenPost],
        unfinished: dict[int, WrittenPost],
        refused: list[int],
    ) -> None:
        """Keep a post that ends and repeats nothing."""
        characters = self._saved.settings.characters
        text = "".join(words).strip() if characters else written(words, self._saved.forms)
        if not any(map(str.isalnum, text)):
            return
        if not sampling.allow_verbatim and self._saved.guard.repeats(text):
            refused[row] += 1
            return
        post = WrittenPost(text, words, refused[row])
        if len(words) < self._saved.settings.longest:
            done[row] = post
        else:
            unfinished[row] = post

    def _drawn(
        self, conditions: np.ndarray, begun: Sequence[int], chances: np.ndarray, sampling: SamplingSettings
    ) -> list[tuple[str, ...]]:
        """Words of B posts of conditions (B, 2, P + M), without marks."""
        writing, count = self._network.begin(np.concatenate([*conditions.swapaxes(0, 1)])), len(conditions)
        words = np.full((count, chances.shape[1]), PADDING)  # (B, T)
        last, ended, lined = np.full(count, START), np.zeros(count, bool), np.zeros(count, bool)  # (B,) each
        for step in range(chances.shape[1]):
            asked, without = np.split(writing.next(np.tile(last, 2)), 2)  # (B, V) each
            scores = asked + sampling.emphasis * (asked - without)  # (B, V)
            scores[:, [PADDING, UNKNOWN, START]] = -np.inf
            if step == 0:
                scores[:, END] = -np.inf
            if self._line is not None:  # one title, and words after it
                scores[lined | (step == 0), self._line] = -np.inf
                scores[last == self._line, END] = -np.inf
            last = np.full(count, begun[step]) if step < len(begun) else draw(scores, chances[:, step], sampling)
            words[:, step] = np.where(ended, PADDING, last)
            ended |= last == END
            lined |= last == self._line
            if ended.all():
                break
        name = self._saved.vocabulary.name
        return [tuple(name(number) for number in row if number > END) for row in words.tolist()]

    def _begun(self, first: str) -> list[int]:
        """The numbers of what posts are to begin with.

        Raises:
            ConfigError: A word is unknown, or nothing would be left to write.
        """
        settings, vocabulary = self._saved.settings, self._saved.vocabulary
        words = words_of(Post("", first), settings.characters)
        for word in words:
            if word not in vocabulary:
                raise ConfigError(f"--first: this writer does not know {shown(word)}; {self._close(word)}")
        if len(words) >= settings.longest:
            raise ConfigError(f"--first: a post has at most {settings.longest} words, found {len(words)}; give fewer")
        return [vocabulary.number(word) for word in words]

    def _close(self, word: str) -> str:
        known = [one for one in self._saved.vocabulary.words if is_word(one)]
        close = did_you_mean(word, known)
        return close if close.startswith("did") else "give a more common word, or none"

    def _seen(self, picture: Path | bytes) -> np.ndarray:
        self._pictures = self._pictures or BuiltinPictures()
        if self._pictures.identity != self._saved.encoder or self._pictures.width != self._network.picture:
            raise ModelError(
                f"{self._saved.name}: this writer knows pictures by the built-in model of another version; train it "
                f"again: {HOW_TO_TRAIN}"
            )
        return self._pictures.vector(self._pictures.pixels(picture))
