// What people write in posts, brought to one form as a model whose reading is "normalised" reads it: the same text as
// Feelscope's text/normalise.py gives, step by step; see there what each is for. The tests hold both together.

const LETTER = "\\p{L}\\p{Nl}\\p{No}"; // as Python's classes have them: with _ and the digits they are \w
const WORD = `${LETTER}\\p{Nd}_`;
const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // \s

const ADDRESS = new RegExp(
  `(?<![${WORD}])https?://[^${BLANK}]+|(?<![${WORD}])www\\.[^${BLANK}]+|` +
    `(?<![^${BLANK}])[^${BLANK}@]{1,64}@[${WORD}][${WORD}\\-]*\\.[${WORD}][${WORD}.]*`,
  "giu",
);
const NAME = `(?<![${WORD}.])@[${WORD}]+`;
const ADDRESSED = new RegExp(
  `(?:^|(?<=\\n))[${BLANK}.,:]*(?:(?:RT[${BLANK}]+)?(?:${NAME}[${BLANK}:,]*)+)?|(?:[${BLANK}]${NAME})+[${BLANK}]*$`,
  "gu",
);
const NAMES = new RegExp(NAME, "gu");
const WORDS = new RegExp(`[${WORD}]+`, "gu");
const ANYTHING = new RegExp(`[^${BLANK}]`, "u");
const HASHTAG = new RegExp(`(?<![${WORD}&/])[#＃]([${WORD}]+)`, "gu");
const HUMPS = new RegExp(`[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\\p{Nd}+|(?:(?![A-Za-z])[${LETTER}])+`, "gu");
const REPEATABLE = new RegExp(`[${LETTER}]`, "u");
const MARKS = new RegExp(`([^${WORD}${BLANK}])\\1{3,}`, "gu");
const QUOTES = { "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"' };
const SHORT = new Set("a i am an as at be by do go he hi if in is it me my no of oh ok on or so to up us we".split(" "));
const ELONGATED = new Set("soo noo yess hii byee".split(" "));
const MOST_RUNS = 9;
const LONGEST_TAG = 60;

export class Normaliser {
  // Args: the content of normalise.json, English words and emoticons with their emoji.
  constructor({ words, emoticons }) {
    this.words = new Set(words);
    this.emoticons = emoticons;
    this.atEmoticons = patternOf(Object.keys(emoticons));
  }

  // The text normalised; as it stands where nothing of it would be left.
  normalise(text) {
    let new_ = text.replace(/[^\x00-\x7f]/gu, plain);
    if (new_.includes(".")) new_ = new_.replace(ADDRESS, " ");
    new_ = new_
      .replace(ADDRESSED, (found) => (found.includes("@") ? " " : found))
      .replace(NAMES, "someone")
      .replace(HASHTAG, (found, tag) => this.wordsOfHashtag(tag).join(" ") || found)
      .replace(this.atEmoticons, (found) => this.emojiOf(found))
      .replace(WORDS, (word) => this.shortened(word))
      .replace(MARKS, (found, mark) => (/[\x00-\x7f]/.test(mark) ? mark.repeat(3) : found));
    return ANYTHING.test(new_) ? new_ : text;
  }

  // By its capitals, digits and underscores, then by known words.
  wordsOfHashtag(tag) {
    if (Array.from(tag).length > LONGEST_TAG) return [tag];
    return (tag.match(HUMPS) ?? []).flatMap((hump) => (/^[A-Za-z]+$/.test(hump) ? this.knownWords(hump) : [hump]));
  }

  // Letters as the fewest known words that make them up; as they are, where there are none.
  knownWords(run) {
    const small = run.toLowerCase();
    const best = [[]]; // of each beginning its words
    for (let end = 1; end <= run.length; end += 1) {
      for (let start = 0; start < end; start += 1) {
        const before = best[start];
        const word = small.slice(start, end);
        if (!before || !(SHORT.has(word) || (word.length > 2 && this.words.has(word)))) continue;
        if (!best[end] || before.length + 1 < best[end].length) best[end] = [...before, run.slice(start, end)];
      }
    }
    return best[run.length]?.length ? best[run.length] : [run];
  }

  emojiOf(found) {
    let form = found;
    while (!(form in this.emoticons)) form = form.slice(0, -1); // a mouth that is repeated
    return ` ${this.emoticons[form]} `;
  }

  // A word with each letter once or twice that was there three times or more; as it is known, if it is.
  shortened(word) {
    const pieces = piecesOf(word);
    const runs = (pieces.length - 1) / 2;
    if (!runs) return word;
    // Of each choice, the highest bit is the first run's: 0 is twice.
    const shortenedBy = (choice) =>
      pieces.map((piece, at) => (at % 2 && !((choice >> (runs - (at + 1) / 2)) & 1) ? piece + piece : piece)).join("");
    for (let choice = 0; pieces.length <= MOST_RUNS && choice < 2 ** runs; choice += 1) {
      const small = shortenedBy(choice).toLowerCase();
      if (this.words.has(small) && !ELONGATED.has(small)) return shortenedBy(choice);
    }
    return shortenedBy(0);
  }
}

// Other letters and the first of a letter that comes three times or more in a row, in turn; as Python tells letters apart,
// which has ς and σ for two.
function piecesOf(word) {
  const letters = Array.from(word);
  const small = letters.map((letter) => (letter === "İ" ? "i" : letter.toLowerCase()));
  const pieces = [""];
  for (let start = 0; start < letters.length; ) {
    let end = start + 1;
    while (end < letters.length && small[end] === small[start]) end += 1;
    if (end - start > 2 && REPEATABLE.test(letters[start])) pieces.push(letters[start], "");
    else pieces[pieces.length - 1] += letters.slice(start, end).join("");
    start = end;
  }
  return pieces;
}

// A character in its plain form; a symbol may be an emoji.
function plain(character) {
  return QUOTES[character] ?? (/\p{So}/u.test(character) ? character : character.normalize("NFKC"));
}

// Emoticons of marks alone may follow a word, and their mouth may be repeated; others are a word of their own.
function patternOf(forms) {
  const longestFirst = [...forms].sort((one, other) => other.length - one.length || (one < other ? -1 : 1));
  const escaped = (form) => form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const isAlone = (form) => /^[()[\]]/.test(form) || /^[A-Za-z0-9]|[A-Za-z0-9]$/.test(form);
  const words = longestFirst.filter(isAlone).map(escaped);
  const mouths = longestFirst
    .filter((form) => !isAlone(form))
    .map((form) => escaped(form) + (/[)(\][]$/.test(form) ? "+" : ""));
  return new RegExp(
    `(?<![^${BLANK}])(?:${words.join("|")})(?![^${BLANK}.,!?])|` +
      `(?<![:;=<>/\\\\\\p{Nd}])(?:${mouths.join("|")})(?![${WORD}/\\\\])`,
    "gu",
  );
}
