// One post at a time: shows it, takes the answer, and shows the next.

const byId = id => document.getElementById(id);
let name = "", current = null, last = null, shownAt = 0;

function marked(text, spans) {
  const whole = document.createDocumentFragment(), letters = Array.from(text);
  let done = 0;
  for (const [start, end, weight] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (start < done) continue;
    whole.append(letters.slice(done, start).join(""));
    const mark = document.createElement("mark");
    mark.textContent = letters.slice(start, end).join("");
    mark.title = String(weight);
    whole.append(mark);
    done = end;
  }
  whole.append(letters.slice(done).join(""));
  return whole;
}

function show(state) {
  current = state;
  byId("progress").textContent = `${state.done} of ${state.total} done`;
  byId("choices").replaceChildren();
  if (!state.id) {
    byId("post").hidden = true;
    byId("question").textContent = "All done. Thank you.";
    return;
  }
  byId("post").hidden = false;
  byId("title").textContent = state.title;
  byId("text").replaceChildren(marked(state.text, state.words));
  byId("image").hidden = !state.image;
  if (state.image) byId("image").src = "/image?id=" + encodeURIComponent(state.id);
  byId("described").textContent = state.described;
  byId("question").textContent = state.prediction ? `The model says ${state.prediction}. Is it right?` : "What does this post express?";
  state.choices.forEach((choice, place) => {
    const button = document.createElement("button");
    button.textContent = `${place + 1} ${choice}`;
    button.onclick = () => answer(choice);
    byId("choices").append(button);
  });
  shownAt = performance.now();
}

async function ask(address, options) {
  const response = await fetch(address, options);
  const state = await response.json();
  if (!response.ok) throw new Error(state.error);
  byId("error").textContent = "";
  return state;
}

async function answer(choice) {
  const post = current;
  if (!post || !post.id) return;
  current = null;
  const body = JSON.stringify({annotator: name, id: post.id, answer: choice, seconds: (performance.now() - shownAt) / 1000});
  try {
    const next = await ask("/answer", {method: "POST", headers: {"Content-Type": "application/json"}, body});
    last = post;
    show(next);
  } catch (error) {
    byId("error").textContent = "Not saved: " + error.message;
    current = post;
  }
}

byId("who").onsubmit = async event => {
  event.preventDefault();
  name = byId("name").value.trim();
  if (!name) return;
  try {
    const first = await ask("/next.json?annotator=" + encodeURIComponent(name));
    byId("who").hidden = true;
    byId("work").hidden = false;
    show(first);
  } catch (error) {
    byId("error").textContent = error.message;
  }
};

document.onkeydown = event => {
  if (!current || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === "u" && last) {
    show({...last, done: current.done});
    last = null;
    return;
  }
  const choice = current.choices[Number(event.key) - 1];
  if (choice) answer(choice);
};

byId("name").focus();
