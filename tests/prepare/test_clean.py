import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.emotions import LABEL_SETS, SEVEN, emoji_of, words_of
from feelscope.post import Post
from feelscope.prepare.clean import cleaner
from feelscope.prepare.label_words import LabelWords, stem
from feelscope.prepare.weak_labels import SOURCES, SUBREDDITS

WORDS = LabelWords(SEVEN, SUBREDDITS)
PLAIN = st.text(string.ascii_letters + string.digits + " .,#'!?\n\U0001f600\u2764\ufe0f\u00e9", max_size=60)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("When the rain came #fail #sad", "When the rain came #fail"),
        ("#Happy #HAPPY #sohappy #happybirthday day", "day"),
        ("#sosad but #crusade and #ambassador", "but #crusade and #ambassador"),
        ("I am happy", "I am happy"),
        ("＃angry today", "today"),
        ("no tag at all", "no tag at all"),
        (" #rain   and  😡 in r/happy ", " #rain   and  😡 in r/happy "),  # nothing goes, so spaces stay
        ("  a  #sad   b ", "a b"),
    ],
)
def test_hashtags_of_every_emotion_leave(text, left):
    assert cleaner(WORDS)(text) == left


def test_strict_takes_words_inflections_and_emoji():
    clean = cleaner(WORDS, strict=True)
    assert clean("So HAPPY, happier than the saddest clown 😀👍🏽") == "So , than the clown 👍🏽"
    assert clean("I was disgusted, surprisingly") == "I was ,"
    assert clean("what happened there") == "what happened there"


def test_an_emoji_goes_with_what_belongs_to_it():
    assert cleaner(WORDS, emoji=True)("a ❤️ b 😡\U0001f3fd c ☺️") == "a b c"


def test_only_whole_emoji_leave():
    clean = cleaner(WORDS, emoji=True)
    assert clean("phew 😮‍💨 and 👩‍❤️‍👨 🇩🇪 1️⃣") == "phew 😮‍💨 and 👩‍❤️‍👨 🇩🇪 1️⃣", "none of these is 😮 or ❤"
    assert clean("a ❤️‍🔥 b ❤️\u200d c 😮😮‍💨") == "a ❤️‍🔥 b c 😮‍💨"
    assert WORDS.gives_away("so😢") and not WORDS.gives_away("so😮‍💨")


def test_nothing_of_a_removed_emoji_is_left():
    clean = cleaner(WORDS, emoji=True)
    assert clean("a \u200d😊\u200d b 😭\ufe0f\u20e3 c") == "a b c"
    assert clean("so good \ufe0f today \U0001f3fd!") == "so good today !", "what others left behind goes too"
    assert clean("1\ufe0f\u20e3 👍🏽 می\u200dخواهم") == "1\ufe0f\u20e3 👍🏽 می\u200dخواهم"


def test_emoji_that_are_joined_as_nobody_draws_them_are_seen_one_by_one():
    clean = cleaner(WORDS, emoji=True)
    assert clean("a 😊\u200d😢 b 😊\u200d👻 c") == "a b 👻 c"
    assert SOURCES["emoji"](Post("1", "a 😢\u200d👻"), WORDS) == ["sadness"]


def test_words_in_mathematical_letters_leave():
    assert cleaner(WORDS)("day #𝗵𝗮𝗽𝗽𝘆 #ｓａｄ") == "day"
    assert cleaner(WORDS, strict=True)("so 𝓱𝓪𝓹𝓹𝔂 today") == "so today"
    assert WORDS.of_tag("#𝗷𝗼𝘆") == "happiness"


def test_names_of_subreddits_leave():
    clean = cleaner(WORDS, subreddits=True)
    assert clean("x-post from r/happy and /r/pics") == "x-post from and /r/pics"
    assert clean("SEEN IN R/HAPPY OR /R/Gore, OTHER/happy 😡") == "SEEN IN OR , OTHER/happy 😡"


@given(PLAIN, st.booleans())
def test_cleaning_twice_changes_nothing_more(text, strict):
    clean = cleaner(WORDS, strict=strict, emoji=True)
    assert clean(clean(text)) == clean(text)


@given(PLAIN, st.sampled_from(sorted(WORDS.words)), st.sampled_from([str.lower, str.upper, str.title]), PLAIN)
def test_no_label_hashtag_survives(before, word, form, after):
    left = cleaner(WORDS)(f"{before} #{form(word)} {after}")
    assert f"#{word}" not in left.lower().split()
    assert SOURCES["hashtags"](Post("1", left), WORDS) == []


