// The whole archive in a strip, with the chosen time: drag an edge, the whole or a new time; arrow keys on each.

import {highest, steps, timeAxis} from "./axis.js";
import {Brush} from "./brush.js";
import {svg} from "./build.js";
import {toDay, written} from "./dates.js";
import {GUTTER, MARGIN} from "./timeline.js";

const TALL = 40; // pixels of the strip itself; the words are below it
const LONG = {day: 7, week: 4, month: 12, year: 5}; // bins that a long step of the keyboard takes

export class Strip {
  #drawn = null;

  constructor(place, heard) {
    this.place = place;
    this.chart = svg("svg", {class: "chart strip-chart", role: "group", "aria-label": "The chosen time within the whole archive"});
    this.query = svg("path", {class: "area query"});
    this.words = svg("g", {class: "grid", "aria-hidden": "true"});
    this.base = svg("line", {class: "base"});
    this.brush = new Brush(this.chart, heard);
    this.chart.append(this.query, this.brush.layer, svg("g", {class: "grid"}, this.base), this.words);
    place.append(this.chart);
    new ResizeObserver(() => this.#drawn && this.draw(...this.#drawn)).observe(place);
  }

  get dragging() {
    return this.brush.dragging;
  }

  draw({bins, unit}, archive, state) {
    this.#drawn = [{bins, unit}, archive, state];
    if (!bins.length) return;
    const width = Math.max(240, this.place.clientWidth), height = TALL + 26;
    const edge = {left: GUTTER, right: width - MARGIN, top: 8, bottom: TALL + 8};
    const [begin, end] = [toDay(bins[0].from), toDay(bins.at(-1).to)];
    const toX = day => edge.left + (day - begin) / (end - begin) * (edge.right - edge.left);
    const toDayAt = x => begin + (x - edge.left) / (edge.right - edge.left) * (end - begin);
    const drawn = bins.map(bin => ({...bin, left: toX(toDay(bin.from)), right: toX(toDay(bin.to))}));
    const most = highest(drawn, bin => bin.query) || 1;
    const toY = number => edge.bottom - number / most * (edge.bottom - edge.top - 2);
    this.chart.setAttribute("width", width);
    this.chart.setAttribute("height", height);
    this.query.setAttribute("d", steps(drawn, bin => bin.query, toY, edge.bottom));
    for (const [name, value] of Object.entries({x1: edge.left, x2: edge.right, y1: edge.bottom, y2: edge.bottom})) this.base.setAttribute(name, value);
    this.words.replaceChildren(...timeAxis(begin, end, toX, edge));
    const days = bins.flatMap(bin => [toDay(bin.from), toDay(bin.to)]).filter(day => day > toDay(archive.from) && day < toDay(archive.to));
    const edges = [...new Set([toDay(archive.from), ...days, toDay(archive.to)])].sort((one, other) => one - other);
    this.brush.fit({edges, toX, toDay: toDayAt, ...edge, step: LONG[unit]});
    this.select(state.from ? toDay(state.from) : toDay(archive.from), state.to ? toDay(state.to) : toDay(archive.to));
    this.chart.setAttribute("aria-label", `The chosen time within the whole archive, ${written(begin, "month")} to ${written(end - 1, "month")}`);
  }

  select(from, to) {
    if (!this.brush.dragging) this.brush.show(from, to);
  }
}

// The bins of a time, cut to it: what a chart shows while that time is still dragged.
export function within({bins, unit}, from, to) {
  return {unit, bins: bins.filter(bin => bin.from < to && bin.to > from).map(bin => ({
    ...bin, from: bin.from < from ? from : bin.from, to: bin.to > to ? to : bin.to,
  }))};
}
