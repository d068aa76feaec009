// How the posts feel, measured against the archive in the same time: a row an emotion, those farthest from it first.
// A dot and its 95% interval for Q in T (and F), a hollow mark for the archive, a diamond for what is compared.

import {count, html, percent, posts, refill, svg} from "./build.js";
import {scale} from "./axis.js";

const at = share => `${(share * 100).toFixed(2)}%`;

// `hold` keeps the order of the rows, as while something is dragged; `follow` draws an emotion's course, `only` takes it
// as the emotion that posts have.
export function drawFeelings(place, note, {feelings, archive}, state, {follow, only}, hold) {
  const {rows} = feelings, compared = feelings.compared === "other";
  const before = [...place.querySelectorAll("[data-emotion]")].map(row => row.dataset.emotion);
  if (hold && before.length === rows.length) rows.sort((one, other) => before.indexOf(one.emotion) - before.indexOf(other.emotion));
  let highest = 0.05;
  for (const row of rows) highest = Math.max(highest, row.high ?? 0, row.archive_share ?? 0, row.other?.high ?? 0);
  const top = Math.min(1, highest * 1.04), {ticks} = scale(top, true);
  const isAll = feelings.posts === feelings.archive_posts && !compared;
  refill(place,
    rows.map(row => {
      const pressed = state.course === row.emotion, chosen = state.emotion === row.emotion;
      return html("li", {class: `feeling ${row.emotion === "neutral" ? "plain" : ""}`, "data-emotion": row.emotion},
        html("button", {
          type: "button", class: "name", "aria-pressed": String(pressed), "data-key": "course " + row.emotion,
          title: `Draw the share of ${row.emotion} over time`, onclick: () => follow(row.emotion),
        }, row.emotion),
        dots(row, ticks, top, isAll),
        html("span", {class: "words", title: `${posts(row.posts)} of ${count(feelings.posts)}`}, words(row, isAll)),
        html("button", {
          type: "button", class: "only", "aria-pressed": String(chosen), "data-key": row.emotion,
          "aria-label": `Only posts read as ${row.emotion}`, onclick: () => only(row.emotion),
        }, "only these"));
    }),
    html("li", {class: "feeling axis", "aria-hidden": "true"}, html("span"),
      html("span", {class: "ticks"}, svg("svg", {}, ticks.map((tick, place) => svg("text", {
        x: at(tick / top), y: 12, "text-anchor": place ? "middle" : "start",
      }, percent(tick)))))));
  note.replaceChildren(...legend(feelings, compared, isAll));
}

function words(row, isAll) {
  if (isAll) return `${percent(row.share ?? 0)} · ${posts(row.posts)}`;
  const [share, ...rest] = row.words.split(", ");
  return [html("strong", {}, share), " ", rest.join(", ")];
}

function dots(row, ticks, top, isAll) {
  const y = row.other ? 10 : 14;
  const parts = [
    ticks.map(tick => svg("line", {x1: at(tick / top), x2: at(tick / top), y1: 0, y2: 28, class: "gridline"})),
    row.archive_share !== null && !isAll ? mark("archive", row.archive_share / top, svg("rect", {x: -3, y: 3, width: 6, height: 22, rx: 1})) : null,
    row.other?.share !== null && row.other ? [
      svg("line", {x1: at(row.other.low / top), x2: at(row.other.high / top), y1: 20, y2: 20, class: "whisker b"}),
      mark("b", row.other.share / top, svg("path", {d: "M0 14.5L5.5 20L0 25.5L-5.5 20Z"}))] : null,
    row.share !== null ? [
      svg("line", {x1: at(row.low / top), x2: at(row.high / top), y1: y, y2: y, class: "whisker a"}),
      mark("a", row.share / top, svg("circle", {r: 5, cy: y}))] : null,
  ];
  return html("span", {class: "track", "aria-hidden": "true"}, svg("svg", {}, parts.flat(3).filter(Boolean)));
}

const mark = (kind, share, shape) => svg("svg", {x: at(share), class: "at " + kind, overflow: "visible"}, shape);

function legend(feelings, compared, isAll) {
  const sign = (kind, shape, text) => html("span", {class: "sign"},
    svg("svg", {class: "key", viewBox: "-8 0 16 28", "aria-hidden": "true"}, svg("g", {class: "at " + kind}, shape)), text);
  if (isAll) return [`${posts(feelings.posts)}, the whole archive: there is nothing to measure it against.`];
  return [
    sign("a", svg("circle", {r: 5, cy: 14}), `${posts(feelings.posts)} of the question, with 95% intervals`),
    compared ? sign("b", svg("path", {d: "M0 8L6 14L0 20L-6 14Z"}), `${posts(feelings.other_posts)} compared with`) : null,
    sign("archive", svg("rect", {x: -3, y: 3, width: 6, height: 22, rx: 1}), `the archive in the same time, ${posts(feelings.archive_posts)}`),
  ].filter(Boolean);
}

// What is clearest, in a sentence for the top of the page.
export function finding({feelings}) {
  if (!feelings || !feelings.posts) return "";
  const {rows, clearest, compared} = feelings;
  if (feelings.posts === feelings.archive_posts && compared === "archive") {
    const [first, second] = rows.filter(row => row.emotion !== "neutral").sort((one, other) => other.share - one.share);
    if (!first) return "";
    return `Beside neutral, ${first.emotion} is most frequent (${percent(first.share)})${second ? `, then ${second.emotion} (${percent(second.share)})` : ""}.`;
  }
  const row = rows.find(one => one.emotion === clearest);
  const figures = one => compared === "other" ? one.other.beyond : one.from_archive;
  const next = rows.find(one => one.emotion !== clearest && one.emotion !== "neutral" && (figures(one)?.low > 0 || figures(one)?.high < 0));
  const plain = rows.find(one => one.emotion === "neutral"), unlike = plain && figures(plain);
  if (!row && unlike && (unlike.low > 0 || unlike.high < 0)) return `${unlike.low > 0 ? "More" : "Fewer"} are neutral: ${plain.words}.`;
  if (!row) return `No emotion is clearly more or less frequent than in ${compared === "other" ? "what is compared" : "the archive"}.`;
  return `Clearest is ${row.emotion}: ${row.words}${next ? `; then ${next.emotion}: ${next.words}` : ""}.`;
}
