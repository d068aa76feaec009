// The page: its state comes from the address, each change asks for the views that depend on it, answers are drawn.

import {Asker} from "./asker.js";
import {at, count, posts} from "./build.js";
import {CompareForm} from "./compare.js";
import {drawContrast} from "./contrast.js";
import {drawCourse} from "./course.js";
import {endOf, isDate, shownEnd, toDay, toText} from "./dates.js";
import {drawFacets, emotionOf} from "./facets.js";
import {drawFeelings, finding} from "./feelings.js";
import {drawChips, drawHeadline} from "./headline.js";
import {NewPosts} from "./new_posts.js";
import {drawOpening} from "./opening.js";
import {PostsMap} from "./map.js";
import {drawPager} from "./pager.js";
import {drawPictures} from "./pictures.js";
import {closePost, openPost} from "./post.js";
import {drawSentences} from "./sentences.js";
import {address, asksNothing, changed, compares, comparesNothing, key, partsOf, question, readAddress, withFacet} from "./state.js";
import {Strip, within} from "./strip.js";
import {chartMenu} from "./save.js";
import {SubjectField} from "./subject_field.js";
import {drawSubjects} from "./subjects.js";
import {drawTabs} from "./tabs.js";
import {Timeline} from "./timeline.js";
import {Tray} from "./tray.js";
import {drawWords} from "./words.js";

let state = readAddress(location.search);
const said = {}; // the newest answer to each part
const shown = {}; // part -> key of the state it is drawn for
const forget = () => Object.keys(shown).forEach(part => delete shown[part]);
let drawnScale = "";
let preview = ""; // the time that the chart was last drawn for, while one is dragged
let typed = false; // whether words stand in the field that were not sent yet
let leaving = false; // whether a closed post's step back in the history is on its way,
let waiting = null; // and what was chosen meanwhile

const asker = new Asker(draw, fault => {
  at("fault").textContent = fault;
  if (!said.archive) at("headline").textContent = "There is no answer";
  at("again").hidden = false;
  settle();
});
// The map is asked for apart, as it is larger than all the rest, and only of an archive that has one.
const mapAsker = new Asker(({map, archive}, asked) => {
  shown.map = key("map", asked.state);
  postsMap.draw({map, archive}, state);
  if (!asker.busy && !mapAsker.busy) settle();
}, fault => {
  at("fault").textContent = fault;
  settle();
});
const heard = {
  move: (from, to) => go(inTime(from, to), {moving: true}),
  end: (from, to) => {
    if (said.context?.bins.length) go(inTime(from, to));
    timeline.reset();
  },
};
const timeline = new Timeline(at("chart"), heard);
const strip = new Strip(at("strip"), heard);
const postsMap = new PostsMap(at("map"), {choose: area => go({area}), open: post => go({post}), only: emotion => only(emotion)});
const compareForm = new CompareForm(() => ({state, archive: said.archive}), change => go(change));
const subjectField = new SubjectField(subject => subject !== state.subject && go({subject}));
const tray = new Tray(drawStars, search => {
  history.pushState({inside: true}, "", "/" + search);
  state = readAddress(search);
  refresh();
});
const keeper = {
  toggle: row => tray.toggle({...asKept(), post: row.id, sentence: row.text, words: [row.date, row.emotion].filter(Boolean).join(", ")}),
  mark: (button, post) => drawStar(button, tray.has({post}), "this sentence", ""),
};
const newPosts = new NewPosts(at("new-posts"), () => said.archive?.posts, () => {
  forget();
  refresh();
});
const dragging = () => timeline.dragging || strip.dragging;

// The whole archive is no choice: it stays whole when posts are added, and has the posts without a date.
function inTime(from, to) {
  const {archive} = said;
  const all = from <= toDay(archive.from) && to >= toDay(archive.to);
  return {from: all ? "" : toText(from), to: all ? "" : toText(to)};
}

// The posts before and after one that is open: `to(step)` shows it, over the edge of a page too.
let turned = "";
const pageWords = order => ({oldest: ["Earlier", "Later"], newest: ["Later", "Earlier"]})[order] ?? ["Back", "More"];

