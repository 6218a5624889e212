// What somebody has begun to write: kept in this browser until it was sent, for each person, conversation and kind.
const PREFIX = "pylon:draft:";

export function readDraft(page, kind) {
  return stored((storage) => storage.getItem(nameOf(page, kind))) ?? "";
}

export function keepDraft(page, kind, text) {
  stored((storage) => (text ? storage.setItem(nameOf(page, kind), text) : storage.removeItem(nameOf(page, kind))));
}

/** At sign-out: whoever sits here next reads nothing of it. */
export function forgetDrafts() {
  stored((storage) => {
    for (const name of Object.keys(storage)) if (name.startsWith(PREFIX)) storage.removeItem(name);
  });
}

function nameOf(page, kind) {
  return `${PREFIX}${page.dataset.reader}:${page.dataset.id}:${kind}`;
}

function stored(act) {
  try {
    return act(localStorage);
  } catch {
    return null; // a browser that stores nothing: the text stays in its field
  }
}
