// The timeline: posts for Q in each bin of the chosen time, those that mention F drawn over them, and what is compared.
// Dragging across it chooses a shorter time.

import {highest, scale, steps, timeAxis} from "./axis.js";
import {Brush} from "./brush.js";
import {count, html, percent, svg} from "./build.js";
import {binWritten, toDay, written} from "./dates.js";

const FEWEST = 30; // posts of a bin under which a share says nothing
const HEADROOM = 22; // pixels above the highest bin, for its words
export const GUTTER = 46; // pixels left of all charts of time, for the words of an axis, so that they are in line
export const MARGIN = 10; // right of them

export class Timeline {
  #drawn = null; // what is drawn, to draw it again at another width

  constructor(place, heard) {
    this.place = place;
    this.chart = svg("svg", {class: "chart", role: "img", "aria-label": "Posts over time"});
    this.grid = svg("g", {class: "grid", "aria-hidden": "true"});
    this.words = svg("g", {class: "grid", "aria-hidden": "true"});
    this.between = svg("path", {class: "area between"});
    this.query = svg("path", {class: "area query"});
    this.other = svg("path", {class: "area other"});
    this.line = svg("path", {class: "outline other"});
    this.subject = svg("path", {class: "area subject"});
    this.hover = svg("rect", {class: "hover", width: 0});
    this.peak = svg("text", {class: "peak", "aria-hidden": "true"});
    this.clips = ["a", "b"].map(side => svg("rect", {}));
    const defs = svg("defs", {}, this.clips.map((rect, side) => svg("clipPath", {id: "side-" + "ab"[side]}, rect)));
    this.brush = new Brush(this.chart, heard, false);
    this.chart.append(defs, this.hover, this.grid, this.between, this.query, this.other, this.subject, this.line,
      this.brush.layer, this.words, this.peak);
    this.tip = html("div", {class: "tip", hidden: true, "aria-hidden": "true"});
    place.append(this.chart, this.tip);
    new ResizeObserver(() => this.#drawn && this.draw(...this.#drawn)).observe(place);
    this.chart.addEventListener("pointermove", event => this.#point(event));
    this.chart.addEventListener("pointerleave", () => this.#point(null));
  }

  get dragging() {
    return this.brush.dragging;
  }

  // `against` is what is compared, as the server writes it, or null.
  draw({bins, unit}, state, against) {
    this.#drawn = [{bins, unit}, state, against];
    if (!bins.length) return;
    const width = Math.max(240, this.place.clientWidth), height = width < 500 ? 190 : 250;
    const edge = {left: GUTTER, right: width - MARGIN, top: 4, bottom: height - 22};
    const [begin, end] = [toDay(bins[0].from), toDay(bins.at(-1).to)];
    const toX = day => edge.left + (day - begin) / (end - begin) * (edge.right - edge.left);
    const toDayAt = x => begin + (x - edge.left) / (edge.right - edge.left) * (end - begin);
    const shares = state.scale === "share";
    const value = (bin, name) => bin[name] === undefined ? null : shares ? (bin.archive < FEWEST ? null : bin[name] / bin.archive) : bin[name];
    this.bins = bins.map(bin => ({...bin, left: toX(toDay(bin.from)), right: toX(toDay(bin.to))}));
    const most = highest(this.bins, bin => value(bin, "query"));
    const others = highest(this.bins, bin => value(bin, "other"));
    const own = against?.rest && others > most; // everything else is drawn to a scale of its own
    const {top, ticks} = scale(own ? most : Math.max(most, others), shares);
    const toY = number => edge.bottom - number / top * (edge.bottom - edge.top - HEADROOM);
    const toOtherY = own ? number => toY(number / others * most) : toY;
    this.chart.setAttribute("width", width);
    this.chart.setAttribute("height", height);
    const path = (name, to = toY) => steps(this.bins, bin => value(bin, name), to, edge.bottom);
    const all = path("query"), byTime = Boolean(against?.by_time);
    this.between.setAttribute("d", byTime ? all : "");
    this.query.setAttribute("d", all);
    this.other.setAttribute("d", byTime ? all : "");
    this.line.setAttribute("d", against && !byTime ? path("other", toOtherY) : "");
    this.subject.setAttribute("d", state.subject ? path("subject") : "");
    this.#clip(state, against, byTime, toX, edge);
    this.#grid(ticks, toX, toY, edge, begin, end, shares);
    this.#peak(most, value, toY, edge, unit, shares);
    this.geometry = {edge, unit, shares, own};
    const edges = [...new Set(bins.flatMap(bin => [toDay(bin.from), toDay(bin.to)]))].sort((one, other) => one - other);
    this.brush.fit({edges, toX, toDay: toDayAt, ...edge, step: 1});
    this.reset();
    const peak = this.bins.find(bin => most && value(bin, "query") === most);
    const label = `Posts by ${unit}, from ${written(begin)} to ${written(end - 1)}.`;
    this.chart.setAttribute("aria-label", peak ? `${label} Most in ${binWritten(toDay(peak.from), toDay(peak.to), unit)}.` : label);
  }

  // Nothing within the chart is chosen: it is the chosen time.
  reset() {
    if (this.bins?.length && !this.brush.dragging) this.brush.show(toDay(this.bins[0].from), toDay(this.bins.at(-1).to));
  }

  // Where two times are compared, each has its colour, and what is between them is grey.
  #clip(state, against, byTime, toX, edge) {
    this.query.setAttribute("clip-path", byTime ? "url(#side-a)" : "none");
    this.other.setAttribute("clip-path", "url(#side-b)");
    if (!byTime) return;
    const sides = [[state.from, state.to], against.rest ? ["", ""] : [against.from, against.to]];
    if (against.rest) this.query.after(this.query), this.other.before(this.query), this.query.before(this.other);
    else this.query.after(this.other);
    sides.forEach(([from, to], side) => {
      const left = from ? Math.max(edge.left, toX(toDay(from))) : edge.left;
      const right = to ? Math.min(edge.right, toX(toDay(to))) : edge.right;
      const size = {x: left, y: 0, width: Math.max(0, right - left), height: edge.bottom};
      for (const [name, number] of Object.entries(size)) this.clips[side].setAttribute(name, number);
    });
  }

  #grid(ticks, toX, toY, edge, begin, end, shares) {
    const digits = Math.max(0, Math.ceil(-Math.log10(ticks[1] ?? 1) - 2 - 1e-9)); // that tell the ticks apart
    this.grid.replaceChildren(...ticks.map(tick =>
      svg("line", {x1: edge.left, x2: edge.right, y1: toY(tick), y2: toY(tick), class: tick ? "" : "base"})));
    this.words.replaceChildren(
      ...ticks.map(tick => svg("text", {x: edge.left - 6, y: toY(tick) + 4, "text-anchor": "end"},
        shares ? percent(tick, digits) : count(tick))),
      ...timeAxis(begin, end, toX, edge));
  }

  #peak(most, value, toY, edge, unit, shares) {
    const bin = most > 0 ? this.bins.find(one => value(one, "query") === most) : null;
    if (!bin) return this.peak.replaceChildren();
    const middle = (bin.left + bin.right) / 2, late = middle > (edge.left + edge.right) / 2;
    const number = shares ? percent(most, most < 0.1 ? 1 : 0) : count(most);
    this.peak.setAttribute("y", toY(most) - 6);
    this.peak.replaceChildren(`${number} ${unit === "week" ? "from" : unit === "day" ? "on" : "in"} ${binWritten(toDay(bin.from), toDay(bin.to), unit)}`);
    const wide = this.peak.getComputedTextLength(); // within the chart, wherever its bin is
    this.peak.setAttribute("x", Math.max(edge.left, Math.min(late ? bin.right - wide : bin.left, edge.right - wide)));
  }

