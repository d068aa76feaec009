// What is kept of an archive, in the browser's storage; where there is none, for as long as the page is open.

export const MOST = 100; // things that are kept
export const LONGEST_NOTE = 2000; // letters
const TEXTS = ["question", "words", "post", "sentence", "note"];

export class Kept {
  #name = null;
  #nowhere = false; // whether there is no storage at all
  list = [];
  fault = ""; // what is wrong with the storage, in words

  // The things of an archive, by its name; `changed()` is called when another window changes them.
  open(archive, changed) {
    if (this.#name !== null) return;
    this.#name = "feelscope kept: " + archive;
    this.#read();
    addEventListener("storage", event => {
      if (event.key !== this.#name && event.key !== null) return;
      this.#read();
      changed();
    });
    changed();
  }

  #read() {
    let written = null;
    try {
      written = localStorage.getItem(this.#name);
    } catch {
      this.#nowhere = true;
      this.fault = "This browser keeps nothing for this page: what is here is lost when the page is closed. Export it before.";
      return;
    }
    try {
      const list = JSON.parse(written ?? "[]");
      const good = Array.isArray(list) && list.every(one => one && TEXTS.every(name => typeof one[name] === "string"));
      if (!good) throw new SyntaxError();
      this.list = list.slice(0, MOST);
      this.fault = "";
    } catch {
      this.list = [];
      this.fault = "What was kept before could not be read. It stays in the browser until something is kept here.";
    }
  }

  save() {
    if (this.#nowhere) return;
    try {
      localStorage.setItem(this.#name, JSON.stringify(this.list));
      this.fault = "";
    } catch {
      this.fault = "This browser has no room for it: what is new here is lost when the page is closed. Export it before.";
    }
  }

  find({question, post}) {
    return this.list.findIndex(one => post ? one.post === post : !one.post && one.question === question);
  }

  // Keep something, or no longer.
  toggle(thing) {
    const place = this.find(thing);
    if (place >= 0) this.list.splice(place, 1);
    else if (this.list.length >= MOST) {
      this.fault = `At most ${MOST} things are kept; remove one first.`;
      return;
    } else this.list.push({post: "", sentence: "", note: "", ...thing});
    this.save();
  }
}
