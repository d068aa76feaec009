// Words to token ids as BERT reads them: cleaned, in small letters without accents, split at blanks and punctuation,
// then the longest known pieces of each word. The same ids as `tokenizers` gives; see the tests.
//
// Source: Devlin et al. 2019, "BERT"; Wu et al. 2016, section 4.1 (WordPiece); tokenizers' BertNormalizer, BertPreTokenizer.

import { BLANK, CONTROL, DECOMPOSED, IDEOGRAPH, MARK, PUNCTUATION } from "./characters.js";

export class WordPiece {
  // Args: the content of a tokenizer.json with BertNormalizer, BertPreTokenizer and WordPiece; the most tokens of a post.
  constructor(file, length) {
    const { model, normalizer, added_tokens: added, post_processor: around } = file;
    this.vocabulary = new Map(Object.entries(model.vocab));
    this.unknown = this.vocabulary.get(model.unk_token);
    this.prefix = model.continuing_subword_prefix;
    this.longest = model.max_input_chars_per_word;
    this.cleans = normalizer.clean_text;
    this.splitsIdeographs = normalizer.handle_chinese_chars;
    this.lowers = normalizer.lowercase;
    this.strips = normalizer.strip_accents ?? normalizer.lowercase;
    this.marks = new Map(added.map((token) => [token.content, token.id])); // found in a text as they are written
    const marks = [...this.marks.keys()].map((mark) => mark.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    this.atMarks = new RegExp(`(${marks.join("|")})`, "u");
    const special = (part) => around.special_tokens[part.SpecialToken.id].ids;
    const place = around.single.findIndex((part) => part.Sequence);
    this.before = around.single.slice(0, place).flatMap(special);
    this.after = around.single.slice(place + 1).flatMap(special);
    this.length = length;
  }

  // The ids of a text, and whether it was cut.
  encode(text) {
    const ids = [];
    for (const part of text.split(this.atMarks)) {
      if (this.marks.has(part)) ids.push(this.marks.get(part));
      else for (const word of words(this.normalized(part))) ids.push(...this.pieces(word));
    }
    const room = this.length - this.before.length - this.after.length;
    return { ids: [...this.before, ...ids.slice(0, room), ...this.after], cut: ids.length > room };
  }

  normalized(text) {
    let letters = Array.from(text);
    if (this.cleans) {
      letters = letters.filter((letter) => !CONTROL.test(letter)).map((letter) => (BLANK.test(letter) ? " " : letter));
    }
    if (this.splitsIdeographs) {
      letters = letters.flatMap((letter) => (IDEOGRAPH.test(letter) ? [" ", letter, " "] : letter));
    }
    if (this.strips) {
      letters = letters
        .flatMap((letter) => (DECOMPOSED.test(letter) ? Array.from(letter.normalize("NFD")) : letter))
        .filter((letter) => !MARK.test(letter));
    }
    if (this.lowers) letters = letters.map((letter) => letter.toLowerCase()); // each alone: no final sigma
    return letters.join("");
  }

  // The ids of the longest known pieces, from left to right; one unknown where a rest has none.
  pieces(word) {
    const letters = Array.from(word);
    if (letters.length > this.longest) return [this.unknown];
    const ids = [];
    for (let start = 0; start < letters.length; ) {
      let end = letters.length;
      let id;
      while (end > start && id === undefined) {
        id = this.vocabulary.get((start ? this.prefix : "") + letters.slice(start, end).join(""));
        end -= 1;
      }
      if (id === undefined) return [this.unknown];
      ids.push(id);
      start = end + 1;
    }
    return ids;
  }
}

// Words and, each alone, punctuation.
function words(text) {
  const found = [];
  let inWord = false;
  for (const letter of text) {
    if (BLANK.test(letter)) inWord = false;
    else if (PUNCTUATION.test(letter) || !inWord) {
      found.push(letter);
      inWord = !PUNCTUATION.test(letter);
    } else found[found.length - 1] += letter;
  }
  return found;
}
