// Facets: the values of source, author, tags and other columns, to filter by, with the share of one emotion in each.

import {count, html, percent, posts, refill, svg} from "./build.js";

const FIRST = 6; // values that are shown before "more"

// The emotion whose share is shown.
export const emotionOf = (feelings, state) => state.course || state.emotion || feelings?.clearest || "";

// Facets of which every post has the same value say nothing; `choose(key, value)` sets a value or takes it off.
export function drawFacets(section, place, {facets, feelings}, state, choose) {
  const shown = facets.filter(({key, values}) => values.length > 1 || state.facets[key]);
  section.hidden = !shown.length;
  const felt = emotionOf(feelings, state);
  refill(place, shown.map(({facet, key, values, more}) => {
    const most = Math.max(1, ...values.map(row => row.posts));
    const rows = values.map(row => value(row, key, most, felt, state, choose));
    const rest = rows.slice(FIRST);
    return html("section", {"aria-label": facet},
      html("h3", {}, facet[0].toUpperCase() + facet.slice(1), felt ? html("small", {}, `posts · ${felt}`) : html("small", {}, "posts")),
      html("ol", {}, rows.slice(0, FIRST)),
      rest.length ? html("details", {"data-key": "facet " + key},
        html("summary", {"data-key": "summary facet " + key}, `${count(rest.length)} more`), html("ol", {}, rest),
        more !== 0 ? html("p", {class: "note"}, more ? `and ${count(more)} others` : "and others") : null) : null);
  }));
}

function value(row, key, most, felt, state, choose) {
  const chosen = state.facets[key] === row.value;
  const all = Object.values(row.emotions).reduce((sum, number) => sum + number, 0);
  const shares = Object.entries(row.emotions).filter(([, number]) => number).sort((one, other) => other[1] - one[1])
    .map(([name, number]) => `${name} ${percent(number / all)}`).join(", ");
  return html("li", {class: chosen ? "chosen" : ""},
    html("button", {
      type: "button", class: "value", "aria-pressed": String(chosen), "data-key": `facet ${key} ${row.value}`,
      title: shares, "aria-label": `${row.value}, ${posts(row.posts)}: ${shares}`, onclick: () => choose(key, row.value),
    }, html("span", {}, row.value), chosen ? html("span", {"aria-hidden": "true"}, "×") : null),
    html("span", {class: "number", "aria-hidden": "true"}, count(row.posts)),
    felt ? html("span", {class: "number felt", "aria-hidden": "true"}, all >= 20 ? percent(row.emotions[felt] / all) : "–") : null,
    svg("svg", {class: "amount", "aria-hidden": "true"}, svg("rect", {width: `${100 * row.posts / most}%`, height: 2})));
}
