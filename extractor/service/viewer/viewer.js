import { events, newDraft, write } from "./events.js";
import { canReview, newReview } from "./review.js";
import { pointer, segments } from "./spans.js";

const $ = (id) => document.getElementById(id);

/** An element; what is inside is always text or an element, never markup. */
function make(tag, properties = {}, ...inside) {
  const { dataset = {}, aria = {}, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  element.append(...inside);
  return element;
}

function say(text, kind = "") {
  $("said").textContent = text;
  $("said").className = kind;
}

// ------------------------------------------------------------------ what is lit

let marks = []; // [element, paths] of each piece of the article that a value rests on
let buttons = new Map(); // path -> the button of its value
let values = []; // [path, value, support] of each value, in the order of the page

/** Lights the words of these values and the values themselves, and nothing else. */
function light(paths) {
  const wanted = new Set(paths);
  for (const [element, own] of marks) {
    element.classList.toggle("lit", own.some((path) => wanted.has(path)));
  }
  for (const [path, button] of buttons) button.setAttribute("aria-pressed", wanted.has(path));
}

function near(element) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
}

function lightValue(path) {
  light([path]);
  const lit = marks.filter(([, own]) => own.includes(path)).map(([element]) => element);
  near(lit[0]);
  const spans = shown.evidence[path]?.spans ?? [];
  // Without its article, a record still has the words.
  const words = lit.length
    ? lit.map((element) => element.textContent).join("")
    : spans.map(({ text }) => text).join(" … ");
  say(words ? `rests on: ${words}` : "no words of the article support this value");
}

function lightWords(element, paths) {
  light(paths);
  near(buttons.get(paths[0]));
  say(`${paths.length} value${paths.length === 1 ? "" : "s"} on “${element.textContent}”`);
}

function lightNothing() {
  light([]);
  say("");
}

// ------------------------------------------------------------------ the article

function showArticle(article, evidence) {
  const told = [article.outlet, article.published, article.title].filter(Boolean);
  $("byline").textContent = told.join(" · ");
  marks = [];
  const pieces = segments(article.text, evidence).map(({ text, paths }) => {
    if (!paths.length) return document.createTextNode(text);
    const mark = make("mark", { tabIndex: 0, textContent: text });
    mark.setAttribute("role", "button");
    mark.addEventListener("click", () => lightWords(mark, paths));
    mark.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      lightWords(mark, paths);
    });
    marks.push([mark, paths]);
    return mark;
  });
  $("words").replaceChildren(...pieces);
}

// ------------------------------------------------------------------ the record

const isNothing = (value) =>
  value === null || (typeof value === "object" && !Object.keys(value).length);

function showValue(name, value, path, evidence) {
  if (isNothing(value)) {
    return make("div", { className: "row empty" }, make("span", { className: "name" }, name), "—");
  }
  if (Array.isArray(value)) return rows(value, path, evidence, name);
  if (typeof value === "object") {
    const group = make("div", { className: "group" }, make("h4", {}, name));
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", name);
    group.append(...rows(value, path, evidence));
    return group;
  }
  const support = evidence[path]?.support ?? "none";
  const button = make(
    "button",
    {
      type: "button",
      className: "value",
      disabled: support === "draft",
      dataset: { path },
      aria: { pressed: "false" },
    },
    make("span", { className: "name" }, name),
    make("bdi", { className: "said" }, String(value)),
    make("span", { className: `tag ${support}` }, support),
  );
  button.addEventListener("click", () => (review ? review.choose(path) : lightValue(path)));
  buttons.set(path, button);
  values.push([path, value, support]);
  return button;
}

/** What is directly in an object or a list, by name; the items of a list stand for the list. */
function rows(value, path, evidence, title = "") {
  if (Array.isArray(value)) {
    return value.flatMap((item, i) =>
      showValue(`${title} ${i + 1}`.trim(), item, pointer(path, i), evidence),
    );
  }
  return Object.entries(value).flatMap(([step, inner]) =>
    showValue(step.replaceAll("_", " "), inner, pointer(path, step), evidence),
  );
}

function showRecord({ record, evidence, status }) {
  buttons = new Map();
  values = [];
  $("status").textContent = status;
  $("status").className = `tag ${status}`;
  $("values").replaceChildren(
    ...(record ? rows(record, "", evidence) : [make("p", {}, "There is no record: see the problems.")]),
  );
}

