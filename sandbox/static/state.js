// What the page knows: the world, who you are, where you are.

import { read } from "./api.js";

export const state = { world: null, me: null, channel: null, thread: null, panel: null, unread: new Set() };

export async function loadWorld() {
  state.world = await read("state");
}

export const person = (id) =>
  state.world.people.find((one) => one.id === id || one.bot_id === id) ??
  { id, real_name: id === "USLACKBOT" ? "Slackbot" : (id ?? "Somebody"), name: id ?? "", team_id: "", avatar: `/avatar/${id}.svg` };
export const team = (id) => state.world.teams.find((one) => one.id === id);
export const channel = (id) => state.world.channels.find((one) => one.id === id);
export const app = () => state.world.app;
export const me = () => person(state.me);
export const channelName = (one) => one.names[me().team_id] ?? one.name;
export const homeTeam = () => state.world.installations[0]?.team_id;
export const isCustomer = (one) => one.team_id !== homeTeam();
export const installedHere = () => state.world.installations.some((one) => one.team_id === me().team_id);
export const myChannels = () =>
  state.world.channels.filter((one) => one.kind !== "im" && one.members.includes(state.me));
export const myAppDm = () => state.world.channels.find((one) => one.kind === "im" && one.members.includes(state.me));

export function remember() {
  const query = new URLSearchParams({ as: state.me });
  if (state.channel) query.set("channel", state.channel);
  if (state.thread) query.set("thread", state.thread);
  history.replaceState(null, "", `/?${query}`);
  localStorage.setItem("sandbox-me", state.me);
}
