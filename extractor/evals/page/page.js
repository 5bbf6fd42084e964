"use strict";
const cases = [...document.querySelectorAll("details.case")];
const numbers = (element) => element.dataset.v.split(" ");

/** Lights the words of these values of an article and their rows, and nothing else anywhere. */
function light(place, wanted) {
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  for (const on of document.querySelectorAll('button[aria-pressed="true"]')) on.setAttribute("aria-pressed", "false");
  for (const element of place?.querySelectorAll("[data-v]") ?? []) {
    if (!numbers(element).some((number) => wanted.includes(number))) continue;
    element.classList.add("lit");
    element.querySelector("button")?.setAttribute("aria-pressed", "true");
  }
  for (const side of place?.querySelectorAll(".words") ?? []) {
    const first = side.querySelector("mark.lit");
    if (first) side.scrollTop = first.offsetTop - side.offsetTop - side.clientHeight / 3;
  }
}

document.addEventListener("click", ({ target }) => {
  const element = target.closest("mark[data-v], tr[data-v]");
  if (!element) return;
  const place = element.closest("details.case");
  const again = element.classList.contains("lit") && element.matches("tr");
  light(place, again ? [] : numbers(element));
  if (element.matches("mark")) place.querySelector("tr.lit")?.scrollIntoView({ block: "nearest" });
});

function narrow() {
  const words = document.getElementById("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const one of cases) {
    const text = one.textContent.toLowerCase();
    one.hidden = !words.every((word) => text.includes(word));
    shown += !one.hidden;
  }
  document.getElementById("shown").textContent = words.length ? `${shown} of ${cases.length} articles` : "";
}

function go(step) {
  const there = cases.filter((one) => !one.hidden);
  if (!there.length) return;
  const at = there.findIndex((one) => one.contains(document.activeElement));
  const next = there[at < 0 ? (step > 0 ? 0 : there.length - 1) : at + step];
  if (!next) return;
  for (const one of there) one.open = one === next;
  next.querySelector("summary").focus();
  next.scrollIntoView();
}

document.getElementById("find").addEventListener("input", narrow);
document.getElementById("amiss").addEventListener("change", ({ target }) => {
  document.body.classList.toggle("amiss", target.checked);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  if (event.key === "Escape") light(null, []);
  if (event.key === "j") go(1);
  if (event.key === "k") go(-1);
});
