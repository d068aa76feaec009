// The tray: questions and sentences that were kept, with notes, and their export as one file.

import {at, count, html, refill} from "./build.js";
import {Kept, LONGEST_NOTE} from "./kept.js";
import {saveFile} from "./save.js";

const PAUSE = 300; // ms after a letter of a note before it is stored

export class Tray {
  kept = new Kept();
  #pause = 0;
  #wrong = ""; // what is wrong with an export

  // `changed()` is called when something was kept or removed, `go(question)` opens a question.
  constructor(changed, go) {
    this.changed = changed;
    this.go = go;
    at("tray-open").addEventListener("click", () => this.#open());
    addEventListener("pagehide", () => this.#store());
  }

  // The dialog is on the page only while it is open.
  #open() {
    const dialog = html("dialog", {id: "tray", "aria-labelledby": "tray-heading",
      onclick: event => event.target === dialog && dialog.close(),
      onclose: () => {
        this.#store();
        dialog.remove();
      }},
      html("h2", {id: "tray-heading", tabindex: -1, autofocus: true}, "Kept"),
      html("p", {id: "tray-fault", role: "alert"}),
      html("ol", {id: "tray-rows"}),
      html("p", {class: "actions"},
        html("label", {}, "Title ", html("input", {id: "tray-title", maxlength: 200, autocomplete: "off"})),
        html("button", {type: "button", id: "tray-export", onclick: () => this.#export()}, "Export as one HTML file"),
        html("button", {type: "button", id: "tray-empty", onclick: () => this.#empty()}, "Remove all")),
      html("form", {method: "dialog"}, html("button", {"aria-label": "Close"}, "×")));
    document.body.append(dialog);
    this.#wrong = "";
    this.#draw();
    dialog.showModal();
  }

  #empty() {
    this.kept.list = [];
    this.kept.save();
    this.#show();
  }

  open(archive) {
    this.kept.open(archive, () => this.#show());
  }

  has(thing) {
    return this.kept.find(thing) >= 0;
  }

  toggle(thing) {
    this.kept.toggle(thing);
    this.#show();
  }

  #show() {
    at("tray-open").textContent = `Kept: ${count(this.kept.list.length)}`;
    at("tray-said").textContent = this.kept.fault;
    if (at("tray")) this.#draw();
    this.changed();
  }

  #store() {
    if (!this.#pause) return;
    clearTimeout(this.#pause);
    this.#pause = 0;
    this.kept.save();
    at("tray-said").textContent = this.kept.fault;
  }

  #draw() {
    const {list, fault} = this.kept;
    at("tray-fault").textContent = [fault, this.#wrong].filter(Boolean).join(" ");
    for (const name of ["tray-export", "tray-empty", "tray-title"]) at(name).disabled = !list.length;
    refill(at("tray-rows"), list.length ? list.map((one, place) => html("li", {},
      html("p", {class: one.post ? "said" : "asked", dir: "auto"}, one.post ? one.sentence : one.words),
      html("p", {class: "note"}, one.post ? `${one.words} ` : "",
        html("a", {href: "/?" + one.question, "data-key": `open ${place}`, onclick: event => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          at("tray").close();
          this.go("?" + one.question + (one.post ? "&post=" + encodeURIComponent(one.post) : ""));
        }}, "open"), " ",
        html("button", {type: "button", class: "only", "data-key": `remove ${place}`, onclick: () => this.toggle(one)}, "remove")),
      this.#note(one, place)))
      : html("li", {}, "Nothing yet. ☆ beside a sentence or the question keeps it here."));
  }

  #note(one, place) {
    const field = html("textarea", {rows: 2, maxlength: LONGEST_NOTE, placeholder: "A note", "aria-label": "A note", "data-key": `note ${place}`});
    field.value = one.note;
    field.addEventListener("input", () => {
      one.note = field.value;
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => this.#store(), PAUSE);
    });
    return field;
  }

  async #export() {
    this.#store();
    const kept = this.kept.list.map(({question, post, sentence, note}) => ({question, post, sentence, note}));
    try {
      const body = JSON.stringify({title: at("tray-title").value, kept});
      const got = await fetch("/finding.json", {method: "POST", headers: {"Content-Type": "application/json"}, body});
      const said = await got.json();
      this.#wrong = got.ok ? "" : said.error;
      if (got.ok) saveFile("finding.html", said.html, "text/html");
    } catch {
      this.#wrong = "No answer: is “feelscope explore serve” still running?";
    }
    if (at("tray")) this.#draw();
  }
}
