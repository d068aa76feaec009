"""Every setting of a modality's table that is out of range or not known is refused by its name."""

import pytest

from feelscope.encoders.inception import ROWS
from feelscope.encoders.minilm import LAYERS
from feelscope.encoders.settings import (
    INCEPTION_ROWS,
    MINILM_LAYERS,
    FurtherSettings,
    ImageSettings,
    TextSettings,
)
from feelscope.errors import ConfigError

WRONG = {
    TextSettings: [
        ({"encoder": "word", "training": "new"}, "encoder: 'word' is not known; did you mean 'words'?"),
        ({"encoder": "bert"}, "encoder: 'bert' is not known; known are words, tfidf, minilm"),
        ({"encoder": "minilm", "training": "tune"}, "training: 'tune' is not known; did you mean 'tuned'?"),
        ({"encoder": "minilm", "training": "new"}, "training: minilm can be frozen or tuned, found 'new'"),
        ({"encoder": "words"}, "training: words can be new, found 'frozen'"),
        ({"encoder": "hub:a/b", "training": "tuned"}, "training: hub:a/b can be frozen, found 'tuned'"),
        ({"tune_from": "6"}, "tune_from: '6' is not known; known are words, 0, 1, 2, 3, 4, 5"),
        ({"pooling": "men"}, "pooling: 'men' is not known; did you mean 'mean'?"),
        ({"reading": "plane"}, "reading: 'plane' is not known; did you mean 'plain'?"),
        (
            {"encoder": "words", "training": "new", "reading": "normalised"},
            "reading: word vectors are of words as they are, found 'normalised'; leave it out",
        ),
        ({"languages": ("en", "english")}, "languages: expected some of en, es, pt, fr"),
        ({"tokens": 1}, "tokens: expected 2 to 512, the most that a text encoder reads, found 1"),
        ({"tokens": 513}, "tokens: expected 2 to 512, the most that a text encoder reads, found 513"),
        ({"vocabulary": 0}, "vocabulary: expected 1 to 10,000,000, found 0"),
        ({"hidden_size": 0}, "hidden_size: expected 1 to 8,192, found 0"),
        ({"dropout": 1.0}, "dropout: expected 0 or more and less than 1, found 1.0"),
        ({"dropout": -0.1}, "dropout: expected 0 or more and less than 1, found -0.1"),
        ({"learning_rate": -1e-9}, "learning_rate: expected 0 or more, found -1e-09"),
        ({"layer_decay": 0.0}, "layer_decay: expected more than 0 and at most 1, found 0.0"),
        ({"layer_decay": 1.01}, "layer_decay: expected more than 0 and at most 1, found 1.01"),
    ],
    ImageSettings: [
        ({"encoder": "lite"}, "encoder: 'lite' is not known; did you mean 'lite0'?"),
        ({"encoder": "lite0", "training": "new"}, "training: lite0 can be frozen or tuned, found 'new'"),
        ({"encoder": "inception"}, "training: inception can be tuned or new, found 'frozen'"),
        ({"warns_of": ("blank", "dull")}, "warns_of: expected some of blank, noise, flat, found ('blank', 'dull')"),
        ({"views": "square"}, "views: 'square' is not known; did you mean 'squares'?"),
        (
            {"encoder": "lite0", "views": "shared"},
            "views: altered ones are kept for encoder = 'lite0' with training = 'tuned' alone",
        ),
        ({"encoder": "wide-resnet"}, "training: wide-resnet can be new, found 'frozen'"),
        ({"encoder": "wideresnet", "training": "new"}, "encoder: 'wideresnet' is not known; did you mean 'wide-resn"),
        ({"encoder": "hub:a/b", "training": "new"}, "training: hub:a/b can be frozen, found 'new'"),
        ({"channels": (16, 32, 64)}, "channels: expected four numbers, found (16, 32, 64)"),
        ({"channels": (16, 32, 64, 0)}, "channels: expected numbers of 1 to 4,096, found (16, 32, 64, 0)"),
        ({"channels": (4097, 1, 1, 1)}, "channels: expected numbers of 1 to 4,096, found (4097, 1, 1, 1)"),
        ({"blocks": 0}, "blocks: expected 1 to 100, found 0"),
        ({"blocks": 101}, "blocks: expected 1 to 100, found 101"),
        ({"training": "thawed"}, "training: 'thawed' is not known; known are frozen, tuned, new"),
        ({"tune_from": "5c"}, "tune_from: '5c' is not known; known are stem, 3a, 3b"),
        ({"dropout": 1.0}, "dropout: expected 0 or more and less than 1, found 1.0"),
        ({"erase": -0.5}, "erase: expected 0 or more and less than 1, found -0.5"),
        ({"erase": 1.0}, "erase: expected 0 or more and less than 1, found 1.0"),
        ({"learning_rate": -1.0}, "learning_rate: expected 0 or more, found -1.0"),
    ],
    FurtherSettings: [
        ({"modalities": ("tags", "tags")}, "modalities: expected each kind once, found tags, tags"),
        (
            {"modalities": ("numbers:ups", "numbers:age")},
            "modalities: expected each kind once, found numbers:ups, numbers:age",
        ),
    ],
}


@pytest.mark.parametrize(("kind", "values", "said"), [(kind, *case) for kind, cases in WRONG.items() for case in cases])
def test_what_is_out_of_range_or_not_known_is_refused_by_its_name(kind, values, said):
    with pytest.raises(ConfigError) as caught:
        kind(**values)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (TextSettings, {"tokens": 2, "vocabulary": 1, "hidden_size": 1, "dropout": 0.0, "layer_decay": 1.0}),
        (TextSettings, {"encoder": "words", "training": "new", "tokens": 512, "pooling": "rnn"}),
        (TextSettings, {"encoder": "minilm", "training": "tuned", "tune_from": "5"}),
        (TextSettings, {"encoder": "hub:a/b"}),
        (ImageSettings, {"encoder": "lite0", "training": "tuned", "erase": 0.0}),
        (ImageSettings, {"encoder": "inception", "training": "new", "tune_from": "stem"}),
        (ImageSettings, {"encoder": "wide-resnet", "training": "new", "channels": (1, 4096, 1, 1), "blocks": 100}),
        (FurtherSettings, {"modalities": ("tags", "emoji", "numbers:ups,age")}),
    ],
)
def test_what_is_at_the_ends_of_the_ranges_is_taken(kind, values):
    settings = kind(**values)
    assert {name: getattr(settings, name) for name in values} == values


def test_further_modalities_are_named_without_their_columns():
    assert FurtherSettings(("tags", "numbers:ups,age")).names == ("tags", "numbers")


def test_the_rows_and_layers_are_those_of_the_networks():
    assert INCEPTION_ROWS == ROWS
    assert list(MINILM_LAYERS) == ["words", *map(str, range(LAYERS))]