function around(id) {
  const {rows, page, pages} = said.sentences ?? {rows: [], page: 1, pages: 1};
  const place = rows.findIndex(row => row.id === id);
  const to = step => {
    const row = rows[place + step];
    if (row) return go({post: row.id}, {replace: true});
    turned = step > 0 ? "next" : "previous";
    go({sentences: page + step}, {replace: true});
  };
  return {to, previous: place > 0 || (place === 0 && page > 1), next: place >= 0 && (place + 1 < rows.length || page < pages)};
}

// Change the state. While something is dragged the address waits; one step of the history is one choice.
function go(change, {moving = false, replace = false} = {}) {
  if (leaving) {
    waiting = {...waiting, ...change};
    return;
  }
  if ("query" in change) typed = false;
  state = changed(state, change);
  const target = address(state);
  if (!moving && target !== location.pathname + location.search) {
    if (replace) history.replaceState(history.state, "", target);
    else history.pushState({inside: true}, "", target);
  }
  refresh(moving);
}

function refresh(moving = false) {
  const all = partsOf(state, moving);
  askMap(moving);
  const parts = all.filter(part => shown[part] !== key(part, state));
  asker.ask({address: "/views.json?" + question(state, parts), parts, state});
  if (parts.length || mapAsker.busy) document.body.setAttribute("aria-busy", "true");
  else settle();
  if (said.archive) drawTime();
  if (moving) return;
  drawControls();
  if (said.archive) drawAround();
  if (!parts.length && said.archive && drawnScale !== state.scale) drawParts(all);
  if (state.post) openPost(at("post"), state, around, {href, open: post => go({post}, {replace: true})});
  else closePost(at("post"));
}

function askMap(moving) {
  const isAsked = said.archive?.map && !moving && shown.map !== key("map", state);
  mapAsker.ask({address: "/views.json?" + question(state, ["map"]), parts: isAsked ? ["map"] : [], state});
}

function draw(answer, asked) {
  at("fault").textContent = "";
  at("again").hidden = true;
  document.body.classList.remove("empty");
  const grown = said.archive && answer.archive.posts !== said.archive.posts;
  Object.assign(said, answer);
  if (grown) {
    forget(); // parts that were not asked for are of the archive before
    newPosts.shown();
    setTimeout(refresh);
  }
  at("map").hidden = !said.archive.map;
  at("no-map").textContent = said.archive.no_map;
  drawChips(at("chips"), state, said.archive, {clear, swap});
  for (const part of asked.parts) shown[part] = key(part, asked.state);
  drawParts(asked.parts);
  drawAround();
  drawHeadline(at("headline"), said, asked.state);
  tray.open(said.archive.name);
  at("finding").textContent = finding(said);
  if (!mapAsker.busy) askMap(dragging());
  if (!asker.busy && !mapAsker.busy) settle();
  document.dispatchEvent(new CustomEvent("feelscope:views", {detail: {number: asked.number, state: asked.state, answer}}));
}

function drawParts(parts) {
  if (parts.includes("context")) {
    at("archive").textContent = `${said.archive.name} · ${count(said.archive.posts)} posts`;
    at("timeline").hidden = !said.context.bins.length;
    at("undated").textContent = said.archive.undated ? `${posts(said.archive.undated)} without a date, counted only in the whole archive.` : "";
    strip.draw(said.context, said.archive, state);
  }
  if (parts.includes("timeline")) {
    drawnScale = state.scale;
    at("auto").textContent = state.unit === "auto" ? `auto (${said.timeline.unit})` : "auto";
    timeline.draw(said.timeline, state, said.against);
  }
  if (parts.includes("feelings")) {
    drawFeelings(at("feeling-rows"), at("emotions-note"), said, state, {follow, only}, dragging());
  }
  if (parts.includes("course")) {
    drawCourse(at("course"), said, state, {close: () => go({course: ""}, {replace: true}), only});
    if (said.course) at("course").querySelector(".head").append(chartMenu("course", () => [at("course")], caption));
  }
  if (parts.includes("subjects")) {
    drawSubjects(at("subject-rows"), at("subjects-note"), said, state, subject => go({subject}));
    drawPager(pager("subjects"), said.subjects, ["Back", "More"], subjects => go({subjects}));
  }
  if (parts.includes("contrast")) {
    drawContrast(at("subject-rows"), at("subjects-note"), said, state, subject => go({subject}));
    const {more, less} = said.contrast;
    drawPager(pager("subjects"), more.pages > less.pages ? more : less, ["Back", "More"], subjects => go({subjects}));
  }
  if (parts.includes("sentences")) {
    drawSentences(at("sentence-rows"), at("sentences-note"), said, href, post => go({post}), query => go({query}), keeper);
    drawPager(pager("sentences"), said.sentences, pageWords(state.order), sentences => go({sentences}));
    if (turned) {
      const post = said.sentences.rows.at(turned === "next" ? 0 : -1)?.id;
      turned = "";
      if (post && state.post) go({post}, {replace: true});
    }
  }
  if (parts.includes("facets")) drawFilter();
  if (parts.includes("opening")) drawOpening(at("opening"), said, change => address(changed(state, change)), change => go(change));
  if (parts.includes("words")) drawWords(at("words"), said, query => go({query}));
  if (parts.includes("pictures")) {
    drawPictures(at("pictures"), at("picture-rows"), at("pictures-note"), said, href, post => go({post}));
  }
  drawTime();
}

