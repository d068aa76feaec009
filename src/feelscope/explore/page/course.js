// The course of an emotion: its share of the posts for Q over time with a 95% band, beside the archive's own line, with
// changes and short events as marks and in words.

import {scale, timeAxis} from "./axis.js";
import {html, percent, refill, svg} from "./build.js";
import {binWritten, spanWritten, toDay, written} from "./dates.js";
import {GUTTER, MARGIN} from "./timeline.js";

export function drawCourse(section, {course, against, feelings, archive, timeline}, state, {close, only}) {
  section.hidden = !course;
  if (section.hidden) return;
  const name = course.emotion, shown = course.bins.filter(bin => bin.share !== null);
  const chosen = state.emotion === name;
  refill(section,
    html("div", {class: "head"},
      html("h3", {}, `${name[0].toUpperCase()}${name.slice(1)} over time`),
      html("button", {type: "button", class: "only", "aria-pressed": String(chosen), "data-key": "course only", onclick: () => only(name)}, `only posts read as ${name}`),
      html("button", {type: "button", class: "only", "data-key": "course close", onclick: close}, "close"),
      html("a", {class: "export", "data-view": "course", download: true, href: section.dataset.href}, "CSV")),
    shown.length ? chart(section.clientWidth, course, against, feelings, state, archive, timeline.bins) : null,
    html("p", {class: "note"}, shown.length
      ? `Share of ${name} among the posts, by ${course.unit}, with its 95% band; grey: the archive${against && !against.by_time ? "; dashed: what is compared" : ""}. A ${course.unit} of under 30 posts has no share.`
      : `No ${course.unit} has the 30 posts that a share needs.`),
    shown.length ? html("ul", {class: "happened"}, happened(course)) : null);
}

function happened(course) {
  const points = share => `${Math.abs(share * 100).toFixed(0)} points ${share > 0 ? "more" : "less"}`;
  const range = ({low, high}) => `${(low * 100).toFixed(0)} to ${(high * 100).toFixed(0)}`.replace(/-/g, "−");
  const items = [
    ...course.changes.map(one => [one.at, `Changed from ${written(toDay(one.at))} on: ${percent(one.before)} before, ${percent(one.after)} after (${points(one.difference)}; ${range(one)}).`]),
    ...course.events.map(one => [one.from, `Short event, ${binWritten(toDay(one.from), toDay(one.to), course.unit === "day" ? "week" : course.unit)}: ${percent(one.share)}, against ${percent(one.around)} around it.`]),
  ].sort(([one], [other]) => one < other ? -1 : 1);
  return items.length ? items.map(([, text]) => html("li", {}, text)) : [html("li", {}, "No change and no short event beyond chance.")];
}

function chart(wide, course, against, feelings, state, archive, drawn) {
  const width = Math.max(240, wide), height = 190;
  const edge = {left: GUTTER, right: width - MARGIN, top: 20, bottom: height - 22};
  const {bins} = course, [begin, end] = [toDay(drawn[0].from), toDay(drawn.at(-1).to)]; // in line with the timeline
  const toX = day => edge.left + Math.max(0, Math.min(1, (day - begin) / (end - begin))) * (edge.right - edge.left);
  let most = 0.02;
  for (const bin of bins) for (const side of [bin, bin.archive, bin.other]) {
    if (side && side.share !== null) most = Math.max(most, side === bin ? side.high : side.share);
  }
  const {ticks} = scale(most, true), toY = share => edge.bottom - share / most * (edge.bottom - edge.top);
  const middle = bin => (toX(toDay(bin.from)) + toX(toDay(bin.to))) / 2;
  const byTime = against?.by_time && feelings?.compared === "other";
  const row = byTime ? feelings.rows.find(one => one.emotion === course.emotion) : null;
  const level = (from, to, share, kind) => share === null ? null : svg("line", {
    x1: Math.max(edge.left, toX(toDay(from))), x2: Math.min(edge.right, toX(toDay(to))), y1: toY(share), y2: toY(share), class: "side " + kind});
  return svg("svg", {class: "course", width, height, role: "img", "aria-label": `Share of ${course.emotion} by ${course.unit}, ${spanWritten(begin, end)}`},
    svg("g", {class: "grid"}, ticks.flatMap(tick => [
      svg("line", {x1: edge.left, x2: edge.right, y1: toY(tick), y2: toY(tick), class: tick ? "" : "base"}),
      svg("text", {x: edge.left - 6, y: toY(tick) + 4, "text-anchor": "end"}, percent(tick, most < 0.03 ? 1 : 0)),
    ]), timeAxis(begin, end, toX, edge)),
    runs(bins, bin => bin.share).map(run => svg("path", {class: "band", d: band(run, middle, toY)})),
    svg("path", {class: "line archive", d: line(bins, bin => bin.archive.share, middle, toY)}),
    bins[0].other ? svg("path", {class: "line b", d: line(bins, bin => bin.other.share, middle, toY)}) : null,
    svg("path", {class: "line a", d: line(bins, bin => bin.share, middle, toY)}),
    bins.filter(bin => bin.share !== null).map(bin => svg("circle", {class: "dot", r: bins.length > 60 ? 1.5 : 2.5, cx: middle(bin), cy: toY(bin.share)},
      svg("title", {}, `${binWritten(toDay(bin.from), toDay(bin.to), course.unit)}: ${percent(bin.share)} (${percent(bin.low)} to ${percent(bin.high)}) of ${bin.posts} posts`))),
    row ? [level(state.from || archive.from, state.to || archive.to, row.share, "a"),
      against.rest ? null : level(against.from, against.to, row.other.share, "b")] : null,
    course.changes.flatMap(one => [
      svg("line", {class: "change", x1: toX(toDay(one.at)), x2: toX(toDay(one.at)), y1: edge.top - 6, y2: edge.bottom}),
      svg("text", {class: "happened", x: toX(toDay(one.at)), y: edge.top - 9,
        "text-anchor": toX(toDay(one.at)) > (edge.left + edge.right) / 2 ? "end" : "start"}, `${percent(one.before)} → ${percent(one.after)}`)]),
    course.events.map(one => svg("path", {class: "event", transform: `translate(${(toX(toDay(one.from)) + toX(toDay(one.to))) / 2} ${toY(one.share) - 8})`, d: "M0 0L5 -8L-5 -8Z"})));
}

// Runs of bins that follow one another and have a value.
function runs(bins, value) {
  const found = [];
  let open = null;
  for (const bin of bins) {
    if (value(bin) === null) open = null;
    else if (open) open.push(bin);
    else found.push(open = [bin]);
  }
  return found;
}

function line(bins, value, middle, toY) {
  return runs(bins, value).map(run => run.map((bin, place) => `${place ? "L" : "M"}${middle(bin).toFixed(1)} ${toY(value(bin)).toFixed(1)}`).join("")).join("");
}

function band(run, middle, toY) {
  const at = (bin, name) => `${middle(bin).toFixed(1)} ${toY(bin[name]).toFixed(1)}`;
  if (run.length === 1) {
    const x = middle(run[0]), [low, high] = [toY(run[0].low).toFixed(1), toY(run[0].high).toFixed(1)];
    return `M${x - 3} ${low}H${x + 3}V${high}H${x - 3}Z`;
  }
  return "M" + run.map(bin => at(bin, "high")).join("L") + "L" + run.toReversed().map(bin => at(bin, "low")).join("L") + "Z";
}
