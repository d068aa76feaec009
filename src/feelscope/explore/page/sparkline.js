// Small drawings without axes: bars of counts, a line of shares, the chosen time behind them. They stretch to their place.

import {svg} from "./build.js";
import {toDay} from "./dates.js";

const [WIDE, TALL] = [200, 100]; // units of the drawing; CSS gives the size

// `bins` say when, `counts` how many a bin, `shares` may be left out, and null within it is a gap.
export function sparkline(bins, {counts, most, shares = null, highest = 1, kind = ""}) {
  if (!bins.length) return null; // no post has a date
  const [begin, end] = [toDay(bins[0].from), toDay(bins.at(-1).to)];
  const toX = text => (toDay(text) - begin) / (end - begin) * WIDE;
  let bars = "", line = "", pen = "M";
  bins.forEach((bin, place) => {
    const [left, right] = [toX(bin.from), toX(bin.to)];
    if (counts[place]) bars += `M${left.toFixed(2)} ${TALL}V${(TALL - counts[place] / most * TALL).toFixed(1)}H${right.toFixed(2)}V${TALL}Z`;
    const share = shares?.[place];
    if (share === null || share === undefined) {
      pen = "M";
      return;
    }
    const y = (TALL - share / highest * TALL).toFixed(1);
    line += `${pen}${left.toFixed(2)} ${y}H${right.toFixed(2)}`;
    pen = "L";
  });
  return svg("svg", {class: `spark ${kind}`, viewBox: `0 0 ${WIDE} ${TALL}`, preserveAspectRatio: "none", "aria-hidden": "true"},
    svg("rect", {class: "time", y: 0, height: TALL, width: 0, "data-begin": begin, "data-end": end}),
    svg("path", {class: "bars", d: bars}),
    shares ? svg("path", {class: "line", d: line}) : null);
}

// Shade the chosen time, in days, in every drawing of a place; the whole is not shaded.
export function shade(place, from, to, whole) {
  for (const time of place.querySelectorAll(".spark .time")) {
    const begin = Number(time.dataset.begin), end = Number(time.dataset.end);
    const [left, right] = [from, to].map(day => Math.max(0, Math.min(1, (day - begin) / (end - begin))) * WIDE);
    time.setAttribute("x", left);
    time.setAttribute("width", whole ? 0 : Math.max(1, right - left));
  }
}