  #point(event) {
    const x = event && event.clientX - this.chart.getBoundingClientRect().left;
    const bin = event && this.bins?.find(one => one.left <= x && x < one.right);
    this.tip.hidden = !bin || (event.pointerType === "touch" && !this.brush.dragging);
    this.hover.setAttribute("width", bin ? Math.max(1, bin.right - bin.left) : 0);
    if (!bin) return;
    const [, state, against] = this.#drawn, {edge, unit, shares, own} = this.geometry;
    this.hover.setAttribute("x", bin.left);
    this.hover.setAttribute("y", edge.top);
    this.hover.setAttribute("height", edge.bottom - edge.top);
    const share = name => bin.archive < FEWEST ? "" : ` (${percent(bin[name] / bin.archive, 1)})`;
    const lines = [
      html("strong", {}, binWritten(toDay(bin.from), toDay(bin.to), unit)),
      html("span", {class: "q"}, `${count(bin.query)} ${state.query || "posts"}` + (state.query && shares ? share("query") : "")),
      state.subject ? html("span", {class: "f"}, `${count(bin.subject)} ${state.subject}` + (shares ? share("subject") : "")) : null,
      bin.other !== undefined ? html("span", {class: "b"}, `${count(bin.other)} ${against?.rest ? "everything else" : against?.query || "posts"}`
        + (shares ? share("other") : "") + (own ? ", to a scale of its own" : "")) : null,
      state.query || state.emotion ? html("span", {}, `of ${count(bin.archive)} in the archive`) : null,
    ];
    this.tip.replaceChildren(...lines.filter(Boolean));
    const widest = this.place.clientWidth - this.tip.offsetWidth;
    const beside = bin.right + 12 > widest ? bin.left - 12 - this.tip.offsetWidth : bin.right + 12;
    this.tip.style.left = `${Math.max(0, Math.min(widest, beside))}px`;
  }
}
