// One post: sent as a form, shown as bars; then, if asked, the words and the regions of the picture that move the answer.

const element = (id) => document.getElementById(id);
const EMOJI = {
  happiness: "😊", joy: "😊", happy: "😊", sadness: "😢", sad: "😢", anger: "😠", angry: "😠", fear: "😨", scared: "😨",
  disgust: "🤢", surprise: "😮", surprised: "😮", neutral: "😐", love: "❤️", calm: "😌", optimism: "🙂", excited: "🤩",
};
let picture = null; // the file that is sent
let bitmap = null; // the same, to be drawn; null where this browser cannot
let last = 0; // number of the last request: an answer to an older one is not shown

function show(id, isShown) {
  element(id).hidden = !isShown;
}

function say(error) {
  element("error").textContent = error;
}

async function choose(file) {
  picture = file ?? null;
  bitmap = null;
  show("preview", false);
  element("why").disabled = true;
  if (!picture) return;
  say("");
  try {
    const shown = await createImageBitmap(file);
    if (picture === file) draw(shown, []);
  } catch {
    if (picture === file) say("This browser cannot show the picture; it is sent as it is.");
  }
}

function draw(image, regions) {
  bitmap = image;
  const canvas = element("preview");
  const scale = Math.min(1, 480 / image.width, 320 / image.height);
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const most = Math.max(0.01, ...regions.map((region) => Math.abs(region.weight)));
  for (const region of regions) {
    if (Math.abs(region.weight) < 0.005) continue;
    context.fillStyle = region.weight > 0 ? "rgb(43 108 176)" : "rgb(190 90 40)";
    context.globalAlpha = (0.55 * Math.abs(region.weight)) / most;
    context.fillRect(
      region.left * canvas.width, region.top * canvas.height,
      (region.right - region.left) * canvas.width, (region.bottom - region.top) * canvas.height,
    );
  }
  context.globalAlpha = 1;
  show("preview", true);
}

async function ask(path) {
  const form = new FormData();
  const text = element("text").value;
  if (text.trim()) form.append("text", text);
  if (picture) form.append("image", picture, "image");
  if (!text.trim() && !picture) throw new Error("Write something, or choose a picture.");
  const key = element("key").value;
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  const response = await fetch(path, { method: "POST", body: form, headers });
  const answer = await response.json();
  if (response.status === 401) show("keyed", true);
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

async function during(button, path, shown) {
  const number = ++last;
  say("");
  button.disabled = true;
  try {
    const answer = await ask(path);
    if (number === last) shown(answer);
  } catch (error) {
    if (number === last) say(error instanceof TypeError ? "The service does not answer." : error.message);
  } finally {
    button.disabled = false;
  }
}

function showAnswer(answer) {
  const name = answer.emotion;
  element("emotion").textContent = name ? `${EMOJI[name] ?? ""} ${name}` : "Nothing could be read";
  const rows = Object.entries(answer.probabilities).sort((one, other) => other[1] - one[1]);
  element("bars").tBodies[0].replaceChildren(
    ...rows.map(([emotion, share]) => {
      const row = document.createElement("tr");
      const title = document.createElement("th");
      title.scope = "row";
      title.textContent = `${EMOJI[emotion] ?? ""} ${emotion}`;
      const bar = document.createElement("meter");
      bar.value = share;
      bar.setAttribute("aria-label", emotion);
      const [cell, number] = [document.createElement("td"), document.createElement("td")];
      cell.append(bar);
      number.textContent = `${(100 * share).toFixed(1)}%`;
      row.append(title, cell, number);
      return row;
    }),
  );
  element("read").textContent = answer.modalities.length ? `Read from ${answer.modalities.join(" and ")}.` : "";
  warn(answer.warnings);
  show("marked", false);
  show("legend", false);
  show("answer", true);
  element("why").disabled = !name;
}

function warn(warnings) {
  element("warnings").replaceChildren(
    ...warnings.map((warning) => Object.assign(document.createElement("li"), { textContent: warning })),
  );
}

function showWhy(found) {
  const text = element("text").value;
  // Places are counted in characters, not in JavaScript's halves of them, and forms are sent with two at a line's end.
  const letters = Array.from(text.replaceAll("\n", "\r\n"));
  const most = Math.max(0.01, ...found.words.map((word) => Math.abs(word.weight)));
  const own = marked(found.words.filter((word) => word.field === "text"), letters, most);
  const inPicture = Array.from(found.image_text);
  const read = marked(found.words.filter((word) => word.field === "image_text"), inPicture, most);
  const between = own.length && read.length ? "\n\n" : "";
  element("marked").replaceChildren(...own, ...(read.length ? [between, "In the picture: ", ...read] : []));
  show("marked", text.trim() !== "" || found.image_text !== "");
  if (bitmap && picture) draw(bitmap, found.regions);
  const moves = Object.entries(found.modalities).map(
    ([name, weight]) => `${name} ${weight > 0 ? "+" : ""}${(100 * weight).toFixed(0)}`,
  );
  element("legend").textContent =
    `Blue speaks for ${found.explained}, orange against it. In points of probability: ${moves.join(", ")}.`;
  show("legend", true);
  warn(found.warnings);
}

// A text as its letters, with marks where words of weight are.
function marked(words, letters, most) {
  const between = (start, end) => letters.slice(start, end).join("").replaceAll("\r", "");
  const parts = [];
  let end = 0;
  for (const word of words.sort((one, other) => one.start - other.start)) {
    if (Math.abs(word.weight) < 0.005) continue;
    parts.push(between(end, word.start));
    const mark = document.createElement("mark");
    mark.textContent = between(word.start, word.end);
    mark.title = `${word.weight > 0 ? "+" : ""}${(100 * word.weight).toFixed(1)} points`;
    mark.classList.toggle("against", word.weight < 0);
    mark.style.setProperty("--strength", (0.15 + (0.45 * Math.abs(word.weight)) / most).toFixed(2));
    parts.push(mark);
    end = word.end;
  }
  const rest = between(end);
  return rest ? [...parts, rest] : parts;
}

element("image").addEventListener("change", () => choose(element("image").files[0]));
element("text").addEventListener("input", () => (element("why").disabled = true));
element("post").addEventListener("submit", (event) => {
  event.preventDefault();
  during(event.submitter ?? element("why"), "/v1/predict", showAnswer);
});
element("why").addEventListener("click", () => during(element("why"), "/v1/explain", showWhy));
element("clear").addEventListener("click", () => {
  last += 1;
  element("post").reset();
  choose(null);
  show("answer", false);
  say("");
});
const drop = element("drop");
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) choose(event.dataTransfer.files[0]);
  });
}
const models = await fetch("/v1/models");
if (models.status === 401) show("keyed", true);
if (models.ok) {
  const [model] = (await models.json()).models;
  element("model").textContent = `Model: ${model.name}.`;
}
