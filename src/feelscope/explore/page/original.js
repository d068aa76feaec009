// The link to a post where it was posted.

import {html} from "./build.js";

// An address of the web alone: a post may have any other scheme in its place.
export function original(url, text, title) {
  if (!/^https?:\/\//i.test(url ?? "")) return null;
  return html("a", {class: "original", href: url, target: "_blank", rel: "noopener noreferrer", title, "aria-label": title}, text);
}