@given(PLAIN, st.sampled_from(sorted(WORDS.emoji)))
def test_no_label_emoji_survives(text, sign):
    left = cleaner(WORDS, emoji=True)(f"{text}{sign}\ufe0f{text}")
    assert not set(left) & set(WORDS.emoji)


@given(st.text(string.ascii_lowercase + " ", max_size=80))
def test_a_text_without_anything_to_take_is_left_as_it_is(text):
    assert cleaner(WORDS)(text) == text


HAPPY = ("happy", "happier", "happiest", "happiness", "happily")
SAD, DISGUST = ("sad", "sadder", "saddest", "sadly"), ("disgust", "disgusted", "disgusting")


@pytest.mark.parametrize("forms", [HAPPY, SAD, DISGUST, ("surprise", "surprised", "surprising"), ("anger", "angered")])
def test_forms_of_a_word_share_a_stem(forms):
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ("HAPPINESS", "hap"),
        ("sadder", "sad"),
        ("disgusted", "disgust"),
        ("hopefully", "hope"),  # two endings, not the third
        ("used", "used"),  # three letters stay
        ("rated", "rat"),
        ("all", "all"),
        ("joy", "joy"),
        ("taxi", "tax"),
        ("hotpot", "hotpot"),  # no letter stands twice at its end
        ("happyyy", "happ"),
        ("mother’s", "moth"),
        ("can't", "cant"),
        ("I", "i"),
    ],
)
def test_a_stem_is_what_two_endings_leave(word, left):
    assert stem(word) == left


@pytest.mark.parametrize(
    ("tag", "does"),
    [
        ("#nofearhere", True),  # a word of four letters counts anywhere
        ("#Sad Day", True),
        ("＃toosad", True),
        ("crusades", False),  # a word of three at the ends only
        ("cats", False),
        ("", False),
    ],
)
def test_a_tag_gives_an_emotion_away(tag, does):
    assert WORDS.gives_away(tag) == does


def test_further_words_count_in_any_case_and_have_a_stem_and_a_beginning():
    words = LabelWords(["neutral"], {"Creepy": "neutral"})
    assert (words.words, words.stems, words.beginnings) == ({"creepy": "neutral"}, {"creep"}, {"cre"})
    assert words.of_tag(" #CREEPY") == words.of_tag("＃creepy ") == "neutral"
    assert words.of_tag("creep") is None


def test_a_label_set_without_words_gives_nothing_away():
    words = LabelWords(["Neutral"])
    assert (words.words, words.gives_away("#neutral"), words.gives_away("")) == ({}, False, False)
    assert cleaner(words, strict=True)("so neutral  #sad") == "so neutral  #sad"


@pytest.mark.parametrize("name", LABEL_SETS)
def test_every_label_set_has_words_and_each_names_one_emotion(name):
    words = words_of(LABEL_SETS[name])
    assert set(words.values()) == set(LABEL_SETS[name])
    assert all(words[emotion.lower()] == emotion for emotion in LABEL_SETS[name])
    assert set(emoji_of(LABEL_SETS[name]).values()) <= set(LABEL_SETS[name])


def test_the_first_emotion_decides_and_all_are_kept():
    read = SOURCES["hashtags"]
    assert read(Post("1", "x", tags=("cats", "Sad", "angry", "sadness")), WORDS) == ["sadness", "anger"]
    assert read(Post("1", "so #scared and #Happy"), WORDS) == ["fear", "happiness"]
    assert read(Post("1", "#happy", tags=("sad",)), WORDS) == ["sadness"], "the platform's tags come first"
    assert read(Post("1", "so ＃scared"), WORDS) == read(Post("1", "#so ＃scared"), WORDS) == ["fear"]
    assert read(Post("1", "happy"), WORDS) == []


def test_the_other_sources_of_a_label():
    assert SOURCES["subreddit"](Post("1", "x", other={"subreddit": "Gore"}), WORDS) == ["disgust"]
    assert SOURCES["subreddit"](Post("1", "x", other={"subreddit": "pics"}), WORDS) == []
    assert SOURCES["emoji"](Post("1", "oh 😡 and 😢", "❤️"), WORDS) == ["happiness", "anger", "sadness"]
    assert SOURCES["emoji"](Post("1", "phew 😮‍💨 👩‍❤️‍👨 🇩🇪"), WORDS) == [], "none of these is 😮 or ❤"
    assert SOURCES["column"](Post("1", "x", emotion="Sad|joy|love"), WORDS) == ["sadness", "happiness"]
    assert SOURCES["none"](Post("1", "#happy"), WORDS) == []
