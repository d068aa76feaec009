"""Make src/feelscope/emoji/groups.txt, the groups of emoji by their first character, from Unicode's emoji-test.txt.

    python experiments/emoji_autoencoder/groups.py emoji-test.txt > src/feelscope/emoji/groups.txt

Debian has that file in its package unicode-data. Flags and keycaps have rules of their own in `emoji/catalogue.py`.
"""

import re
import sys
from pathlib import Path

HEADER = """\
# The first characters of emoji by Unicode's groups, made from emoji-test.txt 15.0 of Unicode's UTS #51 by
# experiments/emoji_autoencoder/groups.py. Copyright 1991-2022 Unicode, Inc., Unicode License v3:
# https://www.unicode.org/license.txt"""


def main() -> None:
    group, found = "", {}
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        if line.startswith("# group:"):
            group = line.partition(":")[2].strip()
        match = re.match(r"([0-9A-F ]+); fully-qualified", line)
        characters = [chr(int(one, 16)) for one in match[1].split() if one != "FE0F"] if match else []
        if len(characters) == 1 and group != "Flags":
            found.setdefault(group, []).append(characters[0])
    print(HEADER)
    for group, characters in found.items():
        print(f"{group}: {''.join(characters)}")


if __name__ == "__main__":
    main()
