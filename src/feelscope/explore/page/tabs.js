// Tabs, which a narrow page has in place of one long column.

import {at} from "./build.js";

export const TABS = {timeline: "When", emotions: "Feelings", subjects: "Subjects", sentences: "Posts", map: "Map", facets: "Filter", pictures: "Pictures"};

// `choose(name)` shows another part of the page.
export function drawTabs(tab, choose) {
  const place = at("tabs"), chosen = tab in TABS ? tab : "timeline";
  document.body.dataset.tab = chosen;
  for (const [name, text] of Object.entries(TABS)) {
    let button = place.querySelector(`[data-tab=${name}]`);
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.dataset.tab = name;
      button.textContent = text;
      button.addEventListener("click", () => choose(name));
      place.append(button);
    }
    button.setAttribute("aria-pressed", String(name === chosen));
    button.hidden = at(name).hidden;
  }
}
