// How well a text fits what was typed: its letters in order, better together and at the beginnings of words.

/** 0: not at all. */
export function fit(text, typed) {
  const [said, asked] = [plain(text), plain(typed)];
  if (!asked) return 1;
  const at = said.indexOf(asked);
  if (at === 0) return 1_000 - said.length;
  if (at > 0) return (/[\s:]/.test(said[at - 1]) ? 800 : 500) - said.length;
  let score = 100;
  let from = 0;
  for (const letter of asked.replaceAll(" ", "")) {
    const found = said.indexOf(letter, from);
    if (found < 0) return 0;
    if (found > from) score -= Math.min(found - from, 12);
    if (found === 0 || said[found - 1] === " ") score += 8;
    from = found + 1;
  }
  return Math.max(score, 0);
}

function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
