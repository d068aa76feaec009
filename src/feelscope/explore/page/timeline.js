// The timeline: posts for Q in each bin, those that mention F drawn over them, and the time that is chosen.

import {Brush} from "./brush.js";
import {count, html, percent, svg} from "./build.js";
import {toDay, written, yearOf} from "./dates.js";

const FEWEST = 30; // posts of a bin under which a share says nothing
const HEADROOM = 16; // pixels above the highest bin, for the frame of the chosen time
const STEPS = {day: 7, month: 12, year: 5}; // bins that a long step of the keyboard takes

export class Timeline {
  #drawn = null; // what is drawn, to draw it again at another width

  constructor(place, heard) {
    this.place = place;
    this.chart = svg("svg", {class: "chart", role: "group", "aria-label": "Posts over time"});
    this.grid = svg("g", {class: "grid", "aria-hidden": "true"});
    this.query = svg("path", {class: "area query"});
    this.subject = svg("path", {class: "area subject"});
    this.hover = svg("rect", {class: "hover", width: 0});
    this.peak = svg("text", {class: "peak", "aria-hidden": "true"});
    this.brush = new Brush(this.chart, heard);
    this.chart.append(this.hover, this.grid, this.query, this.subject, this.brush.layer, this.peak);
    this.tip = html("div", {class: "tip", hidden: true, "aria-hidden": "true"});
    place.append(this.chart, this.tip);
    new ResizeObserver(() => this.#drawn && this.draw(...this.#drawn)).observe(place);
    this.chart.addEventListener("pointermove", event => this.#point(event));
    this.chart.addEventListener("pointerleave", () => this.#point(null));
  }

  draw(timeline, archive, state) {
    this.#drawn = [timeline, archive, state];
    const {bins, unit} = timeline;
    if (!bins.length) return;
    const width = Math.max(240, this.place.clientWidth), height = width < 500 ? 190 : 260;
    const edge = {left: 1, right: width - 1, top: 12, bottom: height - 24};
    const [begin, end] = [toDay(bins[0].from), toDay(bins.at(-1).to)];
    const toX = day => edge.left + (day - begin) / (end - begin) * (edge.right - edge.left);
    const toDayAt = x => begin + (x - edge.left) / (edge.right - edge.left) * (end - begin);
    const shares = state.scale === "share";
    const value = (bin, name) => shares ? (bin.archive < FEWEST ? null : bin[name] / bin.archive) : bin[name];
    this.bins = bins.map(bin => ({...bin, left: toX(toDay(bin.from)), right: toX(toDay(bin.to))}));
    const highest = Math.max(0, ...this.bins.map(bin => value(bin, "query") ?? 0));
    const {top, ticks} = scale(highest, shares);
    const toY = number => edge.bottom - number / top * (edge.bottom - edge.top - HEADROOM);
    this.chart.setAttribute("width", width);
    this.chart.setAttribute("height", height);
    this.query.setAttribute("d", steps(this.bins, bin => value(bin, "query"), toY, edge.bottom));
    this.subject.setAttribute("d", state.subject ? steps(this.bins, bin => value(bin, "subject"), toY, edge.bottom) : "");
    this.#grid(ticks, toX, toY, edge, begin, end, shares);
    this.#peak(highest, value, toY, edge, unit, shares);
    this.geometry = {edge, unit, shares};
    const edges = [...new Set([toDay(archive.from), ...bins.slice(1).map(bin => toDay(bin.from)), toDay(archive.to)])];
    this.brush.fit({edges, toX, toDay: toDayAt, ...edge, step: STEPS[unit]});
    this.select(state.from ? toDay(state.from) : toDay(archive.from), state.to ? toDay(state.to) : toDay(archive.to));
    const most = this.bins.find(bin => value(bin, "query") === highest);
    const label = `Posts over time, from ${written(begin, "month")} to ${written(end - 1, "month")}.`;
    this.chart.setAttribute("aria-label", highest && most ? `${label} Most in ${written(toDay(most.from), unit)}.` : label);
  }

  select(from, to) {
    if (!this.brush.dragging) this.brush.show(from, to);
  }

  #grid(ticks, toX, toY, edge, begin, end, shares) {
    const digits = Math.max(0, Math.ceil(-Math.log10(ticks[1] ?? 1) - 2 - 1e-9)); // that tell the ticks apart
    const lines = ticks.map(tick => [
      svg("line", {x1: edge.left, x2: edge.right, y1: toY(tick), y2: toY(tick), class: tick ? "" : "base"}),
      tick ? svg("text", {x: edge.left + 10, y: toY(tick) - 4}, shares ? percent(tick, digits) : count(tick)) : null,
    ]);
    const years = [];
    const room = (toX(begin + 365) - toX(begin)) < 38;
    for (let year = yearOf(begin); year <= yearOf(end - 1); year += 1) {
      const day = toDay(`${year}-01-01`), x = Math.max(edge.left, toX(day));
      const next = Math.min(edge.right, toX(toDay(`${year + 1}-01-01`)));
      if (day > begin) years.push(svg("line", {x1: x, x2: x, y1: edge.bottom, y2: edge.bottom + 6, class: "tick"}));
      const text = room ? "’" + String(year).slice(2) : String(year);
      if (next - x > (room ? 16 : 34)) {
        years.push(svg("text", {x: (x + next) / 2, y: edge.bottom + 18, "text-anchor": "middle"}, text));
      }
    }
    this.grid.replaceChildren(...lines.flat().filter(Boolean), ...years);
  }

  #peak(highest, value, toY, edge, unit, shares) {
    const most = highest > 0 ? this.bins.find(bin => value(bin, "query") === highest) : null;
    if (!most) return this.peak.replaceChildren();
    const middle = (most.left + most.right) / 2, late = middle > (edge.left + edge.right) / 2;
    const number = shares ? percent(highest, highest < 0.1 ? 1 : 0) : count(highest);
    this.peak.setAttribute("x", late ? most.left - 6 : most.right + 6);
    this.peak.setAttribute("y", toY(highest) + 4);
    this.peak.setAttribute("text-anchor", late ? "end" : "start");
    this.peak.replaceChildren(`${number} in ${written(toDay(most.from), unit)}`);
  }

  #point(event) {
    const x = event && event.clientX - this.chart.getBoundingClientRect().left;
    const bin = event && this.bins?.find(one => one.left <= x && x < one.right);
    this.tip.hidden = !bin || (event.pointerType === "touch" && !this.brush.dragging);
    this.hover.setAttribute("width", bin ? Math.max(1, bin.right - bin.left) : 0);
    if (!bin) return;
    const [, , state] = this.#drawn, {edge, unit, shares} = this.geometry;
    this.hover.setAttribute("x", bin.left);
    this.hover.setAttribute("y", edge.top);
    this.hover.setAttribute("height", edge.bottom - edge.top);
    const share = name => bin.archive < FEWEST ? "" : ` (${percent(bin[name] / bin.archive, 1)})`;
    const lines = [
      html("strong", {}, written(toDay(bin.from), unit)),
      html("span", {class: "q"}, `${count(bin.query)} ${state.query || "posts"}` + (state.query && shares ? share("query") : "")),
      state.subject ? html("span", {class: "f"}, `${count(bin.subject)} ${state.subject}` + (shares ? share("subject") : "")) : null,
      state.query || state.emotion ? html("span", {}, `of ${count(bin.archive)} in the archive`) : null,
    ];
    this.tip.replaceChildren(...lines.filter(Boolean));
    const widest = this.place.clientWidth - this.tip.offsetWidth;
    const beside = bin.right + 12 > widest ? bin.left - 12 - this.tip.offsetWidth : bin.right + 12;
    this.tip.style.left = `${Math.max(0, Math.min(widest, beside))}px`;
  }
}

// The outline of bars without gaps; a bin without a value leaves a gap.
function steps(bins, value, toY, bottom) {
  let path = "", open = false;
  for (const bin of bins) {
    const number = value(bin);
    if (number === null || number === undefined || number === 0) {
      if (open) path += `V${bottom}Z`;
      open = false;
      continue;
    }
    const y = toY(number).toFixed(1);
    path += open ? `V${y}H${bin.right.toFixed(1)}` : `M${bin.left.toFixed(1)} ${bottom}V${y}H${bin.right.toFixed(1)}`;
    open = true;
  }
  return open ? path + `V${bottom}Z` : path;
}

// Round numbers up to the highest value, and the top of the scale, which need not be round.
function scale(highest, shares) {
  if (!highest) return {top: 1, ticks: [0]};
  const rough = highest / 3, power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map(part => part * power).find(one => one >= rough * 0.8);
  if (!shares) step = Math.max(1, Math.round(step));
  const ticks = [];
  for (let tick = 0; tick <= highest; tick += step) ticks.push(tick);
  return {top: highest, ticks};
}