let felt = ""; // the emotion whose share facets show

function drawFilter() {
  felt = emotionOf(said.feelings, state);
  drawFacets(at("facets"), at("facet-rows"), said, state, (name, value) => go(withFacet(state, name, value)));
}

const only = emotion => go({emotion: state.emotion === emotion ? "" : emotion});
const follow = emotion => go({course: state.course === emotion ? "" : emotion}, {replace: true});

// What is pressed, and what is drawn only for some states.
function drawAround() {
  for (const [name, part] of [["emotion", "only"], ["course", "name"]]) {
    for (const button of at("feeling-rows").querySelectorAll(`.${part}`)) {
      button.setAttribute("aria-pressed", String(button.closest("li").dataset.emotion === state[name]));
    }
  }
  at("course").querySelector(".only")?.setAttribute("aria-pressed", String(state.emotion === state.course));
  if (!state.course) at("course").hidden = true;
  else if (said.course?.emotion === state.course) at("course").hidden = false;
  at("opening").hidden = !asksNothing(state) || !said.opening;
  at("finding").hidden = !at("opening").hidden; // which says it
  document.body.classList.toggle("nothing", said.counts.query === 0);
  document.body.classList.toggle("timed", Boolean(state.from || state.to));
  document.body.classList.toggle("parted", Boolean(state.area));
  if (said.facets && felt !== emotionOf(said.feelings, state) && !dragging()) drawFilter();
  drawTabs(state.tab, tab => {
    go({tab}, {replace: true});
    if (said.course) drawParts(["course"]); // which had no width
    scrollTo({top: Math.min(scrollY, at("tabs").offsetTop)});
  });
  at("subjects").classList.toggle("compared", compares(state));
  const view = compares(state) ? "contrast" : "subjects";
  if (at("subject-rows").dataset.view !== view && shown[view] === key(view, state)) drawParts([view]);
  at("subject-rows").dataset.view = view;
  at("subjects-csv").dataset.view = view;
}

// The question as it is kept: from its first pages on.
const asKept = () => ({question: question({...state, subjects: 1, sentences: 1}), words: at("headline").textContent});

function drawStars() {
  drawStar(at("keep"), tray.has(asKept()), "this question", "this question");
  for (const button of document.querySelectorAll("#sentence-rows .star")) keeper.mark(button, button.dataset.post);
}

function drawStar(button, isKept, what, shown) {
  button.textContent = (isKept ? "★ " : "☆ ") + (shown && (isKept ? "Kept" : "Keep " + shown));
  button.setAttribute("aria-pressed", String(isKept));
  button.setAttribute("aria-label", `Keep ${what}`);
  button.title = isKept ? `Keep ${what} no longer` : `Keep ${what}`;
}

const href = post => address({...state, post});
const pager = view => document.querySelector(`.pager[data-view=${view}]`);

