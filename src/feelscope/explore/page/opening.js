// The first screen: what the archive is, and questions of its own to click.

import {count, html, percent, posts, refill} from "./build.js";
import {spanWritten, toDay} from "./dates.js";

// `href(change)` is the address of a question, `go(change)` asks it.
export function drawOpening(place, {opening, archive}, href, go) {
  const felt = Object.entries(opening.emotions).sort((one, other) => other[1] - one[1]);
  const all = felt.reduce((sum, [, number]) => sum + number, 0);
  const span = archive.from ? spanWritten(toDay(archive.from), toDay(archive.to)) : "";
  const read = felt.slice(0, 3).filter(([, number]) => number).map(([name, number]) => `${name} ${percent(number / all)}`).join(", ");
  const sentences = [span, sources(opening), read && `read as ${read}`].filter(Boolean);
  const parts = [html("p", {}, sentences.map(text => `${text[0].toUpperCase()}${text.slice(1)}. `))];
  if (opening.questions.length) parts.push(html("h2", {}, "Questions to begin with"),
    html("ol", {}, opening.questions.map(one => {
      const [text, why, change] = worded(one, archive);
      return html("li", {}, html("a", {
        href: href(change), "data-key": `opening ${text}`,
        onclick: event => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          go(change);
        },
      }, text), html("small", {}, why));
    })));
  refill(place, parts);
}

function sources({sources, most_from: most}) {
  const named = most.length > 1 ? `${most.slice(0, -1).join(", ")} and ${most.at(-1)}` : most.join();
  if (sources && sources <= most.length) return `from ${named}`;
  return most.length ? `${sources ? count(sources) : "over 1,000"} sources, most posts from ${named}` : "";
}

// A question in words, what it is about in figures, and the change of the state that asks it.
function worded(one, archive) {
  const when = one.from ? spanWritten(toDay(one.from), toDay(one.to ?? archive.to)) : "";
  const shares = one.emotion ? `${percent(one.before)} → ${percent(one.after)}` : "";
  const more = one.after > one.before ? "more" : "less";
  if (one.kind === "change") {
    return [`Why was there ${more} ${one.emotion} ${when}?`, shares, {course: one.emotion, from: one.from, to: "", against: "", against_to: one.from}];
  }
  if (one.kind === "event") return [`What made for ${more} ${one.emotion} ${when}?`, shares, {course: one.emotion, from: one.from, to: one.to, against: "rest"}];
  const query = /\s/.test(one.subject) ? `"${one.subject}"` : one.subject;
  if (one.kind === "feeling") {
    return [`Why so much ${one.emotion} about ${one.subject}?`, `${percent(one.after)}, elsewhere ${percent(one.before)}`, {query, course: one.emotion}];
  }
  if (one.kind === "frequent") return [`How do people feel about ${one.subject}?`, posts(one.posts), {query}];
  return [`What happened with ${one.subject} ${when}?`,
    `${posts(one.posts)}, ${one.times ? `${one.times < 100 ? one.times.toFixed(0) : "over 100"} times as frequent as otherwise` : "none at other times"}`,
    {query, from: one.from, to: one.to}];
}
