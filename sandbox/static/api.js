// The sandbox's control API.

import { toast } from "./dom.js";

export async function read(name, query = {}) {
  const response = await fetch(`/sandbox/api/${name}?${new URLSearchParams(query)}`);
  return response.json();
}

/** Do something; a refusal is shown and gives null. */
export async function act(name, body = {}, path = `/sandbox/api/${name}`) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (answer.ok) return answer;
  const details = answer.response_metadata?.messages?.join(" ") ?? "";
  toast(`Refused: ${answer.error} ${details}`, "bad");
  return null;
}

/** Do something that asks the app, and say so when the app did not answer. */
export async function ask(name, body) {
  const answer = await act(name, body);
  if (answer && answer.app_ok === false) {
    const why = answer.app_status ? `answered ${answer.app_status}` : `did not answer (${answer.reason})`;
    toast(`The app ${why}.`, "bad");
  }
  return answer;
}