// All that follows the chosen time alone.
function drawTime() {
  const {archive} = said;
  if (!archive.from) return;
  const [from, to] = [state.from || archive.from, state.to || archive.to];
  at("from").value = from;
  at("to").value = shownEnd(to);
  at("whole").hidden = !state.from && !state.to;
  if (!isDate(from) || !isDate(to)) return;
  strip.select(toDay(from), toDay(to));
  const span = `${from} ${to}`;
  if (strip.dragging && span !== preview && said.context && !said.against?.by_time) {
    timeline.draw(within(said.context, from, to), state, said.against);
  }
  preview = span;
}

function drawControls() {
  if (!typed && at("query").value.trim() !== state.query) at("query").value = state.query;
  at("unit").value = state.unit;
  at("order").value = state.order;
  for (const radio of document.querySelectorAll("#scale input")) radio.checked = radio.value === state.scale;
  compareForm.show(state);
  subjectField.show(state.subject);
  postsMap.show(state);
  drawStars();
  drawChips(at("chips"), state, said.archive, {clear, swap});
  at("course").dataset.href = `/course.csv?${question(state)}`;
  at("subjects-csv").dataset.view = compares(state) ? "contrast" : "subjects";
  for (const link of document.querySelectorAll("a.export")) link.href = `/${link.dataset.view}.csv?${question(state)}`;
  at("as-json").href = "/views.json?" + question(state);
  document.title = [state.query, state.subject].filter(Boolean).join(" · ") + (state.query || state.subject ? " – " : "") + "Feelscope";
}

// Nothing is on its way: say to a screen reader what there is, once.
function settle() {
  document.body.removeAttribute("aria-busy");
  const words = [at("headline").textContent, at("finding").textContent].filter(Boolean).join(". ");
  if (!dragging() && at("status").textContent !== words) at("status").textContent = words;
}

function clear(name) {
  if (name === "query") go({query: state.subject && asWords(state.subject), subject: ""}); // F goes on as Q
  else if (name === "time") go({from: "", to: ""});
  else if (name === "against") go(comparesNothing);
  else if (name in state.facets) go(withFacet(state, name, ""));
  else go({[name]: ""});
}

const asWords = subject => (/\s/.test(subject) ? `"${subject}"` : subject);

function swap() {
  go({query: asWords(state.subject), subject: state.query.replace(/^"(.*)"$/, "$1").toLowerCase()});
}

at("search").addEventListener("submit", event => {
  event.preventDefault();
  go({query: at("query").value.trim()});
});
at("query").addEventListener("input", () => (typed = true));
at("query").addEventListener("blur", () => (typed = false));
at("query").addEventListener("search", () => at("query").value === "" && state.query && go({query: ""}));
at("span").addEventListener("submit", event => event.preventDefault());
for (const name of ["from", "to"]) {
  at(name).addEventListener("change", () => {
    const [from, to] = [at("from").value, endOf(at("to").value)];
    if (isDate(from) && isDate(to) && from < to) go(inTime(toDay(from), toDay(to)));
  });
}
at("whole").addEventListener("click", () => {
  go({from: "", to: ""});
  at("from").focus();
});
at("unit").addEventListener("change", () => go({unit: at("unit").value}));
at("order").addEventListener("change", () => go({order: at("order").value}));
at("scale").addEventListener("change", event => go({scale: event.target.value}, {replace: true}));
at("post").addEventListener("close", () => {
  if (!state.post) return;
  leaving = Boolean(history.state?.inside);
  if (leaving) history.back();
  else go({post: ""});
});
at("post").addEventListener("click", event => event.target === at("post") && at("post").close());
addEventListener("popstate", () => {
  const change = waiting;
  [leaving, waiting] = [false, null];
  state = readAddress(location.search);
  refresh();
  if (change) go(change);
});

at("keep").addEventListener("click", () => said.archive && tray.toggle(asKept()));
const caption = () => `${[at("headline").textContent, at("finding").textContent].filter(Boolean).join(". ")} – ${said.archive?.name ?? ""}, Feelscope`;
const head = id => document.querySelector(`#${id} > .head`);
head("timeline").append(chartMenu("timeline", () => [head("timeline"), at("chart")], caption));
head("map").append(chartMenu("map", () => [head("map"), ...["canvas", ".labels", ".legend"].map(part => at("map").querySelector(part))], caption));
head("emotions").append(chartMenu("feelings", () => [head("emotions"), at("feeling-rows")], caption));

history.replaceState(null, "");
refresh();
