// Posts with similar words and posts with similar pictures, below a post in its dialog.

import {answer} from "./asker.js";
import {html} from "./build.js";
import {toDay, written} from "./dates.js";

// `open(id)` shows another post; `href(id)` is its address.
export async function drawSimilar(place, id, href, open) {
  const [said] = await answer("/similar.json?" + new URLSearchParams({id}));
  if (!said || said.missing || !place.isConnected) return;
  const link = (post, ...content) => html("a", {href: href(post.id), onclick: event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(post.id);
  }}, ...content);
  const alike = post => html("span", {class: "number", title: "Cosine of the two vectors"}, post.similarity.toFixed(2));
  place.replaceChildren(...[
    said.posts.length ? html("h3", {}, "Similar posts") : null,
    html("ol", {class: "similar"}, said.posts.map(post => html("li", {}, alike(post),
      html("span", {}, link(post, html("span", {class: "first", dir: "auto"}, post.text || "A post without words")),
        html("small", {}, " ", [post.emotion, post.date ? written(toDay(post.date.slice(0, 10))) : ""].filter(Boolean).join(" · ")))))),
    said.pictures.length ? html("h3", {}, "Similar pictures") : null,
    html("ul", {class: "similar-pictures"}, said.pictures.map(post => html("li", {},
      link(post, html("img", {src: post.image, alt: post.text || "A picture without words", title: post.text, loading: "lazy"})), alike(post)))),
  ].filter(Boolean));
}
