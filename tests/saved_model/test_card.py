"""A card is whole or it is refused, and it says what the scores say."""

import re
from dataclasses import replace

import pytest

from feelscope.errors import ConfigError
from feelscope.evaluate.evaluate import evaluate
from feelscope.post import Post, Prediction
from feelscope.saved_model.card import Card, DataSet, card_text, installed_versions, write_card

EMOTIONS = ("happiness", "sadness", "fear")


class Double:
    """Says what the words say, or sadness to a picture."""

    name = "double"
    emotions = EMOTIONS
    modalities = ("text", "image")

    def stream(self, posts):
        for post in posts:
            word = post.text or "sadness"
            yield Prediction(post.id, word, {e: 0.8 if e == word else 0.1 for e in EMOTIONS}, ())


def scores(pictures=True):
    words = ["happiness"] * 60 + ["sadness"] * 20
    truth = ["happiness"] * 50 + ["sadness"] * 30
    posts = [
        Post(str(n), text=word, image=b"x" if pictures and n % 2 else None, emotion=label)
        for n, (word, label) in enumerate(zip(words, truth, strict=True))
    ]
    return evaluate(Double(), posts, resamples=100).to_json()


def card(**changes):
    whole = Card(
        name="a model",
        purpose="For people who study what others post.",
        not_for=["Decisions about one person."],
        emotions=EMOTIONS,
        how="Two encoders and a gate.",
        modalities=("text", "image"),
        licence="research use",
        data=[
            DataSet(name="Own | posts", posts=6127, licence="CC BY 4.0", used_for="training"),
            DataSet(name="Public", posts=80, licence="not stated", used_for="scores"),
        ],
        scores={"dev": scores()},
        calibration="One temperature, fitted on the validation split.",
        seeds=[1, 2, 3],
        command="feelscope train posts.csv --recipe gated --out run",
        limits=["English only."],
    )
    return replace(whole, **changes)


def test_a_new_card_says_how_the_model_is_audited_and_what_that_cannot_say():
    found = section(card_text(card()), "Audit")
    assert found.startswith("Not audited: ") and "feelscope audit gender --model 'a model' --card" in found
    assert "- Pictures: who is pictured" in found
    blind = section(card_text(card(modalities=("image",))), "Audit")
    assert "it cannot be" in blind and "feelscope" not in blind


def test_where_scores_come_from_is_said_before_them_and_a_set_may_have_no_posts():
    vectors = DataSet(name="vectors.txt", posts=None, licence="licence not stated", used_for="vectors of words")
    text = card_text(card(score_blocks=["They come from folds."], data=[vectors]))
    assert section(text, "Scores").startswith("They come from folds.\n\nScores from 0 to 1")
    assert "| vectors.txt | – | vectors of words | licence not stated |" in text


def section(text, title):
    return re.search(rf"^## {title}\n\n(.*?)(?=^## |\Z)", text, re.M | re.S).group(1)


def test_every_section_is_there_and_filled():
    text = card_text(card())
    titles = re.findall(r"^## (.+)$", text, re.M)
    assert titles == [
        *("What it is for", "The model", "Data and licences", "Scores", "Calibration", "Limits"),
        *("Audit", "How to rebuild it", "Versions"),
    ]
    for title in titles:
        assert section(text, title).strip(), title
    assert text.startswith("# a model\n")
    assert text.endswith("|\n")


@pytest.mark.parametrize("field", [name for name in Card.__dataclass_fields__ if name != "score_blocks"])
def test_an_empty_field_is_refused_and_named(field, tmp_path):
    empty = " " if isinstance(getattr(card(), field), str) else type(getattr(card(), field))()
    with pytest.raises(ConfigError, match=f"the model card has no `{field}`: fill it in"):
        write_card(tmp_path / "run", card(**{field: empty}))
    assert not (tmp_path / "run").exists()


