// The words of the query, under its field: what each finds beside itself, how OR binds, and what to do about no hits.

import {count, html, posts, refill} from "./build.js";

// `search(query)` asks for other words.
export function drawWords(place, {words, state, counts}, search) {
  const query = state.query;
  const without = words.filter(row => !row.excluded && !row.posts);
  refill(place,
    state.read_as ? html("p", {}, "Read as ", html("b", {}, state.read_as)) : null,
    words.map(row => row.excluded ? leftOut(row) : row.posts ? finds(row, query, search) : none(row, query, search)),
    query && !counts.query && words.length > 1 && !without.length
      ? html("p", {}, "Every word is in some post of the archive, but what is asked is in none.") : null);
}

function finds(row, query, search) {
  const [own, ...others] = row.finds;
  if (!others.length) return null;
  return html("p", {}, html("b", {}, row.written), " also finds: ",
    others.map((form, place) => [place ? ", " : "", html("span", {title: posts(form.posts)}, form.word)]),
    own ? [" · ", choose(`only “${own.word}”`, instead(query, row.written, `"${own.word}"`), search,
      `${posts(own.posts)} with exactly this word`)] : "");
}

function leftOut(row) {
  const forms = row.finds.slice(1).map(form => form.word);
  return html("p", {}, "Left out: ", html("b", {}, row.written), forms.length ? `, ${forms.join(", ")}` : "", ` (${posts(row.posts)})`);
}

function none(row, query, search) {
  return html("p", {class: "none"}, "No post has ", html("b", {}, row.written),
    row.near.length ? ["; near: ", row.near.map((form, place) => [place ? ", " : "",
      choose(form.word, instead(query, row.written, form.word), search, posts(form.posts)), html("small", {}, ` ${count(form.posts)}`)])] : ".");
}

const choose = (text, query, search, title) => html("button", {
  type: "button", class: "link", "data-key": `words ${text}`, title, onclick: () => search(query)}, text);

// A query with another word in the place of one; the first place where it is not part of a longer one.
function instead(query, word, other) {
  const letter = /[\p{L}\p{N}]/u;
  for (let at = query.indexOf(word); at >= 0; at = query.indexOf(word, at + 1)) {
    if (!letter.test(query[at - 1] ?? " ") && !letter.test(query[at + word.length] ?? " ")) {
      return query.slice(0, at) + other + query.slice(at + word.length);
    }
  }
  return other;
}
