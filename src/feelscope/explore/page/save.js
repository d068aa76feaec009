// Files that the page makes itself: a chart as SVG or PNG, and what was kept as HTML.

import {html, svg} from "./build.js";

const STYLES = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "font-family", "font-size",
  "font-weight", "text-anchor", "paint-order", "clip-path", "shape-rendering",
];
const LEFT_OUT = "[hidden], .brush, .hover, .export, .only, .tip, .spoken, .files, form, fieldset, .pick, .star";
const [EDGE, TALL, LETTER] = [16, 24, 8.6]; // pixels around a chart, of a line of the caption, of a letter of it
const WRITTEN = "data-drawn"; // holds a canvas in place of href, which the page may not load: it is only written into a file
const SHARPER = 2; // pixels of a PNG for one of the page

export function saveFile(name, content, kind) {
  const address = URL.createObjectURL(new Blob([content], {type: kind}));
  const link = html("a", {href: address, download: name});
  document.body.append(link); // Firefox follows no other
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// A small menu that saves a chart; `parts()` gives its elements, `caption()` what is said above them.
export function chartMenu(name, parts, caption) {
  const menu = html("details", {class: "files", "data-key": "files " + name},
    html("summary", {"data-key": "files summary " + name}, "Image"),
    html("span", {},
      html("button", {type: "button", "data-key": "svg " + name, onclick: () => save(asSvg)}, "SVG"),
      html("button", {type: "button", "data-key": "png " + name, onclick: () => save(asPng)}, "PNG")));
  async function save(as) {
    menu.open = false;
    const drawn = picture(parts(), caption());
    const [content, kind, end] = await as(drawn);
    saveFile(`${name}.${end}`, content, kind);
  }
  menu.addEventListener("focusout", event => !menu.contains(event.relatedTarget) && (menu.open = false));
  return menu;
}

const text = drawn => new XMLSerializer().serializeToString(drawn).replaceAll(`${WRITTEN}="data:`, `href="data:`);
const asSvg = async drawn => [text(drawn), "image/svg+xml", "svg"];

async function asPng(drawn) {
  const address = URL.createObjectURL(new Blob([text(drawn)], {type: "image/svg+xml"}));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = html("canvas", {width: drawn.getAttribute("width") * SHARPER, height: drawn.getAttribute("height") * SHARPER});
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return [await new Promise(done => canvas.toBlob(done, "image/png")), "image/png", "png"];
  } finally {
    URL.revokeObjectURL(address);
  }
}

// Elements of the page as one drawing that needs no style sheet: charts with their styles, words where they are.
export function picture(elements, caption) {
  const boxes = elements.map(element => element.getBoundingClientRect());
  const left = Math.min(...boxes.map(box => box.left)), top = Math.min(...boxes.map(box => box.top));
  const wide = Math.ceil(Math.max(...boxes.map(box => box.right)) - left) + 2 * EDGE;
  const lines = wrapped(caption, (wide - 2 * EDGE) / LETTER);
  const above = EDGE + lines.length * TALL;
  const tall = Math.ceil(Math.max(...boxes.map(box => box.bottom)) - top) + above + EDGE;
  const page = getComputedStyle(document.documentElement), body = getComputedStyle(document.body);
  const drawn = svg("svg", {xmlns: "http://www.w3.org/2000/svg", width: wide, height: tall, viewBox: `0 0 ${wide} ${tall}`},
    svg("rect", {width: wide, height: tall, fill: page.backgroundColor}),
    lines.map((line, place) => svg("text", {
      x: EDGE, y: EDGE + 14 + place * TALL, fill: body.color, "font-family": "Georgia, serif", "font-size": 17}, line)));
  const shift = {x: EDGE - left, y: above - top};
  for (const element of elements) walk(element);
  return drawn;

  function walk(node) {
    if (node.nodeType === Node.TEXT_NODE) return drawn.append(...words(node, shift));
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(LEFT_OUT)) return;
    if (node.localName === "canvas") return drawn.append(drawnCanvas(node, shift));
    if (node.localName !== "svg") return node.childNodes.forEach(walk);
    const box = node.getBoundingClientRect(), copy = styled(node);
    for (const [name, value] of Object.entries({x: box.left + shift.x, y: box.top + shift.y, width: box.width, height: box.height})) {
      copy.setAttribute(name, value);
    }
    drawn.append(copy);
  }
}

function drawnCanvas(node, shift) {
  const box = node.getBoundingClientRect();
  return svg("image", {[WRITTEN]: node.toDataURL(), x: box.left + shift.x, y: box.top + shift.y, width: box.width, height: box.height});
}

function styled(node) {
  const copy = node.cloneNode(false);
  if (node.nodeType !== Node.ELEMENT_NODE) return copy;
  const style = getComputedStyle(node);
  for (const name of STYLES) {
    const value = style.getPropertyValue(name);
    if (value && value !== "none" || name === "fill") copy.setAttribute(name, value);
  }
  if (node.localName === "svg") copy.setAttribute("overflow", "visible");
  copy.removeAttribute("class");
  for (const child of node.childNodes) {
    if (child.nodeType !== Node.ELEMENT_NODE || !child.matches(LEFT_OUT)) copy.append(styled(child));
  }
  return copy;
}

// The words of a text, a piece for each line that it has on the page.
function words(node, shift) {
  const style = getComputedStyle(node.parentElement), size = Number.parseFloat(style.fontSize);
  const range = document.createRange(), lines = new Map();
  for (const {index, 0: word} of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const line = lines.get(box.top) ?? {left: box.left, middle: box.top + box.height / 2, words: []};
    line.words.push(word);
    lines.set(box.top, line);
  }
  return [...lines.values()].map(line => svg("text", {
    x: line.left + shift.x, y: line.middle + shift.y + size * 0.35, fill: style.color,
    "font-family": style.fontFamily, "font-size": style.fontSize, "font-weight": style.fontWeight,
  }, line.words.join(" ")));
}

function wrapped(words, most) {
  const lines = [];
  for (const word of words.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] += " " + word;
    else lines.push(word);
  }
  return lines;
}