def test_scores_stand_by_set_and_by_modality_with_intervals():
    evaluation = scores()
    text = section(card_text(card(scores={"dev": evaluation, "other": scores(pictures=False)})), "Scores")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith(("| dev", "| other"))]
    assert [row[:2] for row in rows] == [
        *(["| dev", "as they are"], ["| dev", "text only"], ["| dev", "image only"]),
        *(["| other", "as they are"], ["| other", "text only"]),
    ]
    low, high = evaluation["image"]["intervals"]["macro_f1"]
    assert rows[2][4] == f"{evaluation['image']['macro_f1']:.3f} ({low:.3f}–{high:.3f})"
    assert "### dev, by emotion" in text
    assert re.search(r"^\| happiness \| 50 \| 0\.833 \| 1\.000 \| 0\.909 \(", text, re.M)


def test_tables_are_whole():
    for block in re.findall(r"(?:^\|.*\n)+", card_text(card()), re.M):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(cells) == 1, block
    assert "| Own \\| posts | 6,127 | training | CC BY 4.0 |" in card_text(card())
    assert "| Public | 80 | scores | not stated |" in card_text(card())


def test_calibration_says_how_sure_and_how_right():
    text = section(card_text(card()), "Calibration")
    assert "fitted on the validation split" in text
    assert re.search(r"^\| dev \| as they are \| 0\.075 \(.*\) \| 0\.800 \| 0\.875 \|$", text, re.M)


def test_one_post_that_could_be_read_is_calibrated_by_itself():
    evaluation = scores(pictures=False)
    alone = {**evaluation["text"], "reliability": [{"posts": 0}, {"posts": 1, "confidence": 0.7, "accuracy": 1.0}]}
    text = section(card_text(card(scores={"dev": {**evaluation, "text": alone}})), "Calibration")
    assert re.search(r"^\| dev \| text only \| .* \| 0\.700 \| 1\.000 \|$", text, re.M)


def test_limits_are_found_in_the_scores():
    limits = section(card_text(card(scores={"dev": scores(pictures=False)})), "Limits")
    assert "- English only.\n" in limits
    assert "- No set it was scored on has fear: how well it recognises them is not known." in limits
    assert "- It was not scored on pictures alone: how well it reads them is not known." in limits
    both = section(card_text(card(scores={"dev": scores(pictures=False), "other": scores()})), "Limits")
    assert "on pictures alone" not in both, "one of the sets has some"
    assert "- Weakest on dev: sadness, F1 0.800 (" in limits
    assert "- Fewer than 50 posts on dev, so rough scores: sadness (30)." in limits


def test_figures_are_shown_where_they_exist(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "reliability.png").write_bytes(b"")
    text = write_card(tmp_path, card()).read_text(encoding="utf-8")
    assert "![reliability](figures/reliability.png)" in section(text, "Calibration")
    assert "confusion.png" not in text


def test_the_folder_of_a_card_is_made(tmp_path):
    path = write_card(tmp_path / "runs" / "mine", card())
    assert path == tmp_path / "runs" / "mine" / "README.md"
    assert path.read_text(encoding="utf-8") == card_text(card())


def test_the_card_replaces_an_older_one_and_leaves_nothing_half(tmp_path):
    (tmp_path / "README.md").write_text("old")
    path = write_card(tmp_path, card())
    assert path == tmp_path / "README.md"
    assert path.read_text(encoding="utf-8").startswith("# a model")
    assert [file.name for file in tmp_path.iterdir()] == ["README.md"]


def test_how_to_rebuild_it():
    text = section(card_text(card()), "How to rebuild it")
    assert "```\nfeelscope train posts.csv --recipe gated --out run\n```" in text
    assert "Seeds: 1, 2, 3." in text


def test_versions_are_those_installed():
    import numpy

    versions = installed_versions()
    assert versions["numpy"] == numpy.__version__
    assert f"| numpy | {numpy.__version__} |" in section(card_text(card()), "Versions")
