// The form that says what is compared: other words, another time, or everything else.

import {at} from "./build.js";
import {endOf, isDate, shownEnd} from "./dates.js";
import {comparesNothing} from "./state.js";

const kindOf = state => state.against === "rest" ? "rest" : state.against_from || state.against_to ? "time" : state.against_query ? "query" : "";
const FIELDS = ["against_from", "against_to"];

export class CompareForm {
  #waits = ""; // the kind that is chosen, while its words or days are not typed yet

  // `now()` gives the state and the archive's facts, `go(change)` changes the state.
  constructor(now, go) {
    at("against").addEventListener("change", () => this.#choose(at("against").value, now(), go));
    at("compare").addEventListener("submit", event => {
      event.preventDefault();
      const query = at("against_query").value.trim();
      if (this.kind(now().state) === "query" && query) go({...comparesNothing, against_query: query});
    });
    for (const name of FIELDS) at(name).addEventListener("change", () => {
      const [from, to] = [at("against_from").value, endOf(at("against_to").value)];
      const good = [from, to].every(day => !day || isDate(day)) && (from || to) && !(from && to && from >= to);
      if (good) go({against: "", against_from: from, against_to: to});
    });
    at("exchange").addEventListener("click", () => {
      const {state, archive} = now();
      go(exchanged(state, archive));
    });
  }

  kind(state) {
    return this.#waits || kindOf(state);
  }

  #choose(kind, {state, archive}, go) {
    this.#waits = "";
    if (kind === "rest") return go({...comparesNothing, against: "rest"});
    if (kind === "time" && (state.from > archive.from || state.to)) { // all that was before, or else after
      const before = state.from > archive.from;
      return go({...comparesNothing, [before ? "against_to" : "against_from"]: before ? state.from : state.to});
    }
    if (kind) this.#waits = kind;
    if (!kind || kindOf(state)) go(comparesNothing);
    this.show({...state, ...comparesNothing});
    if (kind) at(kind === "query" ? "against_query" : "against_from").focus();
  }

  show(state) {
    if (kindOf(state)) this.#waits = "";
    const kind = this.kind(state);
    at("against").value = kind;
    at("against-words").hidden = kind !== "query";
    at("against-time").hidden = kind !== "time";
    at("exchange").hidden = !["query", "time"].includes(kindOf(state));
    for (const name of ["against_query", ...FIELDS]) {
      if (document.activeElement !== at(name) || state[name]) at(name).value = name === "against_to" ? shownEnd(state[name]) : state[name];
    }
  }
}

// What is compared becomes the question, and the question what is compared.
function exchanged(state, archive) {
  const change = {...comparesNothing};
  if (state.against_query) Object.assign(change, {query: state.against_query, against_query: state.query});
  if (state.against_from || state.against_to) {
    Object.assign(change, {from: state.against_from, to: state.against_to});
    Object.assign(change, {against_from: state.from || archive.from, against_to: state.to || archive.to});
  }
  return change;
}
