// One post, in a dialog: its words, its picture, and what the model read in it.

import {answer} from "./asker.js";
import {html, percent} from "./build.js";
import {toDay, written} from "./dates.js";
import {marked} from "./marks.js";

let newest = 0;

export async function openPost(dialog, id) {
  const mine = ++newest;
  dialog.setAttribute("aria-busy", "true");
  const [said, fault] = await answer("/post.json?id=" + encodeURIComponent(id));
  if (mine !== newest) return;
  dialog.removeAttribute("aria-busy");
  dialog.replaceChildren(...(fault ? [html("h2", {id: "post-title"}, "No post"), html("p", {}, fault)] : content(said)),
    html("form", {method: "dialog"}, html("button", {"aria-label": "Close"}, "×")));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

export function closePost(dialog) {
  newest += 1;
  if (dialog.open) dialog.close();
}

function content(post) {
  const sure = Object.entries(post.probabilities ?? {}).sort((one, other) => other[1] - one[1]);
  const from = [post.date ? written(toDay(post.date.slice(0, 10))) : "no date", post.source, post.author].filter(Boolean);
  return [
    html("p", {class: "when"}, from.join(" · ")),
    html("h2", {id: "post-title", tabindex: -1, autofocus: true, dir: "auto", class: post.title ? "" : "spoken"}, post.title || "Post"),
    post.image ? picture(post) : null,
    html("p", {class: "text", dir: "auto"}, post.text ?? ""),
    link(post.url),
    html("h3", {}, "Read as ", html("strong", {}, post.emotion ?? "nothing")),
    sure.length > 1 ? html("table", {class: "sure"},
      html("caption", {class: "spoken"}, "How sure the model is of each emotion"),
      html("tbody", {}, sure.map(([name, share]) => html("tr", {},
        html("th", {scope: "row"}, name),
        html("td", {class: "bar"}, html("progress", {max: 1, value: share, "aria-hidden": "true"})),
        html("td", {class: "number"}, percent(share)))))) : null,
    post.why?.length ? html("p", {class: "why", dir: "auto"}, "These words speak most for it: ", marked(whole(post), post.why)) : null,
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

const whole = post => [post.title, post.text].filter(Boolean).join("\n");

// An address of the web alone: a post may have any other scheme in its place.
function link(url) {
  if (!/^https?:\/\//i.test(url ?? "")) return null;
  return html("p", {}, html("a", {href: url, target: "_blank", rel: "noopener noreferrer"}, "Where it was posted"));
}
