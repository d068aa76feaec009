"""From posts tables to a corpus: labels, the validation split, subclasses, teachers, and what overlaps."""

import csv
import json
from dataclasses import replace

import pytest
import small_family
import torch
from small_family import recipe

from feelscope.encoders.encoder import Resources
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.errors import ConfigError, TableError, WordsError
from feelscope.objectives.settings import CombinationSettings
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.table import Quarantine
from feelscope.train.data import Corpus, SourcePosts, check_labels, read_corpus, read_dev, read_source, without_overlap
from feelscope.train.encoding import check_resources, encode_corpus
from feelscope.train.recipe import DataSettings, Source

RECIPE = recipe("image_only", data=DataSettings(), choices__validation=0.0)


def table(folder, *rows, columns=("id", "text", "emotion"), name="posts.csv"):
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return folder / name


def read(path, known=(), labels="by-meaning", **source):
    entry = read_source(path, Source(str(path), "A test", "free", **source), known, labels=labels)
    return {post.id: post.emotion for post in entry.posts}, entry.dropped


def corpus(path=None, made=RECIPE, **given):
    given = {"data": None, "columns": None, "quarantine": Quarantine(), "progress": silent} | given
    return read_corpus(made, table=path, **given)


def test_labels_are_the_tables_own_where_the_recipe_names_none(tmp_path):
    path = table(tmp_path, ("1", "a", "calm"), ("2", "b", "Sad"))
    assert read(path) == ({"1": "calm", "2": "Sad"}, 0)


def test_own_labels_that_mean_the_same_are_one_by_their_usual_name(tmp_path):
    rows = [("1", "a", "Sad"), ("2", "b", "sad"), ("3", "c", "sad"), ("4", "d", "unhappy"), ("5", "e", "calm")]
    path = table(tmp_path, *rows)
    assert read(path) == ({"1": "sad", "2": "sad", "3": "sad", "4": "sad", "5": "calm"}, 0)
    apart = {"1": "sad", "2": "sad", "3": "sad", "4": "unhappy", "5": "calm"}
    assert read(path, labels="as-they-are") == (apart, 0)


def test_what_was_made_one_is_said(tmp_path):
    path = table(tmp_path, ("1", "a", "Joy"), ("2", "b", "happy"), ("3", "c", "happy"), ("4", "d", "calm"))
    said = []
    found = corpus(path, progress=lambda stage, *_: said.append(stage))
    assert found.emotions == ("happy", "calm")
    assert "posts.csv: labels that mean the same are one: Joy count as happy" in said
    told_apart = replace(RECIPE, data=DataSettings(labels="as-they-are"))
    assert set(corpus(path, told_apart).emotions) == {"Joy", "happy", "calm"}


def test_labels_of_several_tables_are_one(tmp_path):
    sources = tuple(Source(name, name, "free") for name in ("one.csv", "two.csv"))
    table(tmp_path, ("1", "a", "joy"), ("2", "b", "calm"), name="one.csv")
    table(tmp_path, ("3", "c", "happy"), ("4", "d", "happy"), name="two.csv")
    made = replace(RECIPE, data=DataSettings(tables=sources))
    found = corpus(None, made, data=tmp_path)
    assert [post.emotion for post in found.posts(held=False)] == ["happy", "calm", "happy", "happy"]


def test_rows_of_several_raters_are_one_post(tmp_path):
    rows = [("1", "a", "joy"), ("1", "a", "joy"), ("1", "a", "anger"), ("2", "b", "anger"), ("2", "b", "fear")]
    path = table(tmp_path, *rows, ("3", "c", "anger"))
    bad, said = Quarantine(), []
    found = corpus(path, quarantine=bad, progress=lambda stage, *_: said.append(stage))
    assert [(post.id, post.emotion) for post in found.posts(held=False)] == [("1", "joy"), ("3", "anger")]
    assert bad.reasons == {"raters tie, no emotion has most of them": 1}
    assert "posts.csv: 2 posts of several raters (5 rows): the emotion of most of them is taken" in said


