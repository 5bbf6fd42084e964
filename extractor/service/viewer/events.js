// An answer that comes as server-sent events, and the record that fills in meanwhile.

/** The events of a response as they come: [name, data]. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const said = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
      if (said.event) yield [said.event, JSON.parse(said.data)];
    }
  }
}

/** What a model has written of a record: nothing yet. */
export function newDraft() {
  return { record: Object.create(null), evidence: Object.create(null) };
}

/** Puts values, by JSON pointer, into a draft; that they are being written is their support. */
export function write(draft, fields) {
  for (const [path, value] of Object.entries(fields)) {
    const steps = path.slice(1).split("/").map((s) => s.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = steps.pop();
    let at = draft.record;
    steps.forEach((step, n) => {
      // Without a prototype, for the names are a model's.
      at[step] ??= /^\d+$/.test(steps[n + 1] ?? last) ? [] : Object.create(null);
      at = at[step];
    });
    at[last] = value;
    draft.evidence[path] = { support: "draft", spans: [] };
  }
}
