// Offsets in records are code points; strings of JavaScript are UTF-16. All counting is here.

/**
 * The text, cut wherever a span begins or ends: [{text, paths}] in order, which together are the
 * text. `paths` are the pointers of the values that rest on these words.
 */
export function segments(text, evidence) {
  const points = Array.from(text);
  const begins = new Map();
  const ends = new Map();
  const note = (places, at, path) => {
    if (!places.has(at)) places.set(at, []);
    places.get(at).push(path);
  };
  for (const [path, { spans }] of Object.entries(evidence)) {
    for (const { start, end } of spans) {
      note(begins, start, path);
      note(ends, end, path);
    }
  }
  const places = [...new Set([0, points.length, ...begins.keys(), ...ends.keys()])];
  places.sort((one, other) => one - other);
  const open = new Map(); // a value may have two spans that overlap
  return places.slice(0, -1).map((place, number) => {
    for (const path of ends.get(place) ?? []) {
      if (open.get(path) === 1) open.delete(path);
      else open.set(path, open.get(path) - 1);
    }
    for (const path of begins.get(place) ?? []) open.set(path, (open.get(path) ?? 0) + 1);
    return { text: points.slice(place, places[number + 1]).join(""), paths: [...open.keys()] };
  });
}

/** A JSON pointer one step longer (RFC 6901). */
export function pointer(path, step) {
  return `${path}/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/**
 * Where a selection stands in the text of an element: {words, start, end}, in code points and
 * without white space around; null when it is empty or elsewhere.
 */
export function place(element, selection) {
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  if (!element.contains(range.startContainer) || !element.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.selectNodeContents(element);
  before.setEnd(range.startContainer, range.startOffset);
  const chosen = range.toString();
  const words = chosen.trim();
  if (!words) return null;
  const blank = chosen.slice(0, chosen.length - chosen.trimStart().length);
  const start = Array.from(before.toString()).length + Array.from(blank).length;
  return { words, start, end: start + Array.from(words).length };
}
