// The page: loads the model once, then shows what it answers as bars.

import * as ort from "./ort.js";
import { Model } from "./reading.js";

const EMOJI = {
  happiness: "😊", joy: "😊", happy: "😊", sadness: "😢", sad: "😢", anger: "😠", angry: "😠", fear: "😨", scared: "😨",
  disgust: "🤢", surprise: "😮", surprised: "😮", neutral: "😐", love: "❤️", calm: "😌", optimism: "🙂", excited: "🤩",
};
const element = (id) => document.getElementById(id);
let model = null;

function made(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function sign(emotion) {
  const emoji = EMOJI[emotion];
  return emoji ? made("span", { className: "emoji", textContent: emoji, ariaHidden: "true" }) : "";
}

function bar(share) {
  const namespace = "http://www.w3.org/2000/svg";
  const [picture, part] = ["svg", "rect"].map((name) => document.createElementNS(namespace, name));
  picture.setAttribute("class", "bar");
  picture.setAttribute("aria-hidden", "true");
  part.setAttribute("width", `${(100 * share).toFixed(2)}%`);
  part.setAttribute("height", "100%");
  picture.append(part);
  return picture;
}

function show(answer) {
  const shares = answer.probabilities.map((share, place) => [model.about.emotions[place], share]);
  shares.sort((left, right) => right[1] - left[1]);
  const [name] = shares[0];
  element("emotion").replaceChildren(sign(name), name);
  element("bars").tBodies[0].replaceChildren(
    ...shares.map(([emotion, share]) =>
      made(
        "tr",
        {},
        made("th", { scope: "row" }, sign(emotion), emotion),
        made("td", { className: "share" }, bar(share)),
        made("td", { className: "number", textContent: `${(100 * share).toFixed(1)}%` }),
      ),
    ),
  );
  const warnings = answer.cut ? [`Only the first ${model.about.tokens} tokens of the text were read.`] : [];
  element("warnings").replaceChildren(...warnings.map((warning) => made("li", { textContent: warning })));
  element("answer").hidden = false;
}

async function ask(event) {
  event?.preventDefault();
  if (!model || element("ask").disabled) return;
  element("error").textContent = "";
  element("ask").disabled = true;
  try {
    const started = performance.now();
    const answer = await model.read(element("text").value);
    if (answer === null) element("error").textContent = "Write something first.";
    else show(answer);
    element("answer").hidden = answer === null;
    element("state").textContent = answer === null ? "" : `Read in ${Math.round(performance.now() - started)} ms`;
  } catch (error) {
    element("error").textContent = `The model cannot read this: ${error.message}`;
  } finally {
    element("ask").disabled = false;
  }
}

async function start() {
  ort.env.wasm.numThreads = 1; // more would need a server that sets headers
  ort.env.wasm.wasmPaths = { wasm: new URL("ort-wasm-simd-threaded.wasm", import.meta.url).href };
  ort.env.logLevel = "error";
  model = await Model.load(ort, (share) => {
    element("state").textContent = `Loading the model: ${Math.floor(100 * share)}%`;
  });
  await model.read("a first post takes longest");
  const { name, feelscope } = model.about;
  element("about").textContent =
    `Model ${name}, exported by Feelscope ${feelscope}. It says what a post shows, not what its author feels.`;
  element("state").textContent = "";
  element("ask").disabled = false;
}

element("post").addEventListener("submit", ask);
element("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask(event);
});
start().catch((error) => {
  element("state").textContent = "";
  element("error").textContent = `The model cannot be loaded: ${error.message}`;
});
