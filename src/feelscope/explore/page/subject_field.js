// The field for a subject, with suggestions from the archive's own, the most frequent first.

import {answer} from "./asker.js";
import {at, html, posts} from "./build.js";

const PAUSE = 120; // ms after a letter before suggestions are asked for

export class SubjectField {
  #pause = 0;
  #newest = 0;
  #known = new Set();

  // `choose(subject)` takes a subject, or none where it is empty.
  constructor(choose) {
    this.choose = choose;
    at("subject-form").addEventListener("submit", event => {
      event.preventDefault();
      this.#take();
    });
    at("subject").addEventListener("input", () => {
      if (this.#known.has(at("subject").value)) return this.#take(); // one of the list was picked
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => this.#suggest(), PAUSE);
    });
    at("subject").addEventListener("search", () => at("subject").value === "" && this.choose(""));
  }

  show(subject) {
    if (document.activeElement !== at("subject")) at("subject").value = subject;
  }

  #take() {
    clearTimeout(this.#pause);
    this.choose(at("subject").value.trim());
  }

  async #suggest() {
    const mine = ++this.#newest, typed = at("subject").value;
    const [found] = await answer("/subjects.json?begin=" + encodeURIComponent(typed));
    if (mine !== this.#newest || !found) return;
    this.#known = new Set(found.map(one => one.subject).filter(subject => subject !== typed));
    at("subject-list").replaceChildren(...found.map(one => html("option", {value: one.subject, label: posts(one.posts)})));
  }
}
