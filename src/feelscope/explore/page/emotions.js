// The emotion lens: a small drawing an emotion, all to the same scale, with the share over time and the raw counts.

import {at, count, html, percent, posts, refill} from "./build.js";
import {sparkline} from "./sparkline.js";

const FEWEST = 30; // posts of a bin under which its shares are hidden, as the server does

export function drawEmotions(place, {timeline, archive}, state, choose) {
  const {bins, unit} = timeline;
  const names = archive.emotions;
  const most = Math.max(1, ...bins.flatMap(bin => names.map(name => bin.emotions[name] ?? 0)));
  const highest = Math.max(0.01, ...bins.flatMap(bin => names.map(name => bin.shares?.[name] ?? 0)));
  const known = bins.some(bin => bin.shares);
  refill(place, names.map(name => {
    const drawing = sparkline(bins, {
      counts: bins.map(bin => bin.emotions[name] ?? 0), most, highest,
      shares: bins.map(bin => bin.shares?.[name] ?? null), kind: "lens",
    });
    return html("button", {
      type: "button", class: "emotion", "aria-pressed": String(state.emotion === name), "data-key": name,
      onclick: () => choose(name),
    }, html("span", {class: "name"}, name), html("span", {class: "number", "data-emotion": name}), drawing);
  }));
  at("emotions-note").textContent = !bins.length ? "" : known
    ? `Line: share of each ${unit}’s posts, all to the same scale, up to ${percent(highest)}; none where a ${unit} has fewer than ${FEWEST} posts. `
      + `Bars: posts. Numbers: the chosen time.`
    : `Bars: posts, all to the same scale, up to ${count(most)} a ${unit}. No ${unit} has the ${FEWEST} posts that a share needs.`;
}

// The numbers follow the chosen time, which moves while the drawings stay.
export function countEmotions(place, {counts, archive}) {
  const total = archive.emotions.reduce((sum, name) => sum + (counts.emotions[name] ?? 0), 0);
  for (const number of place.querySelectorAll("[data-emotion]")) {
    const found = counts.emotions[number.dataset.emotion] ?? 0;
    number.replaceChildren(total ? percent(found / total) : "–", html("small", {}, ` ${posts(found)}`));
  }
}
