// One post, in a dialog: its words, its picture, and what the model read in it.

import {answer} from "./asker.js";
import {count, html, percent} from "./build.js";
import {toDay, written} from "./dates.js";
import {marked} from "./marks.js";
import {original} from "./original.js";
import {drawSimilar} from "./similar.js";

let newest = 0;

// `around(id)` says whether there are posts before and after it, and how to get there.
// `other` has what leads to another one: `href(id)` and `open(id)`.
export async function openPost(dialog, {post: id, query, subject}, around, other) {
  const asked = new URLSearchParams({id, query, subject});
  const mine = ++newest;
  dialog.setAttribute("aria-busy", "true");
  for (const step of dialog.querySelectorAll("nav button")) step.disabled = true; // they lead on from the post before
  const [said, fault] = await answer("/post.json?" + asked);
  if (mine !== newest) return;
  dialog.removeAttribute("aria-busy");
  const similar = html("section", {"aria-label": "Similar posts"});
  dialog.replaceChildren(...(fault ? [html("h2", {id: "post-title"}, "No post"), html("p", {}, fault)] : [...content(said), similar]),
    steps(around(id)),
    html("form", {method: "dialog"}, html("button", {"aria-label": "Close"}, "×")));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  if (!fault) drawSimilar(similar, id, other.href, other.open);
}

function steps({to, previous, next}) {
  if (!previous && !next) return "";
  const button = (text, step, there) => html("button", {type: "button", disabled: !there, onclick: () => to(step)}, text);
  return html("nav", {class: "pager", "aria-label": "Other posts"}, button("‹ Previous", -1, previous), button("Next ›", 1, next));
}

export function closePost(dialog) {
  newest += 1;
  if (dialog.open) dialog.close();
}

function content(post) {
  const sure = Object.entries(post.probabilities ?? {}).sort((one, other) => other[1] - one[1]);
  const from = [post.date ? written(toDay(post.date.slice(0, 10))) : "no date", post.source, post.author,
    post.score === null ? "" : `score ${count(post.score)}`].filter(Boolean);
  return [
    html("p", {class: "when"}, from.join(" · ")),
    html("h2", {id: "post-title", tabindex: -1, autofocus: true, dir: "auto", class: post.title ? "" : "spoken"},
      post.title ? marked(post.shown.title.text, post.shown.title.spans) : "Post"),
    post.image ? picture(post) : null,
    post.shown.text.text ? html("p", {class: "text", dir: "auto"}, marked(post.shown.text.text, post.shown.text.spans)) : null,
    original(post.url, "Where it was posted"),
    html("h3", {}, "Read as ", html("strong", {}, post.emotion ?? "nothing")),
    sure.length > 1 ? html("table", {class: "sure"},
      html("caption", {class: "spoken"}, "How sure the model is of each emotion"),
      html("tbody", {}, sure.map(([name, share]) => html("tr", {},
        html("th", {scope: "row"}, name),
        html("td", {class: "bar"}, html("progress", {max: 1, value: share, "aria-hidden": "true"})),
        html("td", {class: "number"}, percent(share)))))) : null,
    post.why?.length ? html("p", {class: "note"}, html("mark", {class: "why"}, "Words on this ground"), ` speak most for ${post.emotion}.`) : null,
  ].filter(Boolean);
}

// The picture with a frame around each region that speaks most for the emotion: solid, dashed, dotted by their rank.
function picture(post) {
  const regions = [...post.where ?? []].sort((one, other) => other.weight - one.weight);
  const frames = regions.map(({left, top, right, bottom, weight}, rank) => {
    const frame = html("span", {class: `region rank-${rank + 1}`, title: `${post.emotion}: ${percent(weight)} from here`});
    for (const [side, share] of Object.entries({left, top, right: 1 - right, bottom: 1 - bottom})) frame.style[side] = `${100 * share}%`;
    return frame;
  });
  const alt = regions.length ? `The picture of the post, with ${regions.length} regions framed that the emotion rests on` : "The picture of the post";
  return html("div", {class: "whole"}, html("img", {src: post.image, alt}), ...frames);
}
