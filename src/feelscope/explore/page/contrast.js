// Subjects of a comparison, in two columns: more frequent in what is asked, and in what it is compared with.

import {count, html, percent, refill} from "./build.js";
import {also} from "./subjects.js";

const share = (some, all) => percent(some / all).replace("under ", "<");

export function drawContrast(place, note, {contrast}, state, choose) {
  const {more, less} = contrast;
  note.textContent = more.total + less.total
    ? `Share of the posts on either side, those first that differ most beyond chance (G²). Grey: may be chance, as ${count(contrast.subjects)} subjects were compared.`
    : "No subjects.";
  refill(place, html("li", {class: "sides"}, column("More here", "q", more), column("More in what is compared", "b", less)));

  function column(title, kind, {rows}) {
    return html("section", {}, html("h3", {class: kind}, title), html("ol", {}, rows.map(row => {
      const chosen = row.subject === state.subject;
      return html("li", {class: `${chosen ? "chosen" : ""} ${row.clear ? "" : "chance"}`},
        html("button", {
          type: "button", class: "topic " + row.kind, "aria-pressed": String(chosen), "data-key": "subject " + row.subject,
          onclick: () => choose(chosen ? "" : row.subject),
          "aria-label": `${row.subject}, ${count(row.posts)} posts here, ${count(row.other_posts)} in what is compared${row.clear ? "" : ", which may be chance"}`,
          title: `${count(row.posts)} of ${count(contrast.posts)} here, ${count(row.other_posts)} of ${count(contrast.other_posts)} there; G² ${row.g2.toFixed(1)}`,
        }, row.subject),
        html("span", {class: "number", "aria-hidden": "true"},
          html("span", {class: "side-a"}, share(row.posts, contrast.posts)), " · ", html("span", {class: "side-b"}, share(row.other_posts, contrast.other_posts))),
        row.merged.length ? also(row, state, choose) : null);
    })));
  }
}
