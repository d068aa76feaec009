// Subjects: what else the posts speak of, how often, when, and with which emotions more or less than other posts.

import {count, html, percent, posts, refill, svg} from "./build.js";
import {sparkline} from "./sparkline.js";

const WIDE = 120; // units across the drawing of an interval

export function drawSubjects(place, note, {subjects}, state, choose) {
  const {rows, total, bins} = subjects;
  note.textContent = total ? `${count(total)} found; first those that are mentioned more often here than elsewhere, beyond chance (G²). Emotions: posts with the subject less those of the same question without it, from 20 posts on.` : "No subjects.";
  refill(place, rows.map(row => {
    const chosen = row.subject === state.subject;
    return html("li", {class: chosen ? "chosen" : ""},
      html("button", {
        type: "button", class: "topic " + row.kind, "aria-pressed": String(chosen), "data-key": "subject " + row.subject,
        onclick: () => choose(chosen ? "" : row.subject),
        "aria-label": `${row.subject}, ${posts(row.posts)}`,
        title: `${posts(row.posts)} here, ${count(row.archive_posts)} in the whole archive`,
      }, row.subject),
      html("span", {class: "number", "aria-hidden": "true"}, count(row.posts)),
      sparkline(bins, row.sparkline),
      row.merged.length ? also(row, state, choose) : null,
      row.emotions ? feelings(row) : null);
  }));
}

const FEW = 3; // merged subjects that are shown at once

// The subjects that are one row with another, each to be chosen by itself.
export function also(row, state, choose) {
  const button = subject => html("button", {
    type: "button", class: "other", "aria-pressed": String(subject === state.subject), "data-key": "subject " + subject,
    onclick: () => choose(subject === state.subject ? "" : subject),
  }, subject);
  const list = subjects => subjects.flatMap((subject, place) => place ? [", ", button(subject)] : [button(subject)]);
  const [some, rest] = [row.merged.slice(0, FEW), row.merged.slice(FEW)];
  return html("p", {class: "also"}, "also: ", list(some),
    rest.length ? html("details", {"data-key": "also " + row.subject, open: rest.includes(state.subject)},
      html("summary", {"data-key": "also summary " + row.subject}, `${count(rest.length)} more`), list(rest)) : null);
}

function feelings(row) {
  const clear = row.emotions.filter(one => one.low > 0 || one.high < 0)
    .sort((one, other) => Math.abs(other.difference) - Math.abs(one.difference));
  const said = clear.slice(0, 2).map(one => html("span", {class: one.difference > 0 ? "more" : "less"},
    `${one.difference > 0 ? "more" : "less"} ${one.emotion} ${points(one.difference)}`));
  const widest = Math.max(0.1, ...row.emotions.flatMap(one => [Math.abs(one.low), Math.abs(one.high)]));
  const toX = share => ((share / widest + 1) / 2 * WIDE).toFixed(1);
  return html("details", {"data-key": "details " + row.subject},
    html("summary", {"data-key": "summary " + row.subject}, said.length ? said : html("span", {class: "few"}, "no clear difference")),
    html("table", {},
      html("caption", {}, `Share of each emotion, in percentage points more or less in the posts of the question with “${row.subject}” than in those without it; intervals that hold for this page at 95%`),
      html("tbody", {}, row.emotions.map(one => html("tr", {class: one.low > 0 || one.high < 0 ? "clear" : ""},
        html("th", {scope: "row"}, one.emotion),
        html("td", {}, svg("svg", {class: "interval", viewBox: `0 0 ${WIDE} 14`, "aria-hidden": "true"},
          svg("line", {x1: WIDE / 2, x2: WIDE / 2, y1: 0, y2: 14, class: "zero"}),
          svg("line", {x1: toX(one.low), x2: toX(one.high), y1: 7, y2: 7}),
          svg("circle", {cx: toX(one.difference), cy: 7, r: 3.2}))),
        html("td", {class: "number"}, `${points(one.difference)} `, html("small", {}, `${points(one.low)} to ${points(one.high)}`)))))));
}

function points(share) {
  const text = percent(Math.abs(share)).replace("%", "").replace("under 1", "0");
  return text === "0" ? "0" : (share > 0 ? "+" : "−") + text;
}
