// Pictures of the posts, a row an emotion; a picture is described by its post's words.

import {html, percent, posts, refill} from "./build.js";

export function drawPictures(section, place, note, {pictures, archive}, href, open) {
  section.hidden = !archive.pictures;
  if (section.hidden) return;
  note.textContent = pictures.total ? `${posts(pictures.total)} with a picture` : "No matching post has a picture.";
  refill(place, archive.emotions.filter(name => pictures.rows[name]?.length).map(name => html("div", {class: "strip"},
    html("h3", {}, name),
    html("ul", {}, pictures.rows[name].map(one => html("li", {},
      html("a", {
        href: href(one.id), "data-key": "picture " + one.id,
        onclick: event => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          open(one.id);
        },
      }, html("img", {src: one.image, alt: one.text || "A picture without words", title: one.text, loading: "lazy"}))))))));
}
