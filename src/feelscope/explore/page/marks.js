// Marks in a text. Spans count Unicode code points and a JavaScript string counts UTF-16 units, so the text is split
// into code points first. Where spans of Q and F overlap, both marks apply.

import {html} from "./build.js";

export function marked(text, spans) {
  const letters = Array.from(text); // code points
  const cuts = new Set([0, letters.length]);
  for (const {start, end} of spans) cuts.add(Math.min(start, letters.length)).add(Math.min(end, letters.length));
  const places = [...cuts].sort((one, other) => one - other);
  const pieces = [];
  for (let index = 0; index + 1 < places.length; index += 1) {
    const [start, end] = [places[index], places[index + 1]];
    const piece = letters.slice(start, end).join("");
    const kinds = new Set(spans.filter(span => span.start <= start && end <= span.end).map(span => span.mark));
    pieces.push(kinds.size ? html("mark", {class: [...kinds].join(" ")}, piece) : piece);
  }
  return pieces;
}