def test_labels_are_matched_with_the_recipes_and_the_rest_is_counted(tmp_path):
    path = table(tmp_path, ("1", "a", "Sad"), ("2", "b", "joy"), ("3", "c", "wistful"), ("4", "d", "wistful"))
    assert read(path, ("happiness", "sadness")) == ({"1": "sadness", "2": "happiness"}, 2)


ROWS = (
    ("1", "a", "joy|love"),
    ("2", "b", "joy|anger"),
    ("3", "c", "grief"),
    ("4", "d", "unheard"),
    ("5", "e", "anger"),
)


def test_several_labels_count_where_the_map_makes_one_of_them(tmp_path):
    path = table(tmp_path, *ROWS, columns=("id", "text", "emotions"))
    labels = read(path, ("happiness", "sadness"), column="emotions", map="goemotions")
    assert labels == ({"1": "happiness", "3": "sadness"}, 3)


def test_a_map_without_emotions_of_the_recipe_gives_all_it_has(tmp_path):
    path = table(tmp_path, *ROWS, columns=("id", "text", "emotions"))
    labels = read(path, column="emotions", map="goemotions")
    assert labels == ({"1": "happiness", "3": "sadness", "5": "anger"}, 2)


def test_what_cannot_be_mapped_is_one_line(tmp_path):
    path = table(tmp_path, ("1", "a", "wistful"))
    with pytest.raises(TableError, match="none of its labels is among joy, fear; give a recipe with other emotions"):
        read(path, ("joy", "fear"))
    with pytest.raises(ConfigError, match="no map of labels is named 'goemotion'; did you mean 'goemotions'"):
        read(path, ("joy", "fear"), map="goemotion")


def test_subclasses_are_pairs_of_an_emotion_and_a_finer_label(tmp_path):
    rows = ("1", "a", "sad", "rest"), ("2", "b", "sad", ""), ("3", "c", "joy", "rest"), ("4", "d", "sad", "love")
    path = table(tmp_path, *rows, columns=("id", "text", "emotion", "desire"))
    found = corpus(path, replace(RECIPE, data=DataSettings(subclass="desire")))
    assert found.emotions == ("sad", "joy")
    assert found.subclasses == ((0, ""), (0, "love"), (0, "rest"), (1, "rest"))
    assert [found.subclass(number, post) for number, post in found.rows(held=False)] == [2, -1, 3, 1]
    with pytest.raises(
        TableError, match=r"posts\.csv: no column 'desires', which was to tell subclasses of an emotion"
    ):
        corpus(path, replace(RECIPE, data=DataSettings(subclass="desires")))


def test_an_emotion_that_no_post_trained_on_has_still_gets_an_output(tmp_path):
    rows = ("1", "a", "sad", "rest"), ("2", "b", "joy", "rest")
    path = table(tmp_path, *rows, columns=("id", "text", "emotion", "desire"))
    data = DataSettings(emotions=("sad", "joy", "awe"), subclass="desire")
    assert corpus(path, replace(RECIPE, data=data)).subclasses == ((0, "rest"), (1, "rest"), (2, ""))


def test_the_validation_split_keeps_near_duplicates_together_across_tables(tmp_path):
    words = "river stone cloud bread glass horse wheel paper candle garden".split()
    texts = [" ".join(words[number % 10 :] + words[: number % 7] + [f"{number}x"] * 3) for number in range(40)]
    for name in ("a.csv", "b.csv"):
        table(tmp_path, *((f"{name}{n}", text, ("joy", "fear")[n % 2]) for n, text in enumerate(texts)), name=name)
    tables = tuple(Source(name, name, "ours") for name in ("a.csv", "b.csv"))
    made = recipe("image_only", data=DataSettings(tables=tables), choices__validation=0.3)
    found = corpus(None, made, data=tmp_path)
    held = [post.text for post in found.posts(held=True)]
    assert held
    assert not {*held} & {post.text for post in found.posts(held=False)}, "a text of both tables is on one side"
    assert not any(found.whole().held)
    assert [number for number, _ in found.whole().rows(held=False)] == [0] * 40 + [1] * 40


