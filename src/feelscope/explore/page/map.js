// The map: a dot a post, near those with similar words, coloured by emotion. Dragging a rectangle chooses a part of it.

import {answer} from "./asker.js";
import {count, html, percent, posts, refill, svg} from "./build.js";
import {toDay, written} from "./dates.js";

const SIDE = 10_000; // of the grid that places are on
const NEAR = 12; // pixels from a dot within which the pointer is on it
const DRAGGED = 5; // pixels after which a click is a drag
const STEP = 250, LEAST = 100; // of the grid: a press of an arrow key, the smallest part
const MIDDLE = [3_500, 3_500, 6_500, 6_500];
const WAIT = 60; // milliseconds until a post under the pointer is asked for

export class PostsMap {
  #points = null;
  #cells = new Map(); // of NEAR pixels: place -> numbers of dots
  #all = null; // the whole archive's points, in grey behind those of a question
  #regions = null; // what is where, of the whole archive
  #known = new Map(); // key -> post
  #state = {};
  #start = null; // where a drag began, in pixels, and where it is
  #area = null; // while it is changed
  #under = -1;
  #timer = 0;

  // `choose(area)` narrows the question, empty for all of the map; `open(id)` shows a post; `only(emotion)` takes one.
  constructor(section, {choose, open, only}) {
    const part = name => section.querySelector(name);
    Object.assign(this, {choose, open, only, place: part(".field-of-posts"), canvas: part("canvas"), frame: part(".part")});
    Object.assign(this, {labels: part(".labels"), parts: part(".parts")});
    Object.assign(this, {note: part(".note"), legend: part(".legend"), card: part(".under"), section});
    this.canvas.addEventListener("pointerdown", event => this.#begin(event));
    this.canvas.addEventListener("pointermove", event => this.#move(event));
    this.canvas.addEventListener("pointerup", event => this.#end(event));
    this.canvas.addEventListener("pointercancel", () => this.#stop());
    this.canvas.addEventListener("pointerleave", () => this.#point(-1));
    this.place.addEventListener("keydown", event => this.#press(event));
    new ResizeObserver(() => this.#paint()).observe(this.place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  draw({map, archive}, state) {
    this.#state = state;
    this.#points = map.points;
    this.emotions = map.emotions;
    const isAll = map.total === archive.posts;
    if (isAll) this.#all = map.points;
    else if (!this.#all) this.#askAll();
    const drawn = map.points.key.length, left = map.total - map.placed;
    this.note.textContent = [
      drawn < map.placed ? `${count(drawn)} of ${posts(map.placed)}, drawn by lot` : posts(drawn),
      left ? `${count(left)} without words to place` : "",
      "posts that the model reads alike are near each other",
    ].filter(Boolean).join("; ") + ".";
    this.place.dataset.drawn = drawn;
    this.#drawLegend(drawn);
    if (!this.#regions) this.#askRegions();
    this.#area = null;
    this.#paint();
  }

  // What of the state has changed without other posts.
  show(state) {
    this.#state = state;
    this.#area = null;
    this.#frame();
    for (const button of this.legend.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.emotion === state.emotion));
    for (const button of this.parts.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.area === state.area));
  }

  async #askAll() {
    this.#all = {key: [], x: [], y: []};
    const [said] = await answer("/views.json?parts=map");
    this.#all = said?.map.points ?? null;
    this.#paint();
  }

  async #askRegions() {
    this.#regions = [];
    const [said] = await answer("/views.json?parts=regions");
    this.#regions = said?.regions ?? null;
    if (this.#regions) this.#drawRegions(this.#regions);
  }

  #drawLegend(drawn) {
    const numbers = this.emotions.map((_, place) => this.#points.emotion.reduce((sum, one) => sum + (one === place), 0));
    refill(this.legend, this.emotions.map((emotion, place) => html("li", {},
      html("button", {
        type: "button", "data-emotion": emotion, "data-key": "map " + emotion, "aria-pressed": String(this.#state.emotion === emotion),
        title: `Only posts read as ${emotion}`, onclick: () => this.only(emotion),
      }, svg("svg", {class: "dot", viewBox: "0 0 2 2", "aria-hidden": "true"}, svg("circle", {cx: 1, cy: 1, r: 1, fill: this.#colour(emotion)})), html("span", {}, emotion)),
      html("span", {class: "number"}, drawn ? percent(numbers[place] / drawn) : "–"))));
  }

  // What is where, in words on the map and as buttons beside it.
  #drawRegions(regions) {
    const named = regions.filter(region => region.subjects.length);
    this.labels.replaceChildren(...named.map(({x, y, subjects}) => {
      const label = html("span", {}, subjects[0]);
      Object.assign(label.style, {left: `${x / (SIDE / 100)}%`, bottom: `${y / (SIDE / 100)}%`});
      return label;
    }));
    refill(this.parts, named.map(({area, subjects, posts: number, emotions}) => html("li", {},
      html("button", {
        type: "button", "data-area": area, "data-key": "part " + area, "aria-pressed": String(this.#state.area === area),
        title: `${posts(number)}, ${this.#felt(emotions, number)}`, onclick: () => this.choose(this.#state.area === area ? "" : area),
      }, subjects.join(", ")))));
  }

  #felt = (emotions, number) => Object.entries(emotions).sort((one, other) => other[1] - one[1]).slice(0, 2)
    .map(([emotion, own]) => `${emotion} ${percent(own / number)}`).join(", ");

  #colour(emotion) {
    const style = getComputedStyle(document.documentElement), own = /^[a-z]+$/.test(emotion) && style.getPropertyValue(`--felt-${emotion}`);
    return own || style.getPropertyValue(`--felt-other-${this.emotions.indexOf(emotion) % 3}`);
  }

  get #side() {
    return this.place.clientWidth;
  }

  #paint() {
    const side = this.#side;
    if (!side || !this.#points) return;
    const sharp = devicePixelRatio || 1;
    this.canvas.width = this.canvas.height = Math.round(side * sharp);
    const pen = this.canvas.getContext("2d");
    pen.scale(sharp, sharp);
    const across = x => (x / SIDE) * side, up = y => (1 - y / SIDE) * side;
    const dots = ({x, y}, numbers, radius) => {
      pen.beginPath();
      for (const one of numbers) {
        const [left, top] = [across(x[one]), up(y[one])];
        pen.moveTo(left + radius, top);
        pen.arc(left, top, radius, 0, 2 * Math.PI);
      }
      pen.fill();
    };
    const own = this.#points, number = own.key.length;
    if (this.#all && this.#all !== own) {
      pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--line");
      dots(this.#all, this.#all.key.keys(), side < 450 ? 0.8 : 1.1);
    }
    const radius = (number > 8_000 ? 1.4 : number > 2_000 ? 2 : number > 400 ? 2.6 : 3.4) * (side < 450 ? 0.75 : 1);
    const by = this.emotions.map(() => []);
    own.emotion.forEach((emotion, one) => by[emotion]?.push(one));
    const order = [...this.emotions.keys()].sort((one, other) => (this.emotions[other] === "neutral") - (this.emotions[one] === "neutral"));
    pen.globalAlpha = number > 2_000 ? 0.75 : 0.9;
    for (const emotion of order) {
      pen.fillStyle = this.#colour(this.emotions[emotion]);
      dots(own, by[emotion], radius);
    }
    this.#cells = new Map();
    own.x.forEach((x, one) => {
      const cell = this.#cell(across(x), up(own.y[one]));
      if (this.#cells.has(cell)) this.#cells.get(cell).push(one);
      else this.#cells.set(cell, [one]);
    });
    this.#frame();
  }

  #cell = (left, top) => `${Math.floor(left / NEAR)} ${Math.floor(top / NEAR)}`;

  // The number of the dot that is nearest to a place in pixels, -1 for none near it.
  #nearest(left, top) {
    const side = this.#side, {x, y} = this.#points;
    let best = -1, least = NEAR ** 2;
    for (const right of [-NEAR, 0, NEAR]) for (const down of [-NEAR, 0, NEAR]) {
      for (const one of this.#cells.get(this.#cell(left + right, top + down)) ?? []) {
        const far = ((x[one] / SIDE) * side - left) ** 2 + ((1 - y[one] / SIDE) * side - top) ** 2;
        if (far < least) [best, least] = [one, far];
      }
    }
    return best;
  }

  // The part that is chosen: left, bottom, right, top on the grid.
  get #chosen() {
    return this.#area ?? (this.#state.area ? this.#state.area.split(",").map(Number) : null);
  }

  #frame() {
    const area = this.#chosen;
    this.frame.hidden = !area;
    if (!area) return;
    const [left, bottom, right, top] = area.map(one => `${one / (SIDE / 100)}%`);
    Object.assign(this.frame.style, {left, bottom, width: `calc(${right} - ${left})`, height: `calc(${top} - ${bottom})`});
  }

  #where(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #begin(event) {
    if (event.button !== 0 || !this.#points) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#start = this.#where(event);
  }

  #move(event) {
    if (!this.#points) return;
    const [left, top] = this.#where(event);
    if (!this.#start) return this.#point(this.#nearest(left, top));
    if (!this.#area && Math.hypot(left - this.#start[0], top - this.#start[1]) < DRAGGED) return;
    this.#area = this.#between(this.#start, [left, top]);
    this.#frame();
  }

  #end(event) {
    const start = this.#start, area = this.#area;
    this.#start = null;
    if (!start) return;
    if (area) return this.#choose(area);
    const one = this.#nearest(...this.#where(event));
    if (one >= 0) this.#ask(one).then(post => post && this.open(post.id));
    else if (this.#state.area) this.choose("");
  }

  #stop() {
    this.#start = this.#area = null;
    this.#frame();
  }

  #between([left, top], [right, bottom]) {
    const grid = pixels => Math.min(SIDE, Math.max(0, Math.round((pixels / this.#side) * SIDE)));
    const [xs, ys] = [[grid(left), grid(right)].sort((one, other) => one - other), [SIDE - grid(top), SIDE - grid(bottom)].sort((one, other) => one - other)];
    return [xs[0], ys[0], Math.max(xs[1], xs[0] + 1), Math.max(ys[1], ys[0] + 1)].map(one => Math.min(one, SIDE));
  }

  #choose([left, bottom, right, top]) {
    if (left < right && bottom < top) this.choose([left, bottom, right, top].join(","));
    else this.#stop();
  }

  // Enter chooses the middle, arrow keys move the part, with Shift its upper right corner; Escape takes it off.
  #press(event) {
    const [x, y] = {ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP]}[event.key] ?? [0, 0];
    const area = this.#chosen;
    if (event.key === "Escape" && area) this.choose("");
    else if (event.key === "Enter" && !area) this.#choose(MIDDLE);
    else if ((x || y) && area) {
      const [left, bottom, right, top] = area, within = (one, low, high) => Math.min(high, Math.max(low, one));
      if (event.shiftKey) this.#choose([left, bottom, within(right + x, left + LEAST, SIDE), within(top + y, bottom + LEAST, SIDE)]);
      else {
        const [over, above] = [within(x, -left, SIDE - right), within(y, -bottom, SIDE - top)];
        this.#choose([left + over, bottom + above, right + over, top + above]);
      }
    } else return;
    event.preventDefault();
  }

  #point(one) {
    this.canvas.classList.toggle("on", one >= 0);
    if (one === this.#under) return;
    this.#under = one;
    clearTimeout(this.#timer);
    if (one >= 0) this.#timer = setTimeout(() => this.#ask(one).then(post => one === this.#under && post && this.#tell(post)), WAIT);
  }

  #tell({text, emotion, date, image}) {
    this.card.replaceChildren(
      html("p", {class: "when"}, [date ? written(toDay(date.slice(0, 10))) : "no date", emotion].filter(Boolean).join(" · ")),
      image ? html("img", {src: image, alt: ""}) : "",
      html("p", {class: "first", dir: "auto"}, text || "A post without words"));
  }

  async #ask(one) {
    const key = this.#points.key[one];
    if (!this.#known.has(key)) {
      const [post] = await answer("/spot.json?key=" + key);
      if (!post) return null;
      this.#known.set(key, post);
    }
    return this.#known.get(key);
  }
}
