"""CLIP ViT-B/32 zero-shot through the transformers pipeline, one of the ways that `predict.py` measures.

The weights are random, as speed does not depend on them, and so is what it answers. The words it can spell are those of
the posts and labels, each mostly one token, so that texts are about as long as for the real tokenizer.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PIL import Image

from feelscope.post import Post
from feelscope.text.tokens import words_of

_BATCH = 32  # texts at a time; the pipeline itself takes one picture after another, with all labels
_START, _END, _LENGTH = 49406, 49407, 77  # of CLIP's vocabulary and texts


def clip_reader(posts: Sequence[Post], emotions: Sequence[str], threads: int) -> Callable[[Sequence[Post]], object]:
    """A reader of posts: the pictures by the pipeline, the words by the model's text tower, once each."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, pipeline

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    config = CLIPConfig(
        text_config={"hidden_size": 512, "intermediate_size": 2048, "bos_token_id": _START, "eos_token_id": _END},
        vision_config={"patch_size": 32},
    )
    model = CLIPModel(config).eval()
    tokenizer = _tokenizer(
        [*(word for post in posts for word in words_of(post)), *"a post that shows".split(), *emotions]
    )
    pipe = pipeline(
        "zero-shot-image-classification",
        model=model,
        tokenizer=tokenizer,
        image_processor=CLIPImageProcessorPil(),
        device="cpu",
    )

    def read(posts: Sequence[Post]) -> Any:
        images = [_image(post) for post in posts if post.image is not None]
        answers = pipe(images, candidate_labels=list(emotions), hypothesis_template="a post that shows {}")
        texts = [" ".join(post.texts) for post in posts if post.has_text]
        vectors = []
        with torch.inference_mode():
            for start in range(0, len(texts), _BATCH):
                some = tokenizer(
                    texts[start : start + _BATCH],
                    padding=True,
                    truncation=True,
                    max_length=_LENGTH,
                    return_tensors="pt",
                )
                vectors.append(model.get_text_features(**some))
        return answers, vectors

    return read


def _image(post: Post) -> Any:
    return Image.open(io.BytesIO(post.image)) if isinstance(post.image, bytes) else str(post.image)


def _tokenizer(words: Iterable[str]) -> Any:
    """A byte-pair tokenizer of CLIP's kind that spells these words by merging their letters one after another."""
    from transformers import CLIPTokenizer

    letters = "abcdefghijklmnopqrstuvwxyz0123456789'.,!?-&#@:;()/"
    tokens = dict.fromkeys([*letters, *(f"{letter}</w>" for letter in letters)])
    merges: dict[tuple[str, str], None] = {}
    for word in dict.fromkeys(word.lower() for word in words):
        if not all(letter in letters for letter in word) or len(tokens) > _START - 100:
            continue
        parts = [*word[:-1], f"{word[-1]}</w>"]
        left = parts[0]
        for right in parts[1:]:
            merges[left, right] = None
            left += right
            tokens[left] = None
    vocabulary = {token: at for at, token in enumerate(tokens)} | {"<|startoftext|>": _START, "<|endoftext|>": _END}
    return CLIPTokenizer(vocabulary, list(merges))