function showProblems(problems) {
  for (const { path, message, severity } of problems) {
    const button = buttons.get(path);
    if (!button || severity === "info") continue;
    button.classList.add("flagged");
    button.title = message;
    button.querySelector(".said").after(make("span", { className: "offscreen" }, " (see problems)"));
  }
  const items = problems.map(({ code, path, message, severity, quote }) => {
    const item = make("li", { className: severity }, make("code", {}, code), " ");
    if (buttons.has(path)) {
      const there = make("button", { type: "button", className: "link" }, path);
      there.addEventListener("click", () => {
        lightValue(path);
        buttons.get(path).focus();
      });
      item.append(there);
    } else if (path) item.append(make("span", { className: "path" }, path));
    item.append(make("p", { dir: "auto" }, message));
    if (quote && !message.includes(quote)) item.append(make("blockquote", { dir: "auto" }, quote));
    return item;
  });
  $("problems").replaceChildren(...(items.length ? items : [make("li", {}, "none")]));
}

function showProvenance(provenance) {
  const shown = Object.entries(provenance ?? {}).flatMap(([name, value]) => {
    const text = value && typeof value === "object" ? JSON.stringify(value) : String(value ?? "—");
    return [make("dt", {}, name.replaceAll("_", " ")), make("dd", {}, text)];
  });
  $("provenance").replaceChildren(...shown);
}

let shown = null; // the last result, as it came
let asked = null; // and its article
let review = null; // the review under way
let reviews = false; // whether the service keeps any

/** What the model has written so far. */
function showDraft(article, { record, evidence }) {
  if (shown || $("result").hidden) {
    shown = null;
    endReview();
    showArticle(article, {});
    showProblems([]);
    showProvenance(null);
    share(null);
    for (const id of ["copy", "review"]) $(id).hidden = true;
    $("result").hidden = false;
    say("The model writes …");
    near($("record-head"));
  }
  showRecord({ record, evidence, status: "writing" });
}

function show(article, result, record) {
  shown = result;
  asked = article;
  endReview();
  share(record);
  $("copy").hidden = false;
  $("review").hidden = !reviews || !article.text;
  showArticle(article, article.text ? result.evidence : {});
  showRecord(result);
  showProblems(result.problems);
  showProvenance(result.provenance);
  $("result").hidden = false;
  $("record").focus({ preventScroll: true });
  near($("record-head"));
}

// ------------------------------------------------------------------ reviewing

function beginReview() {
  $("review-bar").hidden = false;
  $("review").setAttribute("aria-pressed", "true");
  review = newReview({
    article: asked,
    result: shown,
    values,
    look: lightValue,
    mark: (path, verdict, words) => {
      buttons.get(path).dataset.verdict = verdict;
      buttons.get(path).querySelector(".said").textContent = words;
    },
    say,
  });
  review.next();
}

function endReview() {
  review = null;
  $("review-bar").hidden = true;
  $("review").setAttribute("aria-pressed", "false");
}

