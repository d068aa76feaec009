// The state of the page stands in its address: what is asked, and how it is shown. Empty names are left out of it.

const COMPARED = {against: "", against_query: "", against_from: "", against_to: ""};
const ASKED = {
  query: "", subject: "", from: "", to: "", emotion: "", area: "", ...COMPARED, course: "", unit: "auto", order: "oldest", subjects: 1, sentences: 1,
};
const SHOWN = {scale: "posts", tab: "", post: ""};
const DEFAULTS = {...ASKED, ...SHOWN};
const FACETS = ["source", "author", "tags"]; // other columns have a prefix
const isFacet = name => FACETS.includes(name) || name.startsWith("facet.");

export function readAddress(search) {
  const given = new URLSearchParams(search);
  const state = {...DEFAULTS};
  for (const name of Object.keys(DEFAULTS)) {
    const value = given.get(name);
    if (value === null) continue;
    state[name] = typeof DEFAULTS[name] === "number" ? Math.max(1, Number.parseInt(value, 10) || 1) : value.trim();
  }
  if (state.scale !== "share") state.scale = "posts";
  state.facets = Object.fromEntries([...given].filter(([name, value]) => isFacet(name) && value).sort());
  return state;
}

function written(state, names) {
  const given = new URLSearchParams();
  for (const name of names) if (state[name] !== DEFAULTS[name]) given.set(name, state[name]);
  for (const [name, value] of Object.entries(state.facets)) given.set(name, value);
  return given;
}

export function address(state) {
  const given = String(written(state, Object.keys(DEFAULTS)));
  return given ? "/?" + given : "/";
}

// What the server is asked: nothing of how it is shown.
export function question(state, parts) {
  const given = written(state, Object.keys(ASKED));
  if (parts) given.set("parts", parts.join(","));
  return String(given);
}

// A change of what is asked begins again at the first pages.
export function changed(state, change) {
  const next = {...state, ...change};
  const moved = ["query", "from", "to", "emotion", "area", "facets", ...AGAINST].some(name => next[name] !== state[name]);
  if (moved && !("subjects" in change)) next.subjects = 1;
  if ((moved || next.subject !== state.subject || next.order !== state.order) && !("sentences" in change)) next.sentences = 1;
  return next;
}

// The facets with one more value, or without it where it was there.
export function withFacet(state, name, value) {
  const facets = {...state.facets, [name]: value};
  if (!value || state.facets[name] === value) delete facets[name];
  return {facets: Object.fromEntries(Object.entries(facets).sort())};
}

const AGAINST = Object.keys(COMPARED);
export const compares = state => AGAINST.some(name => state[name]);
// The state that the page begins with.
export const asksNothing = state => !compares(state) && !Object.keys(state.facets).length
  && ["query", "subject", "from", "to", "emotion", "area", "course"].every(name => !state[name]);
export const comparesNothing = {...COMPARED};

// What each view depends on: views of the same key are the same.
const ALWAYS = ["query", "facets", "area"];
const DEPENDS = {
  context: [...ALWAYS, "subject", "emotion", ...AGAINST],
  timeline: [...ALWAYS, "subject", "from", "to", "emotion", "unit", ...AGAINST],
  feelings: [...ALWAYS, "subject", "from", "to", ...AGAINST],
  course: [...ALWAYS, "subject", "from", "to", "unit", "course", ...AGAINST],
  subjects: [...ALWAYS, "from", "to", "emotion", "unit", "subjects"],
  contrast: [...ALWAYS, "from", "to", "emotion", "subjects", ...AGAINST],
  sentences: [...ALWAYS, "subject", "from", "to", "emotion", "sentences", "order"],
  pictures: [...ALWAYS, "subject", "from", "to", "emotion"],
  facets: [...ALWAYS, "subject", "from", "to", "emotion"],
  words: ["query"],
  opening: [],
};
export const PARTS = Object.keys(DEPENDS);
const MAP = ["query", "facets", "subject", "from", "to", "emotion"]; // the map, which is asked for apart
const LATER = ["timeline", "course", "facets"]; // than a drag: meanwhile the chart shows what is known of the whole archive

// The views that a state has; of them those that follow while its time is dragged.
export function partsOf(state, moving) {
  return PARTS.filter(part => part === "course" ? state.course : part === "opening" ? asksNothing(state)
    : part === "contrast" ? compares(state) : part === "subjects" ? !compares(state) : true,
  ).filter(part => !moving || !LATER.includes(part));
}

export function key(part, state) {
  return JSON.stringify((DEPENDS[part] ?? MAP).map(name => state[name]));
}
