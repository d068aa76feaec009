// A post's words to probabilities: emoji by name, tokens, the two networks, the model's own scaling. Before that, a model
// whose reading is "normalised" has the words brought to one form.
//
//   text -> ids (1, T) --text.onnx--> (1, D) --fusion.onnx, no picture--> (1, K) -> scaled

import { Normaliser } from "./normalise.js";
import { WordPiece } from "./wordpiece.js";

// Fullwidth and mathematical letters are read as the usual ones; signs such as ™ stay.
const LETTERS = /[\u2102-\u2116\u2118-\u211f\u2121\u2123-\u2125\u2127-\u2134\uff01-\uff5e\u{1d400}-\u{1d7ff}]/gu;

function usual(letter) {
  const folded = letter.normalize("NFKC");
  return [...folded].length === 1 ? folded : letter;
}

// A text as the tokenizer reads it, in usual letters, with emoji by their names; `emoji` is the content of emoji.json.
export function spelled(text, emoji) {
  if (/^[\x00-\x7F]*$/.test(text)) return text;
  return text
    .replace(LETTERS, usual)
    .replace(new RegExp(emoji.modifiers, "gu"), "")
    .replace(new RegExp(emoji.flags, "gu"), " flag ")
    .replace(new RegExp(emoji.emoji, "gu"), (one) => emoji.names[one]);
}

export class Model {
  // Args: onnxruntime-web; the contents of model.json, emoji.json and tokenizer.json, and of normalise.json or null; the
  // sessions of both networks.
  constructor(ort, about, emoji, tokenizer, tables, text, fusion) {
    Object.assign(this, { ort, about, emoji, text, fusion });
    this.normaliser = tables && new Normaliser(tables);
    this.tokenizer = new WordPiece(tokenizer, about.tokens);
  }

  // Loads a model from the files beside the page; `loaded` is told a share of the bytes, from 0 to 1.
  static async load(ort, loaded) {
    const read = async (name) => (await found(name)).json();
    const [about, emoji, tokenizer] = await Promise.all(["model.json", "emoji.json", "tokenizer.json"].map(read));
    const tables = about.reading === "normalised" ? await read("normalise.json") : null;
    const sizes = [];
    const networks = await Promise.all(
      ["text.onnx", "fusion.onnx"].map((name, place) =>
        bytes(name, (done, all) => {
          sizes[place] = [done, all];
          const [here, whole] = sizes.reduce(([one, two], size) => [one + (size?.[0] ?? 0), two + (size?.[1] ?? 0)], [0, 0]);
          loaded(whole ? here / whole : 0);
        }),
      ),
    );
    const sessions = await Promise.all(networks.map((network) => ort.InferenceSession.create(network)));
    return new Model(ort, about, emoji, tokenizer, tables, ...sessions);
  }

  // The ids of a post's words, and whether some of them were cut; null without words.
  ids(text) {
    const words = text.trim();
    if (!words) return null;
    const limit = this.about.tokens * this.about.characters_per_token;
    const letters = Array.from(words.replace(/\p{Cs}/gu, "?"));
    const first = letters.slice(0, limit).join("");
    const read = this.normaliser ? this.normaliser.normalise(first) : first;
    const { ids, cut } = this.tokenizer.encode(spelled(read, this.emoji).trim());
    return { ids, cut: cut || letters.length > limit };
  }

  // Probabilities (K,) in the model's order, and whether some of the words were cut; null without words.
  async read(text) {
    const words = this.ids(text);
    if (words === null) return null;
    const { Tensor } = this.ort;
    const ids = new Tensor("int64", BigInt64Array.from(words.ids, BigInt), [1, words.ids.length]);
    const vector = Object.values(await this.text.run({ ids }))[0]; // (1, D)
    const feed = {};
    for (const [name, { shape }] of Object.entries(this.about.networks["fusion.onnx"].inputs)) {
      const content = new Float32Array(shape.at(-1)); // zeros: there is no picture
      if (name === "text") content.set(vector.data);
      if (name === "has_text") content[0] = 1;
      feed[name] = new Tensor("float32", content, shape);
    }
    const row = Array.from(Object.values(await this.fusion.run(feed))[0].data); // (K,)
    return { probabilities: scaled(row, this.about.scaling.text), cut: words.cut };
  }
}

// Proportional to exp(log p / temperature + bias).
export function scaled(row, scaling) {
  if (!scaling || (scaling.temperature === 1 && !scaling.biases.length)) return row;
  const scores = row.map((p, k) => Math.log(Math.max(p, 1e-12)) / scaling.temperature + (scaling.biases[k] ?? 0));
  const most = Math.max(...scores);
  const parts = scores.map((score) => Math.exp(score - most));
  const all = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / all);
}

async function found(name) {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: the server answers ${response.status}.`);
  return response;
}

// A file's content, with word of how much of it is here.
async function bytes(name, loaded) {
  const response = await found(name);
  const all = Number(response.headers.get("Content-Length")) || 0;
  const parts = [];
  let done = 0;
  for (let reader = response.body.getReader(), part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    done += part.value.length;
    loaded(done, all);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
