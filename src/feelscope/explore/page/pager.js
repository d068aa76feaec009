// Pages of a view: first, back, a number to type, on, last.

import {count, html, refill} from "./build.js";

export function drawPager(place, {page, pages, total}, words, turn) {
  place.hidden = total === 0 || pages < 2;
  if (place.hidden) return refill(place);
  const button = (name, label, to) => html("button", {
    type: "button", "data-key": name, disabled: to < 1 || to > pages || to === page, "aria-label": label, onclick: () => turn(to),
  }, name);
  const field = html("input", {
    type: "number", min: 1, max: pages, value: page, "aria-label": `Page, of ${count(pages)}`, "data-key": "number",
    onchange: event => turn(Math.max(1, Math.min(pages, Number.parseInt(event.target.value, 10) || 1))),
  });
  refill(place, button("«", "First page", page === 1 ? 0 : 1), button(`‹ ${words[0]}`, `Page back: ${words[0]}`, page - 1),
    html("label", {}, field, ` of ${count(pages)}`),
    button(`${words[1]} ›`, `Page on: ${words[1]}`, page + 1), button("»", "Last page", page === pages ? 0 : pages));
}