def told(quarantine):
    return [(row["id"], row["row"]) for row in map(json.loads, quarantine.path.read_text().splitlines())]


def test_rows_without_a_label_are_told_and_columns_are_found_by_the_names_that_are_given(tmp_path):
    rows = ("1", "a", "sad"), ("2", "b", ""), ("3", "", "joy"), ("4", "d", "joy")
    path = table(tmp_path, *rows, columns=("id", "words", "feels"))
    with Quarantine(tmp_path / "bad.jsonl") as bad:
        found = corpus(path, columns={"text": "words", "emotion": "feels"}, quarantine=bad)
    assert [(post.text, post.emotion) for post in found.posts(held=False)] == [("a", "sad"), ("d", "joy")]
    (entry,) = found.sources
    assert (entry.dropped, entry.source.name) == (0, "posts.csv"), "a row that is no labelled post is not counted here"
    assert told(bad) == [("2", 2), ("3", 3)]


def test_tables_of_a_recipes_own_and_their_dev_tables_are_below_the_folder(tmp_path):
    table(tmp_path, ("1", "a", "sad"), ("2", "b", "joy"), ("3", "c", ""), name="a.csv")
    table(tmp_path, ("4", "d", "Sad"), ("5", "e", ""), name="dev.csv")
    table(tmp_path, ("6", "f", "joy"), name="b.csv")
    sources = (Source("a.csv", "A", "ours", dev="dev.csv"), Source("b.csv", "B", "ours"))
    made = replace(RECIPE, data=DataSettings(emotions=("sad", "joy"), tables=sources))
    with Quarantine(tmp_path / "bad.jsonl") as bad:
        found = corpus(None, made, data=tmp_path, quarantine=bad)
        dev = read_dev(made, tmp_path, found.emotions, bad)
    assert [(number, post.id) for number, post in found.rows(held=False)] == [(0, "1"), (0, "2"), (1, "6")]
    assert {name: [(post.id, post.emotion) for post in posts] for name, posts in dev.items()} == {
        "dev.csv": [("4", "sad")]
    }
    assert told(bad) == [("3", 3), ("5", 2)]


def test_a_subclass_may_be_known_of_some_posts_alone(tmp_path):
    posts = [
        {"id": "1", "text": "a", "emotion": "sad", "desire": "rest"},
        {"id": "2", "text": "b", "emotion": "joy"},
    ]
    (tmp_path / "posts.jsonl").write_text("".join(json.dumps(post) + "\n" for post in posts))
    found = corpus(tmp_path / "posts.jsonl", replace(RECIPE, data=DataSettings(subclass="desire")))
    assert found.emotions == ("joy", "sad")
    assert found.subclasses == ((0, ""), (1, "rest"))


def test_teachers_answer_for_posts_by_their_id(tmp_path):
    path = table(tmp_path, ("1", "a", "joy"), ("2", "b", "fear"))
    (tmp_path / "teacher.jsonl").write_text('{"id": "2", "probabilities": {"fear": 0.5, "joy": 0.5}}\n')
    assert corpus(path, teachers=[tmp_path / "teacher.jsonl"]).taught == {"2": (0.5, 0.5)}
    assert corpus(path).taught is None


def test_labels_to_be_scored_are_among_those_that_are_trained_on(tmp_path):
    path, known = tmp_path / "dev.csv", ("sadness", "happiness")
    check_labels([Post("1", "a", emotion="sad"), Post("2", "b", emotion="Happiness")], path, known)
    with pytest.raises(TableError, match=r"the label 'smug' is not trained on, known are sadness, happiness; rename"):
        check_labels([Post("1", "a", emotion="sad"), Post("2", "b", emotion="smug")], path, known)
    with pytest.raises(TableError, match=r"dev\.csv: none of its rows is a labelled post"):
        check_labels([], path, known)


