// Small drawings without axes: bars of counts over a time. They stretch to their place.

import {svg} from "./build.js";
import {toDay} from "./dates.js";

const [WIDE, TALL] = [200, 100]; // units of the drawing; CSS gives the size

// `bins` say when, first day and the day after the last of each, and `counts` how many.
export function sparkline(bins, counts) {
  if (!bins.length) return null; // no post has a date
  const [begin, end] = [toDay(bins[0][0]), toDay(bins.at(-1)[1])];
  const toX = day => ((toDay(day) - begin) / (end - begin) * WIDE).toFixed(2);
  let most = 1, bars = "";
  for (const number of counts) most = Math.max(most, number);
  bins.forEach(([from, to], place) => {
    if (counts[place]) bars += `M${toX(from)} ${TALL}V${(TALL - counts[place] / most * TALL).toFixed(1)}H${toX(to)}V${TALL}Z`;
  });
  return svg("svg", {class: "spark", viewBox: `0 0 ${WIDE} ${TALL}`, preserveAspectRatio: "none", "aria-hidden": "true"},
    svg("path", {class: "bars", d: bars}));
}
