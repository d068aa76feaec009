// Sentences: one a post, in the order of their dates, with the words that were asked for marked.

import {count, html, refill} from "./build.js";
import {toDay, written} from "./dates.js";
import {marked} from "./marks.js";

export function drawSentences(place, note, {sentences}, state, href, open) {
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
        row.source ? html("span", {class: "source"}, row.source) : null),
      html("p", {class: "said", dir: "auto", onclick: opens},
        row.image ? html("img", {src: row.image, alt: "", loading: "lazy", class: "thumb"}) : null,
        marked(row.text, row.spans)));
  }));
}
