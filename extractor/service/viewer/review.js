// Accept, correct or reject the values of a record; what was decided becomes a gold case.

import { place } from "./spans.js";

const $ = (id) => document.getElementById(id);

/** Whether the service keeps reviews. */
export async function canReview() {
  const { reviews } = await (await fetch("healthz")).json();
  return reviews;
}

/**
 * A review of one result. `values` are [path, value, support] in the order of the page; `look`
 * shows one of them, `mark` its verdict, `say` tells a person.
 */
export function newReview({ article, result, values, look, mark, say }) {
  const decisions = {};
  let at = -1;

  const current = () => values[at];
  const left = () => values.filter(([path]) => !(path in decisions)).length;

  function go(number) {
    at = number;
    const [path, value, support] = current();
    look(path);
    $("review-path").textContent = path;
    $("review-value").value = String(value);
    $("review-value").readOnly = support === "quoted";
    $("review-left").textContent = `${left()} of ${values.length} to decide`;
  }

  function next() {
    for (let step = 1; step <= values.length; step += 1) {
      const number = (at + step) % values.length;
      if (!(values[number][0] in decisions)) return go(number);
    }
    $("review-left").textContent = "all decided: save the case";
    return undefined;
  }

  function decide(decision, words = String(current()[1])) {
    const [path] = current();
    decisions[path] = decision;
    mark(path, decision.verdict, words);
    next();
  }

  /** Quoted values are corrected by words selected in the article, others by what is written. */
  function correct() {
    const [, value, support] = current();
    if (support === "quoted") {
      const span = place($("words"), getSelection());
      if (!span) return say("Select the right words in the article first.", "failed");
      const { words, ...offsets } = span;
      return decide({ verdict: "corrected", ...offsets }, words);
    }
    const written = $("review-value").value.trim();
    if (written === String(value)) return say("Write what it should be first.", "failed");
    if (typeof value === "string") return decide({ verdict: "corrected", value: written }, written);
    try {
      return decide({ verdict: "corrected", value: JSON.parse(written) }, written);
    } catch {
      return say(`${written} is not a ${typeof value}.`, "failed");
    }
  }

  async function save() {
    const body = { article, schema: result.provenance.schema.id, record: result.record, decisions };
    const answer = await fetch("v1/cases", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) return say([told.detail, told.hint].filter(Boolean).join(": "), "failed");
    return say(`saved as the gold case ${told.case}`);
  }

  return {
    next,
    correct,
    save,
    accept: () => decide({ verdict: "accepted" }),
    reject: () => decide({ verdict: "rejected" }),
    choose: (path) => go(values.findIndex(([own]) => own === path)),
  };
}
