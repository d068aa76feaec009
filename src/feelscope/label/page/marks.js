// A text with some of its words marked: spans are [start, end, weight] in characters.

export function marked(text, spans) {
  const whole = document.createDocumentFragment(), letters = Array.from(text);
  let done = 0;
  for (const [start, end, weight] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (start < done) continue;
    whole.append(letters.slice(done, start).join(""));
    const mark = document.createElement("mark");
    mark.textContent = letters.slice(start, end).join("");
    mark.title = String(weight);
    whole.append(mark);
    done = end;
  }
  whole.append(letters.slice(done).join(""));
  return whole;
}
