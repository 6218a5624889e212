// What the board asks of the server, and what it says when that doesn't work. The server's drawing is the truth.
import { board } from "./board-cards.js";
import { gettext } from "./words.js";

const PATIENCE_MS = 15_000;

/** The board as it is shown: its selection, and its swimlanes each by name. */
export function query() {
  const shown = [...board.querySelectorAll("[data-lane-row]")].map(({ dataset }) => `shown=${encodeURIComponent(dataset.laneRow)}`);
  return [board.dataset.query, ...shown].filter(Boolean).join("&");
}

/** Sends a form's fields, an array of pairs. Answers `{ html, conflict }`; throws an Error in words for the person. */
export async function send(address, fields) {
  const headers = { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] };
  const body = new URLSearchParams([...fields, ["query", query()]]);
  const response = await ask(address, { method: "POST", headers, body });
  if (!response.ok && ![409, 422].includes(response.status)) {
    throw new Error(gettext("The server answered {status}.", { status: response.status }));
  }
  return { html: await response.text(), conflict: response.status !== 200 };
}

/** Reads a drawing. */
export async function read(address) {
  const response = await ask(address, { headers: { "HX-Request": "true" } });
  if (!response.ok) throw new Error(gettext("The server answered {status}.", { status: response.status }));
  return response.text();
}

async function ask(address, options) {
  let response;
  try {
    response = await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new Error(gettext("The server can’t be reached."));
  }
  if (response.redirected && new URL(response.url).pathname.startsWith("/sign-in/")) {
    location.reload();
    throw new Error(gettext("You were signed out."));
  }
  return response;
}
