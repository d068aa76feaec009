// Which key is which answer: the numbers, then the letters that no button has.

export const TOOLS = {u: "undo", s: "skip", 0: "unclear", n: "write", d: "define"};
const KEYS = [..."123456789", ..."abcefghijklmopqrtvwxyz"];

export const keyOf = place => KEYS[place] ?? "";
export const placeOf = key => KEYS.indexOf(key.toLowerCase());
