// The axes of a chart: round numbers up to a highest value, and marks of time that leave room for their words.

import {svg} from "./build.js";
import {toText, written} from "./dates.js";

// From short to long: the unit, how many of it, and pixels that its words need.
const STEPS = [
  ["day", 1, 50], ["day", 7, 50], ["day", 14, 50], ["month", 1, 62], ["month", 3, 62], ["month", 6, 62],
  ["year", 1, 38], ["year", 2, 38], ["year", 5, 38], ["year", 10, 38], ["year", 25, 38], ["year", 100, 38],
];
const DAYS = {day: 1, month: 30.4, year: 365.2};

// Days at which something begins, with words: [{day, text}], the first one at the beginning of the axis if it has room.
export function timeTicks(begin, end, width) {
  const each = width / (end - begin);
  const [unit, number, room] = STEPS.find(([name, many, needed]) => DAYS[name] * many * each >= needed) ?? STEPS.at(-1);
  const ticks = [];
  for (let day = first(begin, unit, number); day < end; day = after(day, unit, number)) {
    ticks.push({day, text: written(day, unit === "day" ? "short" : unit === "month" ? "shortMonth" : "year")});
  }
  if (unit === "day" && ticks[0]?.day === begin) ticks.shift(); // it is said with its year
  const spare = ((ticks[0]?.day ?? end) - begin) * each;
  if (spare >= (unit === "day" ? 80 : room)) ticks.unshift({day: begin, text: written(begin, unit === "day" ? "day" : unit === "month" ? "shortMonth" : "year"), edge: true});
  return ticks.filter(tick => (end - tick.day) * each >= room * 0.8);
}

const utc = day => toText(day).split("-").map(Number);
const toDay = (year, month, day) => Math.round(Date.UTC(year, month - 1, day) / 86_400_000);

function first(begin, unit, number) {
  const [year, month, day] = utc(begin);
  if (unit === "day") return number === 1 ? begin : begin + (4 - begin % 7 + 7) % 7; // Mondays
  if (unit === "month") {
    const months = Math.ceil((year * 12 + month - 1 + (day > 1)) / number) * number;
    return toDay(Math.floor(months / 12), months % 12 + 1, 1);
  }
  return toDay(Math.ceil((year + (month > 1 || day > 1)) / number) * number, 1, 1);
}

function after(from, unit, number) {
  const [year, month] = utc(from);
  if (unit === "day") return from + number;
  return unit === "month" ? toDay(year, month + number, 1) : toDay(year + number, 1, 1);
}

// The marks of time below a chart, as elements.
export function timeAxis(begin, end, toX, edge) {
  return timeTicks(begin, end, edge.right - edge.left).flatMap(({day, text, edge: isEdge}) => [
    isEdge ? null : svg("line", {x1: toX(day), x2: toX(day), y1: edge.bottom, y2: edge.bottom + 6, class: "tick"}),
    svg("text", {x: toX(day) + (isEdge ? 0 : 3), y: edge.bottom + 15}, text),
  ]).filter(Boolean);
}

// Round numbers up to the highest value, and the top of the scale, which need not be round.
export function scale(highest, shares) {
  if (!highest) return {top: 1, ticks: [0]};
  const rough = highest / 3, power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map(part => part * power).find(one => one >= rough * 0.8);
  if (!shares) step = Math.max(1, Math.round(step));
  const ticks = [];
  for (let tick = 0; tick <= highest * 1.0001; tick += step) ticks.push(tick);
  return {top: highest, ticks};
}

// The highest of what a function gives for each of a list, however long it is; at least 0.
export function highest(list, value) {
  let most = 0;
  for (const one of list) most = Math.max(most, value(one) ?? 0);
  return most;
}

// The outline of bars; a bin without a value, or days that are in no bin, leave a gap.
export function steps(bins, value, toY, bottom) {
  let path = "", last = null;
  for (const bin of bins) {
    const number = value(bin);
    if (!number) continue;
    const y = toY(number).toFixed(1), [left, right] = [bin.left.toFixed(1), bin.right.toFixed(1)];
    if (last !== null && last !== left) path += `V${bottom}Z`;
    path += last === left ? `V${y}H${right}` : `M${left} ${bottom}V${y}H${right}`;
    last = right;
  }
  return last === null ? path : path + `V${bottom}Z`;
}
