// Sentences: one a post, in the order of their dates, with the words that were asked for marked.

import {count, html, refill} from "./build.js";
import {toDay, written} from "./dates.js";
import {marked} from "./marks.js";

// What keeps a sentence, or no longer.
function star(keeper, row) {
  const button = html("button", {type: "button", class: "star", "data-post": row.id, "data-key": "star " + row.id, onclick: () => keeper.toggle(row)});
  keeper.mark(button, row.id);
  return button;
}

export function drawSentences(place, note, {sentences}, state, href, open, keeper) {
  const {rows, total} = sentences;
  note.textContent = total ? `${count(total)} ${total === 1 ? "post" : "posts"}, one sentence of each, oldest first` : "No post matches.";
  refill(place, rows.map(row => {
    const opens = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
      event.preventDefault();
      open(row.id);
    };
    return html("li", {},
      html("p", {class: "when"},
        html("a", {href: href(row.id), onclick: opens, "data-key": row.id, title: "Open the post"},
          html("time", row.date ? {datetime: row.date} : {}, row.date ? written(toDay(row.date.slice(0, 10))) : "no date")),
        html("span", {class: "felt"}, row.emotion),
        star(keeper, row)),
      html("p", {class: "said", dir: "auto", onclick: opens},
        row.image ? html("img", {src: row.image, alt: "", loading: "lazy", class: "thumb"}) : null,
        marked(row.text, row.spans)));
  }));
}