def overlap(known, posts):
    source = SourcePosts(Source("a.csv", "A", "free"), known, 0)
    return [post.id for post in without_overlap(posts, [source])]


def test_a_post_whose_text_or_picture_is_known_is_left_out(tmp_path):
    (tmp_path / "same.png").write_bytes(b"one")
    known = [Post("a", "So good!"), Post("b", "other words", image=b"one"), Post("c", image=b"two")]
    posts = [
        Post("text", "so GOOD"),
        Post("picture", "new words", image=tmp_path / "same.png"),
        Post("both new", "newer words", image=b"three"),
        Post("no text", image=b"four"),
        Post("no text, known", image=b"two"),
    ]
    assert overlap(known, posts) == ["both new", "no text"]


def test_a_title_counts_where_there_is_no_text():
    posts = [Post("same", title="so GOOD"), Post("new", title="new"), Post("text differs", "other", title="So good!")]
    assert overlap([Post("a", title="So good!")], posts) == ["new", "text differs"]


def test_a_text_of_emoji_alone_is_not_every_post_without_words():
    known = [Post("a", "😂"), Post("b", "!!!")]
    posts = [Post("same", "😂 "), Post("other", "😢"), Post("picture", image=b"one")]
    assert overlap(known, posts) == ["other", "picture"]


def test_a_picture_that_cannot_be_read_is_no_fault_here(tmp_path):
    gone = Post("gone", "words", image=tmp_path / "gone.png")
    folder = Post("folder", "more words", image=tmp_path)
    assert overlap([gone, folder], [Post("new", "new words", image=tmp_path / "gone.png")]) == ["new"]


@pytest.mark.slow
def test_a_picture_that_cannot_be_read_is_told_once_with_its_row_in_the_table(tmp_path):
    """Not its place among the posts: rows that are no posts, and labels that are left out, come before it."""
    from PIL import Image

    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    rows = [
        ("", "no id", "sad", ""),
        ("1", "a", "wistful", ""),
        ("2", "b", "sad", "a.png"),
        ("3", "c", "joy", "gone.png"),
        ("4", "d", "joy", "a.png"),
    ]
    path = table(tmp_path, *rows, columns=("id", "text", "emotion", "image"))
    made = replace(RECIPE, data=DataSettings(emotions=("joy", "sad")))
    with Quarantine(tmp_path / "bad.jsonl") as bad:
        found = corpus(path, made, quarantine=bad)
        encoded = encode_corpus(found, made, Resources(tmp_path / "kept"), quarantine=bad, progress=silent)
        encode_corpus(found.whole(), made, Resources(tmp_path / "kept"), quarantine=None, progress=silent)
    told = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_text().splitlines()]
    assert [(row["id"], row["row"]) for row in told] == [(None, 1), ("3", 4)]
    assert "gone.png" in told[1]["reason"]
    assert told[1]["table"] == str(path)
    assert encoded.training.present["image"].tolist() == [1, 0, 1]


def test_the_corpus_of_one_modality_has_the_same_posts_and_settings(tmp_path):
    source = (Source("a.csv", "A", "ours"),)
    both = replace(small_family.corpus("text", "image"), emotion_of=(0, 0, 1, 2), sources=source)
    alone = both.only("image")
    assert alone.encoders == {"image": both.encoders["image"]}
    assert list(alone.training.inputs) == list(alone.validation.present) == ["image"]
    assert torch.equal(alone.training.labels, both.training.labels) and len(alone.training) == 96
    assert torch.equal(alone.validation.labels, both.validation.labels) and len(alone.validation) == 30
    assert (alone.emotions, alone.emotion_of, alone.sources) == (3, (0, 0, 1, 2), source)


