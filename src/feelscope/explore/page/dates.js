// Days as numbers, counted from 1970-01-01 UTC, and how they are written. Spans are half-open: the last day is not in.

const DAY = 86_400_000;
const style = options => new Intl.DateTimeFormat("en-GB", {...options, timeZone: "UTC"});
const STYLES = {
  day: style({day: "numeric", month: "short", year: "numeric"}),
  month: style({month: "long", year: "numeric"}),
  monthAlone: style({month: "long"}),
  year: style({year: "numeric"}),
  short: style({day: "numeric", month: "short"}),
  shortMonth: style({month: "short", year: "numeric"}),
};

export const toDay = text => Math.round(Date.parse(text + "T00:00:00Z") / DAY);
export const toText = day => new Date(day * DAY).toISOString().slice(0, 10);
export const yearOf = day => new Date(day * DAY).getUTCFullYear();
export const written = (day, unit = "day") => STYLES[unit].format(new Date(day * DAY));

// A bin as people call it: "3 Apr 2013", "15 Apr to 21 Apr 2013", "April 2013", "2013".
export function binWritten(from, to, unit) {
  if (unit === "day") return written(from);
  if (unit === "week") return to - from === 1 ? written(from) : `${written(from, "short")} to ${written(to - 1)}`;
  return written(from, unit);
}

export function isDate(text) {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(Date.parse(text + "T00:00:00Z"));
}

// An end as people say it is the last day of a span; kept is the day after it.
export const shownEnd = end => isDate(end) ? toText(toDay(end) - 1) : end;
export const endOf = shown => isDate(shown) ? toText(toDay(shown) + 1) : shown;

// A span as people say it, last day included: "in 2012", "from April to May 2013", "on 3 Mar 2012".
export function spanWritten(from, to) {
  const [first, after] = [toText(from), toText(to)];
  if (first.endsWith("-01-01") && after.endsWith("-01-01")) {
    return yearOf(to) - yearOf(from) === 1 ? "in " + written(from, "year") : `from ${yearOf(from)} to ${yearOf(to) - 1}`;
  }
  const sameYear = yearOf(from) === yearOf(to - 1), last = written(to - 1, "month");
  if (first.endsWith("-01") && after.endsWith("-01")) {
    if (written(from, "month") === last) return "in " + last;
    return `from ${sameYear ? STYLES.monthAlone.format(new Date(from * DAY)) : written(from, "month")} to ${last}`;
  }
  return to - from === 1 ? "on " + written(from) : `from ${sameYear ? written(from, "short") : written(from)} to ${written(to - 1)}`;
}
