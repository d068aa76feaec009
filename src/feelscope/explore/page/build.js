// Builds elements. Text is only ever set as text, so that markup in a post stays what it is: letters.

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
  return element;
}

export const html = (name, attributes = {}, ...children) => filled(document.createElement(name), attributes, children);
export const svg = (name, attributes = {}, ...children) => filled(document.createElementNS(SVG, name), attributes, children);
export const at = id => document.getElementById(id);

// New content in the place of old; what had the focus has it again if it is still there (`data-key` says what is what).
export function refill(place, ...children) {
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const open = new Set([...place.querySelectorAll("details[open]")].map(one => one.dataset.key));
  place.replaceChildren(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
  for (const one of place.querySelectorAll("details")) if (open.has(one.dataset.key)) one.open = true;
  if (focused === undefined) return;
  const again = [...place.querySelectorAll("[data-key]")].find(one => one.dataset.key === focused && !one.disabled);
  if (again) again.focus({preventScroll: true});
  else place.closest("[tabindex='-1']")?.focus({preventScroll: true});
}

export const count = number => number.toLocaleString("en-US");
export const posts = number => `${count(number)} ${number === 1 ? "post" : "posts"}`;

export function percent(share, digits = 0) {
  if (share > 0 && share < 0.5 * 10 ** -(digits + 2)) return `under ${(10 ** -digits).toFixed(digits)}%`;
  return `${(share * 100).toFixed(digits)}%`;
}