def test_a_digest_is_another_for_whatever_a_training_depends_on():
    one = small_family.corpus("text", "image")
    made = recipe("joint")
    first = one.digest(made)
    assert len(first) == 16 and int(first, 16) >= 0
    assert small_family.corpus("text", "image").digest(recipe("joint")) == first

    def with_posts(split, **changes):
        return replace(one, **{split: replace(getattr(one, split), **changes)}).digest(made)

    others = [one.digest(recipe("joint", seed=1)), replace(one, emotions=4).digest(made)]
    others.append(replace(one, emotion_of=(0, 0, 1)).digest(made))
    for split in ("training", "validation"):
        posts = getattr(one, split)
        others += [
            with_posts(split, labels=posts.labels.flip(0)),
            with_posts(split, subclasses=posts.subclasses + 1),
            with_posts(split, taught=torch.ones(len(posts), 3)),
            with_posts(split, tables=posts.tables + 1),
            with_posts(split, inputs={**posts.inputs, "image": posts.inputs["image"] + 1}),
            with_posts(split, present={**posts.present, "image": 1 - posts.present["image"]}),
        ]
    assert len({first, *others}) == 1 + len(others)

    def in_a_cache(first_row):
        rows = torch.arange(first_row, first_row + 96, dtype=torch.int32).unsqueeze(1)
        return with_posts("training", inputs={**one.training.inputs, "image": rows})

    assert in_a_cache(1) == in_a_cache(1000), "where a cache has a picture says nothing of the picture"


def test_what_is_encoded_is_the_labels_the_subclasses_what_was_taught_and_the_tables(tmp_path):
    words = ("sunny", "grave", "laugh", "tears")
    rows = [(str(n), word, ("joy", "sad")[n % 2], "far" if n == 2 else "") for n, word in enumerate(words)]
    table(tmp_path, *rows, columns=("id", "text", "emotion", "where"), name="a.csv")
    table(tmp_path, ("4", "scream", "sad"), ("5", "dark", "joy"), name="b.csv")
    tables = (Source("a.csv", "A", "ours", subclass="where"), Source("b.csv", "B", "ours"))
    made = recipe("text_only", data=DataSettings(emotions=("sad", "joy"), tables=tables), choices__validation=0.0)
    answers = [{"id": "1", "probabilities": {"joy": 0.25, "sad": 0.75}}, {"id": "5", "probabilities": {"joy": 1.0}}]
    (tmp_path / "teacher.jsonl").write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    found = corpus(None, made, data=tmp_path, teachers=[tmp_path / "teacher.jsonl"])
    assert found.subclasses == ((0, ""), (1, ""), (1, "far"))
    found = replace(found, held=[False, False, False, False, False, True])
    resources = Resources(tmp_path / "kept", words=small_family.write_vectors(tmp_path / "vectors.txt"))
    encoded = encode_corpus(found, made, resources, quarantine=None, progress=silent)
    assert encoded.training.labels.tolist() == [1, 0, 1, 0, 0]
    assert encoded.training.subclasses.tolist() == [-1, -1, 2, -1, -1]
    assert encoded.training.taught.tolist() == [[0, 0], [0.75, 0.25], [0, 0], [0, 0], [0, 0]]
    assert encoded.training.tables.tolist() == [0, 0, 0, 0, 1]
    assert (encoded.validation.labels.tolist(), encoded.validation.tables.tolist()) == ([1], [1])
    assert encoded.validation.taught.tolist() == [[0, 1]]
    assert (encoded.emotions, encoded.emotion_of, encoded.sources) == (2, (0, 1, 1), tables)
    # "dark" is of the validation split alone: it is known, and does not learn.
    lookup = encoded.encoders["text"].embedder().lookup
    assert len(lookup.vectors) == 1 + 5


