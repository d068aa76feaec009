// One post at a time: shows it, takes the answer, and shows the next.

import {marked} from "./marks.js";
import {TOOLS, keyOf, placeOf} from "./keys.js";

const byId = id => document.getElementById(id);
const HELP = {
  label: "Read the post, then choose what it expresses.",
  judge: "Read the post, then say whether the model is right.",
  adjudicate: "People answered differently here. Read the post and what they said, then decide.",
};
const HEADINGS = {label: "Label", judge: "Judge the model on", adjudicate: "Decide where people differ:"};
let about = null, name = "", current = null, shownAt = 0;

function element(kind, text, className = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = className;
  return made;
}

function introduce(of) {
  about = of;
  byId("heading").textContent = of.title || `${HEADINGS[of.mode]} ${of.name || "posts"}`;
  byId("help").textContent = HELP[of.mode];
  byId("unclear").hidden = !of.unclear;
  byId("define").hidden = !of.emotions.some(one => one.definition || one.example);
  document.title = `${byId("heading").textContent} · Feelscope`;
}

function choiceButton(choice, place) {
  const button = element("button", "", choice === current.answer ? "given" : "");
  const said = about.emotions.find(one => one.name === choice);
  button.append(element("kbd", keyOf(place)), element("span", choice, "name"));
  if (said?.definition) button.append(element("span", said.definition, "definition"));
  if (said?.example) button.append(element("q", said.example, "example"));
  button.onclick = () => answer(choice);
  return button;
}

function showOthers(others) {
  byId("others").hidden = !others.length;
  byId("others").replaceChildren(...others.map(({annotator, answer, note}) => {
    const line = element("li", `${annotator}: `);
    line.append(element("strong", answer));
    if (note) line.append(element("span", ` ${note}`, "definition"));
    return line;
  }));
}

function showNote(open, text) {
  byId("aside").hidden = !open;
  byId("write").setAttribute("aria-expanded", String(open));
  byId("note").value = text;
}

function show(state) {
  current = state;
  byId("progress").textContent = `${state.done} of ${state.total} done${state.skipped ? `, ${state.skipped} skipped` : ""}`;
  byId("bar").max = state.total;
  byId("bar").value = state.done;
  byId("choices").replaceChildren();
  byId("post").hidden = byId("skip").disabled = byId("unclear").disabled = byId("write").disabled = !state.id;
  showOthers(state.others ?? []);
  showNote(Boolean(state.note), state.note ?? "");
  if (!state.id) {
    byId("question").textContent = "All done. Thank you.";
    return;
  }
  byId("title").textContent = state.title;
  byId("text").replaceChildren(marked(state.text, state.words));
  byId("image").hidden = !state.image;
  byId("moves").hidden = !state.moves;
  byId("moves").textContent = "One frame of the post's video.";
  byId("image").onerror = () => { byId("moves").textContent = "The post's video cannot be shown here."; };
  if (state.image) byId("image").src = "/image?id=" + encodeURIComponent(state.id);
  byId("described").textContent = state.described;
  const again = state.answer ? ` You said ${state.answer}.` : "";
  const asked = state.prediction ? `The model says ${state.prediction}. Is it right?` : about.question || "What does this post express?";
  byId("question").textContent = asked + again;
  byId("choices").append(...state.choices.map(choiceButton));
  shownAt = performance.now();
}

async function ask(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new Error("the program does not answer; start it again with the same command, then press again");
  }
  const said = await response.json();
  if (!response.ok) throw new Error(said.error);
  byId("error").textContent = "";
  return said;
}

async function answer(choice) {
  const post = current;
  if (!post || !post.id) return;
  current = null;
  const seconds = (performance.now() - shownAt) / 1000, note = byId("note").value;
  const body = JSON.stringify({annotator: name, id: post.id, answer: choice, seconds, note});
  try {
    show(await ask("/answer", {method: "POST", headers: {"Content-Type": "application/json"}, body}));
    scrollTo(0, 0);
  } catch (error) {
    byId("error").textContent = "Not saved: " + error.message;
    current = post;
  }
}

async function undo() {
  const post = current;
  if (!post) return;
  current = null;
  const asked = new URLSearchParams({annotator: name, before: post.id ?? ""});
  try {
    show(await ask("/previous.json?" + asked));
  } catch (error) {
    byId("error").textContent = error.message;
    current = post;
  }
}

function define() {
  const shown = document.body.classList.toggle("brief") === false;
  byId("define").setAttribute("aria-pressed", String(shown));
}

byId("undo").onclick = undo;
byId("skip").onclick = () => answer("skipped");
byId("unclear").onclick = () => answer("unclear");
byId("write").onclick = () => {
  showNote(byId("aside").hidden, byId("note").value);
  if (!byId("aside").hidden) byId("note").focus();
};
byId("define").onclick = define;

byId("who").onsubmit = async event => {
  event.preventDefault();
  name = byId("name").value.trim();
  if (!name) return;
  try {
    if (!about) introduce(await ask("/about.json"));
    const first = await ask("/next.json?annotator=" + encodeURIComponent(name));
    byId("who").hidden = true;
    byId("work").hidden = byId("tools").hidden = false;
    show(first);
    document.activeElement.blur();
  } catch (error) {
    byId("error").textContent = error.message;
  }
};

document.onkeydown = event => {
  if (!current || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target === byId("note")) {
    if (event.key === "Escape") byId("note").blur();
    return;
  }
  const tool = TOOLS[event.key.toLowerCase()];
  if (tool && !byId(tool).hidden && !byId(tool).disabled) {
    event.preventDefault();
    byId(tool).click();
    return;
  }
  const choice = current.choices[placeOf(event.key)];
  if (choice) answer(choice);
};

byId("name").focus();
ask("/about.json").then(introduce, error => { byId("error").textContent = error.message; });
