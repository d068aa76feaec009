// What is shown, in a sentence, and the buttons that change one part of the question.

import {count, html, posts, refill} from "./build.js";
import {isDate, spanWritten, toDay} from "./dates.js";
import {compares} from "./state.js";

const mark = (kind, text) => html("mark", {class: kind}, text);

export function drawHeadline(place, {counts, archive, against}, state) {
  const time = state.from || state.to
    ? ` ${spanWritten(toDay(state.from || archive.from), toDay(state.to || archive.to))}` : "";
  place.replaceChildren(...[
    html("span", {class: "many"}, counts.query ? posts(counts.query) : "No post"),
    state.query ? [" for ", mark("query", state.query)] : null,
    state.emotion ? [" read as ", html("em", {}, state.emotion)] : null,
    Object.entries(state.facets).map(([name, value]) => [`, ${name.replace("facet.", "")} `, html("em", {}, value)]).flat(),
    Object.keys(state.facets).length && time ? "," : null,
    time,
    state.area ? " in a part of the map" : null,
    state.subject ? [": ", html("span", {class: "many"}, count(counts.subject ?? 0)), " of them mention ", mark("subject", state.subject)] : null,
    against ? ["; ", ...versus(against, counts, state)] : null,
  ].flat().filter(Boolean));
}

// What is compared: "121 posts from 2008 to 2012".
function versus(against, counts, state) {
  const many = html("span", {class: "many b"}, posts(counts.other));
  const time = " " + spanWritten(toDay(against.from), toDay(against.to));
  if (against.rest) return ["compared with ", many, against.by_time ? " of other times" : ` without ${state.query}`];
  return ["compared with ", many, against.by_time || !against.query ? null : [" for ", mark("b", against.query)],
    against.from !== (state.from || against.from) || against.to !== (state.to || against.to) || against.by_time ? time : null].flat().filter(Boolean);
}

function timeWritten(state, archive) {
  const [from, to] = [state.from || archive?.from, state.to || archive?.to];
  if (!isDate(from ?? "") || !isDate(to ?? "")) return "Time";
  const words = spanWritten(toDay(from), toDay(to)).replace(/^(from|in|on) /, "");
  return words[0].toUpperCase() + words.slice(1);
}

export function drawChips(place, state, archive, {clear, swap}) {
  const chip = (name, kind, text, label) => html("button", {
    type: "button", class: `chip ${kind}`, "data-key": name, "aria-label": label, onclick: () => clear(name),
  }, html("span", {}, text), html("span", {"aria-hidden": "true"}, " ×"));
  refill(place,
    state.query ? chip("query", "query", state.query, `Clear the words ${state.query}`) : null,
    state.subject ? html("button", {type: "button", class: "chip swap", "data-key": "swap", onclick: swap,
      title: "Search for the subject, and take the words as the subject"}, "⇄ Swap") : null,
    state.subject ? chip("subject", "subject", state.subject, `Clear the subject ${state.subject}`) : null,
    state.emotion ? chip("emotion", "", state.emotion, `Clear the emotion ${state.emotion}`) : null,
    state.from || state.to ? chip("time", "", timeWritten(state, archive), "Clear the time") : null,
    state.area ? chip("area", "", "Part of the map", "Clear the part of the map") : null,
    Object.entries(state.facets).map(([name, value]) => chip(name, "", `${name.replace("facet.", "")}: ${value}`, `Clear ${name.replace("facet.", "")} ${value}`)),
    compares(state) ? chip("against", "b", "Comparison", "Clear the comparison") : null);
}
