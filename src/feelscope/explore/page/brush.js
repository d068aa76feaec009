// Chooses a span of time by pointer, touch or keyboard: drag a new one, an edge or the whole; arrow keys on each.
// It snaps to the edges of the bins, so that what is counted is what is drawn.

import {svg} from "./build.js";
import {spanWritten, written} from "./dates.js";

const GRIP = 14; // half the width of an edge's place to touch, outwards; inwards as much as there is
const CLICK = 4; // pixels that a pointer may move and still have clicked
const PAUSE = 450; // ms after the last key before the span counts as chosen

export class Brush {
  #edges = [0, 1]; // days at which a span may begin or end, ascending
  #span = [0, 1]; // places in #edges
  #days = [0, 1]; // what was chosen, which may lie between edges if it was typed
  #drag = null;
  #pause = 0;

  // `move(from, to)` is called as the span changes, `end(from, to)` once it is chosen; days. Without `sliders` only new
  // spans can be dragged, and nothing is shown but while one is.
  constructor(chart, {move, end}, sliders = true) {
    this.chart = chart;
    this.move = move;
    this.end = end;
    this.before = svg("rect", {class: "outside"});
    this.after = svg("rect", {class: "outside"});
    this.frame = svg("path", {class: "frame"});
    const slider = (part, label) =>
      svg("g", {class: "slider " + part, role: "slider", tabindex: 0, "data-part": part, "aria-label": label},
        svg("rect", {class: "touch"}), svg("rect", {class: "grip", rx: 3}));
    this.sliders = !sliders ? {} : {
      begin: slider("begin", "Start of the time"),
      whole: slider("whole", "The whole time"),
      end: slider("end", "End of the time"),
    };
    this.layer = svg("g", {class: "brush"}, this.before, this.after, this.frame, ...Object.values(this.sliders));
    chart.addEventListener("pointerdown", event => this.#down(event));
    chart.addEventListener("pointermove", event => this.#moved(event));
    chart.addEventListener("pointerup", event => this.#up(event));
    chart.addEventListener("pointercancel", () => this.#cancel());
    chart.addEventListener("dblclick", () => this.#choose(0, this.#edges.length - 1, true));
    chart.addEventListener("keydown", event => this.#key(event));
  }

  get dragging() {
    return this.#drag !== null;
  }

  // Where it lies: `toX` and `toDay` turn days into pixels and back.
  fit({edges, toX, toDay, left, right, top, bottom, step}) {
    this.#edges = edges;
    Object.assign(this, {toX, toDay, left, right, top, bottom, step});
  }

  show(from, to) {
    this.#days = [from, to];
    this.#span = [this.#nearest(from), this.#nearest(to)];
    this.#place();
  }

  #nearest(day) {
    let [low, high] = [0, this.#edges.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#edges[middle] < day) low = middle + 1;
      else high = middle;
    }
    return low > 0 && day - this.#edges[low - 1] <= this.#edges[low] - day ? low - 1 : low;
  }

  #place() {
    const {top, bottom} = this;
    const height = bottom - top, first = this.left, last = this.right, most = this.#edges.at(-1);
    // The archive may begin and end within a bin, which is then chosen as it is drawn: whole.
    const [left, right] = this.#days.map(day => day <= this.#edges[0] ? first : day >= most ? last : this.toX(day));
    const size = (one, x, width, y = top, tall = height) => {
      for (const [name, value] of Object.entries({x, y, width: Math.max(0, width), height: tall})) one.setAttribute(name, value);
    };
    size(this.before, first, left - first);
    size(this.after, right, last - right);
    this.frame.setAttribute("d", `M${left} ${bottom}V${top}H${right}V${bottom}`);
    this.layer.classList.toggle("all", this.#isAll());
    if (!this.sliders.begin) return;
    const inner = Math.min(GRIP, (right - left) / 3);
    const [begin, whole, end] = Object.values(this.sliders);
    size(begin.firstChild, left - GRIP, GRIP + inner);
    size(whole.firstChild, left + inner, right - left - 2 * inner);
    size(end.firstChild, right - inner, GRIP + inner);
    const middle = (top + bottom) / 2;
    size(begin.lastChild, left - 4, 8, middle - 14, 28);
    size(end.lastChild, right - 4, 8, middle - 14, 28);
    size(whole.lastChild, left, right - left, top - 6, 6);
    const [from, to] = this.#days;
    const say = (one, day, text) => {
      one.setAttribute("aria-valuemin", this.#edges[0]);
      one.setAttribute("aria-valuemax", this.#edges.at(-1));
      one.setAttribute("aria-valuenow", day);
      one.setAttribute("aria-valuetext", text);
    };
    say(begin, from, "from " + written(from));
    say(whole, from, spanWritten(from, to));
    say(end, to, "up to " + written(to - 1));
  }

  #isAll() {
    return this.#days[0] <= this.#edges[0] && this.#days[1] >= this.#edges.at(-1);
  }

  #choose(begin, end, done) {
    const most = this.#edges.length - 1;
    this.#span = [Math.max(0, Math.min(begin, most - 1)), Math.max(1, Math.min(end, most))];
    const days = this.#span.map(place => this.#edges[place]);
    const same = days[0] === this.#days[0] && days[1] === this.#days[1];
    this.#days = days;
    this.#place();
    if (!same) this.move(...days);
    if (done) this.end(...days);
  }

  #x(event) {
    return event.clientX - this.chart.getBoundingClientRect().left;
  }

  #down(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    let part = event.target.closest("[data-part]")?.dataset.part ?? "new";
    if (part === "whole" && this.#isAll()) part = "new"; // there is nowhere to drag it to
    this.#drag = {part, x: this.#x(event), span: [...this.#span], days: [...this.#days], far: false};
    this.chart.setPointerCapture(event.pointerId);
    this.chart.dataset.drags = part;
  }

  #moved(event) {
    const drag = this.#drag;
    if (!drag) return;
    const x = this.#x(event);
    drag.far ||= Math.abs(x - drag.x) >= CLICK;
    if (!drag.far) return;
    const here = this.#nearest(this.toDay(x));
    const [begin, end] = drag.span;
    if (drag.part === "begin") this.#choose(...this.#ordered(here, end));
    else if (drag.part === "end") this.#choose(...this.#ordered(begin, here));
    else if (drag.part === "whole") this.#shift(begin, end, here - this.#nearest(this.toDay(drag.x)));
    else this.#choose(...this.#ordered(this.#nearest(this.toDay(drag.x)), here, this.toDay(drag.x)));
  }

  // An edge dragged over the other one goes on as the other; a span is at least a bin.
  #ordered(one, other, within) {
    if (one !== other) return [Math.min(one, other), Math.max(one, other)];
    const forward = within === undefined ? one < this.#edges.length - 1 : this.#edges[one] <= within;
    return forward ? [one, one + 1] : [one - 1, one];
  }

  #shift(begin, end, by, done = false) {
    const kept = Math.max(-begin, Math.min(by, this.#edges.length - 1 - end));
    this.#choose(begin + kept, end + kept, done);
  }

  #up(event) {
    const drag = this.#drag;
    if (!drag) return;
    this.#drag = null;
    delete this.chart.dataset.drags;
    if (drag.far) {
      this.end(...this.#days);
    } else if (drag.part === "new" || drag.part === "whole") {
      const day = this.toDay(drag.x); // a click takes the bin it falls on
      const after = this.#edges.findIndex(edge => edge > day);
      if (after > 0) this.#choose(after - 1, after, true);
    }
    if (drag.part !== "new") this.sliders[drag.part]?.focus({preventScroll: true});
  }

  #cancel() {
    const drag = this.#drag;
    if (!drag) return;
    this.#drag = null;
    delete this.chart.dataset.drags;
    this.#days = drag.days;
    this.#span = drag.span;
    this.#place();
    this.move(...drag.days);
    this.end(...drag.days);
  }

  #key(event) {
    if (event.key === "Escape" && this.#drag) return this.#cancel();
    const part = event.target.closest("[data-part]")?.dataset.part;
    const most = this.#edges.length - 1, far = event.shiftKey ? this.step : 1;
    const by = {
      ArrowLeft: -far, ArrowDown: -far, ArrowRight: far, ArrowUp: far,
      PageDown: -this.step, PageUp: this.step, Home: -most, End: most,
    }[event.key];
    if (!part || by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [begin, end] = this.#span;
    if (part === "begin") this.#choose(Math.max(0, Math.min(begin + by, end - 1)), end);
    else if (part === "end") this.#choose(begin, Math.min(most, Math.max(end + by, begin + 1)));
    else this.#shift(begin, end, by);
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.end(...this.#days), PAUSE);
  }
}
