// Sentences: one a post, in the chosen order, with the words that were asked for marked; equal titles are one row.

import {count, html, refill} from "./build.js";
import {toDay, written} from "./dates.js";
import {marked} from "./marks.js";
import {original} from "./original.js";

const ORDERS = {
  oldest: "oldest first", newest: "newest first", surest: "those first whose emotion is surest",
  best: "best match first", typical: "most typical first",
};

// What keeps a sentence, or no longer.
function star(keeper, row) {
  const button = html("button", {type: "button", class: "star", "data-post": row.id, "data-key": "star " + row.id, onclick: () => keeper.toggle(row)});
  keeper.mark(button, row.id);
  return button;
}

export function drawSentences(place, note, {sentences}, href, open, search, keeper) {
  const {rows, total, order} = sentences;
  note.textContent = total ? `${count(total)} ${total === 1 ? "post" : "posts"}, one sentence of each, ${ORDERS[order]}` : "No post matches.";
  const byTitle = Map.groupBy(rows, row => row.alike > 1 && row.title ? row.title.trim().toLowerCase() : row.id);
  refill(place, [...byTitle.values()].map(([first, ...others]) => html("li", {},
    content(first, href, open, keeper),
    first.alike > 1 && first.title ? html("p", {class: "alike"}, html("button", {
      type: "button", class: "link", "data-key": "alike " + first.id, title: "Search for this title",
      onclick: () => search(`"${first.title.replace(/["\u201c-\u201f\uff02]/g, " ").trim()}"`),
    }, `${count(first.alike)} posts have this title`)) : null,
    others.length ? html("details", {class: "others", "data-key": "others " + first.id},
      html("summary", {"data-key": "summary others " + first.id}, `${count(others.length)} more of them on this page`),
      html("ol", {}, others.map(row => html("li", {}, content(row, href, open, keeper))))) : null)));
  for (const text of place.querySelectorAll(".said")) {
    if (text.scrollHeight > text.clientHeight + 4) text.after(more(text));
  }
}

function content(row, href, open, keeper) {
  const opens = event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
    event.preventDefault();
    open(row.id);
  };
  return [
    html("p", {class: "when"},
      html("a", {href: href(row.id), onclick: opens, "data-key": row.id, title: "Open the post"},
        html("time", row.date ? {datetime: row.date} : {}, row.date ? written(toDay(row.date.slice(0, 10))) : "no date")),
      original(row.url, "↗", "The original, where it was posted"),
      html("span", {class: "felt"}, [row.emotion, row.source].filter(Boolean).join(" · ")),
      star(keeper, row)),
    html("div", {class: "words"}, html("p", {class: "said", dir: "auto", onclick: opens},
      row.image ? html("img", {src: row.image, alt: "", loading: "lazy", class: "thumb"}) : null,
      marked(row.text, row.spans))),
  ];
}

// What is longer than four lines has a button for the rest.
function more(text) {
  const button = html("button", {type: "button", class: "link longer", "aria-expanded": "false", onclick: () => {
    const whole = text.classList.toggle("whole-text");
    button.textContent = whole ? "less" : "more";
    button.setAttribute("aria-expanded", String(whole));
  }}, "more");
  return button;
}
