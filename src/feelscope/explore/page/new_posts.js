// Posts that were added since the page was drawn: a button says how many there are, and shows them.

import {answer} from "./asker.js";
import {count} from "./build.js";

const EVERY = 5000; // milliseconds between two looks

export class NewPosts {
  // `known()` is how many posts the page is of, undefined before it is drawn; `show()` draws it of all there are.
  constructor(button, known, show) {
    this.button = button;
    button.addEventListener("click", () => {
      this.shown();
      show();
    });
    setInterval(() => document.visibilityState === "visible" && this.#look(known), EVERY);
  }

  shown() {
    this.button.hidden = true;
  }

  async #look(known) {
    const [said, fault] = await answer("/posts.json"); // without an answer nothing is said: the next question says it
    const added = fault || known() === undefined ? 0 : said.posts - known();
    this.button.hidden = added <= 0;
    if (added > 0) this.button.textContent = `${count(added)} new ${added === 1 ? "post" : "posts"}: show`;
  }
}
