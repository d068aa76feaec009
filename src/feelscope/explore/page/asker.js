// Asks the server, so that the newest answer wins: several questions may be on their way at once, as a span is
// dragged, but an answer is shown only if none to a later question was shown before it.

const MOST = 3; // questions on their way; a newer one waits for a free place and replaces the one that waits

export class Asker {
  #asked = 0;
  #away = new Map(); // number of a question -> its parts, and what stops it
  #waiting = null;

  // `show(answer, question)` is called in the order of the questions, `fail(message)` for the newest alone.
  constructor(show, fail) {
    this.show = show;
    this.fail = fail;
  }

  // `question` has an `address` and the `parts` it is about; it is given back with its answer. What is on its way about
  // other parts is stopped: its answer would show those parts for a state that is gone. Without parts all is stopped.
  ask(question) {
    this.#asked += 1;
    for (const [number, older] of this.#away) {
      if (older.parts.some(part => !question.parts.includes(part))) this.#stop(number);
    }
    this.#waiting = question.parts.length ? {...question, number: this.#asked} : null;
    this.#send();
  }

  #stop(number) {
    this.#away.get(number).stop.abort();
    this.#away.delete(number);
  }

  get busy() {
    return this.#away.size > 0 || this.#waiting !== null;
  }

  async #send() {
    if (!this.#waiting || this.#away.size >= MOST) return;
    const question = this.#waiting;
    this.#waiting = null;
    const stop = new AbortController();
    this.#away.set(question.number, {stop, parts: question.parts});
    const [said, fault] = await answer(question.address, stop.signal);
    const wanted = this.#away.delete(question.number);
    if (wanted && !fault) for (const number of this.#away.keys()) if (number < question.number) this.#stop(number);
    this.#send();
    if (!wanted) return;
    if (!fault) this.show(said, question);
    else if (question.number === this.#asked) this.fail(fault);
  }
}

// What the server says, or what is wrong.
export async function answer(address, signal) {
  try {
    const got = await fetch(address, {signal});
    const said = await got.json();
    return got.ok ? [said, ""] : [null, said.error];
  } catch {
    return [null, "No answer: is “feelscope explore serve” still running?"];
  }
}
