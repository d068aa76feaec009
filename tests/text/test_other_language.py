"""Words in another language, found by script and by common words; all sentences are ours."""

import pytest

from feelscope.text.other_language import NAMES, _common_words, other_language

FOREIGN = {
    "Spanish": (
        "Hoy llueve mucho y me quedo en casa",
        "Buenos días a todos",
        "te extraño un montón",
        "jajaja no puedo más",
    ),
    "Portuguese": ("Hoje está chovendo demais", "meu time perdeu de novo", "tô com medo", "Bom dia pessoal"),
    "French": ("Il pleut et je reste à la maison", "tu me manques", "mdr j'en peux plus", "Bonjour tout le monde"),
    "German": ("Heute regnet es nur", "das nervt so sehr", "du fehlst mir", "haha ich kann nicht mehr"),
    "Italian": ("oggi piove e resto a casa", "che paura", "non ce la faccio più"),
    "Dutch": ("vandaag regent het weer", "ik mis je zo"),
    "Polish": ("dzisiaj pada deszcz", "tęsknię za tobą"),
    "Turkish": ("bugün yağmur yağıyor", "seni çok özledim"),
    "Indonesian": ("aku kangen kamu", "hari ini hujan terus"),
    "Swedish": ("jag saknar dig så mycket", "idag regnar det"),
    "Chinese": ("今天下雨", "想你"),
    "Japanese": ("今日は雨です", "おはよう"),
    "Korean": ("보고 싶어",),
    "Arabic": ("صباح الخير", "مشتاق لك"),
    "Persian": ("دلم برایت تنگ شده چرا",),
    "Russian": ("доброе утро", "скучаю по тебе"),
    "Ukrainian": ("сьогодні йде дощ, її нема",),
    "Greek": ("καλημέρα σε όλους",),
    "Hindi": ("सुप्रभात दोस्तों",),
    "Thai": ("สวัสดีตอนเช้า",),
}
ENGLISH = (
    "",
    " \n",
    "What a lovely day!",
    "lol omg idk",
    "ngl thats mid fr fr",
    "soooo tired ughhh",
    "heeeelp there's a spiderrrrr",
    "😂😂😂",
    "¯\\_(ツ)_/¯",
    "( ͡° ͜ʖ ͡°)",
    "ಠ_ಠ",
    "(๑•̀ㅁ•́๑)",
    "щ(ﾟДﾟщ)",
    "def read(self, path): return path.open()",
    "TypeError: 'NoneType' object is not iterable",
    "https://www.example.de/der/die/das @elmundo #felizcumpleaños",
    "Los Angeles",
    "Beyoncé",
    "Zoë Müller",
    "naïve résumé",
    "café latte",
    "José and María came over",
    "Rio de Janeiro was great",
    "c'est la vie, as my grandma said every time we lost",
    "I said hola and she said gracias",
    "the word 愛 means love",
    "こんにちは means hello in Japanese",
    "π ≈ 3.14",
    "𝓱𝓮𝓵𝓵𝓸 𝔀𝓸𝓻𝓵𝓭",
    "ｈｅｌｌｏ",
    "x",
    "12:30",
)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in FOREIGN.items() for text in texts])
def test_words_in_another_language_are_found_with_its_name(name: str, text: str) -> None:
    assert other_language(text, ["en"]) == name


@pytest.mark.parametrize("text", ENGLISH)
def test_english_with_names_slang_code_or_a_foreign_word_is_english(text: str) -> None:
    assert other_language(text, ["en"]) is None


def test_of_two_languages_the_one_with_more_words_counts() -> None:
    assert other_language("estoy muy cansada hoy, so bye", ["en"]) == "Spanish"
    assert other_language("I am very tired today and I want to sleep, adiós amigos", ["en"]) is None


def test_a_language_without_a_list_has_no_name() -> None:
    assert other_language("hôm nay trời mưa nhiều quá", ["en"]) == ""


def test_what_a_model_reads_is_its_own() -> None:
    assert other_language("What a lovely day this is for all of us", ["de"]) == "English"
    assert other_language("Heute regnet es nur", ["de"]) is None
    assert other_language("Heute regnet es nur", ["en", "de"]) is None
    assert other_language("今天下雨", ["zh"]) is None
    assert other_language("今日は雨です", ["zh"]) == "Japanese"
    assert other_language("今日は雨です", ["ja"]) is None
    assert other_language("доброе утро", ["zh", "en"]) == "Russian"


def test_every_list_has_a_name_and_long_texts_are_looked_at_in_part() -> None:
    assert {*_common_words()} <= {*NAMES}
    assert other_language("happy day " * 300 + "estoy feliz " * 50_000, ["en"]) is None
