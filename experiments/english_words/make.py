"""Make the list of English words that `feelscope prepare` counts, from the titles and texts of a posts table.

A word is kept if it occurs in 12 posts or more of an English-language archive, unless it is a common short word of
another language and not of English, as such words would make every foreign post look English.

    python experiments/english_words/make.py posts.parquet src/feelscope/text/english_words.txt.gz
"""

import gzip
import re
import sys
from collections import Counter
from pathlib import Path

from feelscope import PostsTable

MIN_POSTS = 12
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
# Short words of Spanish, Portuguese, French, Italian, German, Dutch, Swedish, Danish, Indonesian, Turkish and Polish
# that are not English words.
FOREIGN = set(
    """
    de la que el los las del una uno con por para como pero muy mi mis tu tus su sus lo le les se es son esta
    este esto estas estos esa ese eso yo ella ellos nos nosotros hay fue ser estar tiene tengo todo todos toda
    mas nada cuando donde porque quien si sin sobre hasta desde entre ya y o ni al hoy ayer dia noche vida amor
    feliz gracias bueno buena um uma os das dos na nas em ao aos pelo pela com não nao sem sua seu seus suas meu
    minha voce eu ele ela eles isso isto mas muito bem foi tem ter ate pra vou ficar hoje agora sempre et un une
    des du dans pour avec sur qui ne pas ce cette ces il elle nous vous ils elles est sont etait ete je te moi
    toi mon ma ses leur leurs mais ou donc car plus tout tous toute tres bien fait faire etre avoir jour aussi
    comme il lo gli di del della delle dei che chi non per sono sei siamo era essere molto piu anche questo
    questa quello come cosa mia mio tuo suo suoi tutti tutto ho hai ha abbiamo sempre oggi grazie ciao bella
    bello der das und ist nicht ein eine einen einem einer ich du er sie wir ihr mich dich sich mir dir auf aus
    bei mit nach von zu zum zur fur uber unter auch aber oder wenn weil wie wo wer kann habe hat haben sind bin
    bist sein mein meine dein deine kein keine noch nur schon sehr mehr immer heute morgen gut alles etwas
    nichts doch het een van ik je jij hij zij wij jullie dat dit deze die niet maar ook naar voor door bij uit
    om te zijn heb heeft hebben wordt werd geen wel nog al meer mijn jouw onze hun wat waar och att det som jag
    inte har vi han hon den ett av till med fran kan ska var nu sa om mig dig min din og ikke jeg er det til af
    pa hvad kun ogsa vil skal yang dan di ke dari untuk dengan ini itu tidak ada saya aku kamu dia kami kita
    mereka akan sudah bisa juga karena bir ve bu icin ama cok ben sen biz siz var yok ne gibi daha kadar sie
    jest nie na to z w do ze tak jak ale
    """.split()
)
ENGLISH = set(
    """
    a an the and or but if so as at by for from in into of off on onto out over to up with is are was were be
    been do does did has have had will would can could may might must not no yes he him his she her it its we us
    our you your they them their i me my mine this that these those who what when where why how all any some
    more most much many one two three old new car come male sole are once pour on plus son sent ton tout fin
    fast war hat man men am was die bin more come mess wed hut gut mild mad cat dog red bed van
    """.split()
)


def main(table: str, out: str) -> None:
    posts: Counter[str] = Counter()
    for post in PostsTable(table):
        posts.update(set(WORD.findall(f"{post.title} {post.text}".lower().replace("’", "'"))))
    words = sorted(
        word
        for word, count in posts.items()
        if count >= MIN_POSTS and (len(word) > 1 or word in "ai") and (word not in FOREIGN or word in ENGLISH)
    )
    Path(out).write_bytes(gzip.compress("\n".join(words).encode(), mtime=0))
    print(f"{len(words):,} words of {len(posts):,}")


if __name__ == "__main__":
    main(*sys.argv[1:])