def test_of_several_recipes_one_that_reads_what_is_given_is_enough(tmp_path):
    words, pictures = recipe("text_only"), recipe("image_only")
    vectors = small_family.write_vectors(tmp_path / "vectors.txt")
    check_resources([pictures, words], Resources(tmp_path, words=vectors, weights=tmp_path))
    check_resources([pictures], Resources(tmp_path, weights=tmp_path))
    with pytest.raises(ConfigError, match=r"vectors\.txt: none of these recipes reads word vectors; leave it out"):
        check_resources([pictures, pictures], Resources(tmp_path, words=vectors))
    with pytest.raises(ConfigError, match="none of these recipes reads published weights; leave it out"):
        check_resources([words, words], Resources(tmp_path, weights=tmp_path))
    weights = tmp_path / "inception.pth"
    weights.write_bytes(b"")
    inception = recipe("image_only", image=ImageSettings("inception", "tuned"))
    check_resources([words, inception], Resources(tmp_path, weights=weights))
    minilm = recipe("early", text=TextSettings("minilm", "frozen"), image=inception.image)
    check_resources([minilm], Resources(tmp_path, weights=weights))  # MiniLM's are then looked for elsewhere
    wide = recipe("image_only", image=ImageSettings("wide-resnet", "new"))
    with pytest.raises(ConfigError, match="this recipe reads no published weights; leave it out"):
        check_resources([wide], Resources(tmp_path, weights=weights))
    with pytest.raises(ConfigError, match="only Inception takes a file"):
        check_resources([pictures, inception], Resources(tmp_path, weights=weights))
    with pytest.raises(WordsError, match=r"gone\.txt: no such file; --words takes"):
        check_resources([words], Resources(tmp_path, words=tmp_path / "gone.txt"))


def test_a_modality_may_be_missing_altogether_where_each_is_asked_for_alone(tmp_path):
    resources = Resources(tmp_path / "kept", words=small_family.write_vectors(tmp_path / "vectors.txt"))

    def encoded(text, combinations):
        path = table(tmp_path, ("1", text, "joy"), ("2", text, "sad"))
        made = recipe("joint", choices__validation=0.0, combinations=combinations)
        return encode_corpus(corpus(path, made), made, resources, quarantine=None, progress=silent)

    present = encoded("sunny", CombinationSettings()).training.present
    assert {name: there.tolist() for name, there in present.items()} == {"text": [1, 1], "image": [0, 0]}
    with pytest.raises(TableError, match=r"posts\.csv: no post has any image that can be read"):
        encoded("sunny", None)
    with pytest.raises(
        TableError, match="no post has any text or image that can be read, and the recipe reads text or"
    ):
        encoded("!!!", CombinationSettings())


def test_equal_posts_have_one_digest_and_other_words_or_pictures_another(tmp_path):
    def digest(text="hello", picture=b"one", emotion="joy", pictures=True):
        (tmp_path / "p.png").write_bytes(picture)
        posts = [Post("1", text, image=tmp_path / "p.png", emotion=emotion), Post("2", "so", emotion="fear")]
        entry = SourcePosts(Source("posts.csv", "A test", "free"), posts, 0)
        return Corpus(("joy", "fear"), [entry], [False, False]).digest(pictures=pictures)

    assert digest() == digest()
    assert len({digest(), digest(text="bye"), digest(picture=b"two"), digest(emotion="fear")}) == 4
    assert digest(pictures=False) == digest(picture=b"two", pictures=False) != digest()


@pytest.mark.parametrize("label", ["two\nlines", "a" * 201, "\x1b[31m"])
def test_a_label_that_no_model_could_be_read_with_is_refused_before_training(tmp_path, label):
    path = table(tmp_path, *((str(n), f"text {n}", (label, "joy")[n % 2]) for n in range(8)))
    with pytest.raises(TableError, match=r"^the label '.*: expected at most 200 printable characters$"):
        corpus(path)