for (const step of ["accept", "correct", "reject", "next", "save"]) {
  // A click would take the selection of words away before it is read.
  $(`review-${step}`).addEventListener("mousedown", (event) => event.preventDefault());
  $(`review-${step}`).addEventListener("click", () => review?.[step]());
}
$("review").addEventListener("click", () => (review ? endReview() : beginReview()));
document.addEventListener("keydown", (event) => {
  if (!review || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select")) return;
  const step = { a: "accept", c: "correct", r: "reject", n: "next" }[event.key.toLowerCase()];
  if (step) review[step]();
});
canReview()
  .then((can) => {
    reviews = can;
    $("review").hidden = !can || !asked?.text;
  })
  .catch((error) => say(error.message, "failed"));

// ------------------------------------------------------------------ sharing

/** The address of the page leads to the record, if it is kept. */
function share(record) {
  $("link").hidden = !record;
  history.replaceState(null, "", record ? `?record=${encodeURIComponent(record)}` : ".");
}

async function openRecord(record) {
  const path = `v1/records/${encodeURIComponent(record)}`;
  const [found, article] = await Promise.all([fetch(path), fetch(`${path}/article`)]);
  const result = await whole(found);
  if (article.ok) fill(await article.clone().json());
  show(article.ok ? await article.json() : { ...result.article, text: "" }, result, record);
  if (article.ok) return say(`${result.status}, ${result.problems.length} problems`);
  $("words").textContent = "The article of this record is not kept here.";
  return say("Click a value to read its words.");
}

// ------------------------------------------------------------------ asking

let asking = null; // the request under way
let tokens = 0; // what the model has written of its answer

function articleOfForm() {
  const article = { text: $("text").value };
  for (const name of ["published", "outlet", "title"]) {
    if ($(name).value) article[name] = $(name).value;
  }
  return article;
}

const problem = ({ detail, hint }) => new Error([detail, hint].filter(Boolean).join(": "));

async function whole(answer) {
  const body = await answer.json();
  if (!answer.ok) throw problem(body);
  return body;
}

/** Shows what the model writes until the answer is there: [result, id of the record]. */
async function follow(article, answer) {
  let draft = null;
  let record = null;
  for await (const [event, data] of events(answer)) {
    if (event === "asking") draft = newDraft();
    if (event === "repairing") {
      draft = null;
      say("Fields that failed are asked again …");
    }
    if (event === "writing" && draft) {
      tokens = data.tokens;
      write(draft, data.fields);
      showDraft(article, draft);
    }
    if (event === "answer") record = data.record;
    if (event === "problem") throw problem(data);
    if (event === "extraction") return [data, record];
  }
  throw new Error("the answer broke off");
}

async function ask(article) {
  asking = new AbortController();
  const began = Date.now();
  const clock = setInterval(() => {
    const seconds = Math.round((Date.now() - began) / 1000);
    $("elapsed").textContent = tokens ? `${seconds} s, ${tokens} tokens` : `${seconds} s`;
  }, 500);
  $("cancel").hidden = false;
  say("The model reads the article …");
  try {
    const answer = await fetch(`v1/extract?prompt=${encodeURIComponent($("prompt").value)}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(article),
      signal: asking.signal,
    });
    const comes = answer.headers.get("content-type").startsWith("text/event-stream");
    const [result, record] = comes ? await follow(article, answer) : [await whole(answer), null];
    show(article, result, record);
    say(`${result.status}, ${result.problems.length} problems`);
  } catch (error) {
    if (!shown) $("result").hidden = true;
    say(error.name === "AbortError" ? "cancelled" : error.message, "failed");
  } finally {
    clearInterval(clock);
    $("elapsed").textContent = "";
    $("cancel").hidden = true;
    asking = null;
    tokens = 0;
  }
}

function fill(article) {
  $("text").value = article.text ?? "";
  for (const name of ["published", "outlet", "title"]) $(name).value = article[name] ?? "";
}

async function open(file) {
  const text = await file.text();
  if (!file.name.endsWith(".json")) return fill({ text });
  try {
    const found = JSON.parse(text);
    fill(found.article ?? found);
  } catch (error) {
    say(`${file.name}: ${error.message}`, "failed");
  }
}

async function listPrompts() {
  const answer = await fetch("v1/prompts");
  const { prompts } = await answer.json();
  const usable = prompts.filter(({ status }) => status !== "invalid");
  const options = usable.map(({ id, labels }) => {
    const about = labels.length ? `${id} (${labels.join(", ")})` : id;
    return make("option", { value: id }, about);
  });
  $("prompt").replaceChildren(...options);
  const first = usable.find(({ id, labels }) => /^event@/.test(id) && labels.includes("production"));
  if (first) $("prompt").value = first.id;
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  if (asking) return;
  if ($("text").value.trim()) ask(articleOfForm());
  else say("The article is empty.", "failed");
});
$("cancel").addEventListener("click", () => asking?.abort());
$("example").addEventListener("click", () => {
  const { content, dataset } = $("example-article");
  fill({ text: content.textContent, ...dataset });
});
$("file").addEventListener("change", ({ target }) => {
  if (target.files.length) open(target.files[0]);
  target.value = "";
});
$("text").addEventListener("dragover", (event) => event.preventDefault());
$("text").addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  open(event.dataTransfer.files[0]);
});
$("empties").addEventListener("click", ({ target }) => {
  const on = $("values").classList.toggle("with-empties");
  target.setAttribute("aria-pressed", on);
});
$("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(JSON.stringify(shown, null, 2));
  say("copied");
});
$("link").addEventListener("click", async () => {
  await navigator.clipboard.writeText(location.href);
  say("copied");
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") lightNothing();
});
listPrompts().catch((error) => say(error.message, "failed"));
const wanted = new URLSearchParams(location.search).get("record");
if (wanted) openRecord(wanted).catch((error) => say(error.message, "failed"));
