// Starts the Slack service of the package `emulate` on this machine, and has it send its events to us.
//
//   node slack.mjs PORT EVENTS_URL SIGNING_SECRET
//
// The package's own command has no option for an events address: the service's plugin is wrapped to register one.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [port, eventsUrl, signingSecret] = process.argv.slice(2);
const dist = new URL("node_modules/emulate/dist/", import.meta.url);
const file = readdirSync(fileURLToPath(dist)).find(
  (name) => /^dist-.*\.js$/.test(name) && /\bslackPlugin\s*\n\};/.test(readFileSync(new URL(name, dist), "utf8")),
);
const { slackPlugin } = await import(new URL(file, dist));
const { createEmulator } = await import(new URL("api.js", dist));

const register = slackPlugin.register;
slackPlugin.register = (app, store, webhooks, ...rest) => {
  register.call(slackPlugin, app, store, webhooks, ...rest);
  webhooks.register({ url: eventsUrl, events: ["*"], active: true, owner: "slack" });
};

const app = { app_id: "A000000001", name: "Pylon", client_id: "1.2", client_secret: "secret", bot_name: "pylon" };
await createEmulator({
  service: "slack",
  port: Number(port),
  seed: {
    slack: {
      team: { name: "Acme", domain: "acme" },
      users: [
        { name: "dana", real_name: "Dana Reyes", email: "dana@acme.example" },
        { name: "mia", real_name: "Mia Tanaka", email: "mia@globex.example" },
      ],
      channels: [{ name: "ext-globex" }, { name: "support-triage" }],
      signing_secret: signingSecret,
      oauth_apps: [{ ...app, redirect_uris: ["http://127.0.0.1/"], scopes: [] }],
      tokens: [
        { token: "xoxb-pylon", type: "bot", user: "pylon", app_id: app.app_id },
        { token: "xoxp-dana", type: "user", user: "dana" },
        { token: "xoxp-mia", type: "user", user: "mia" },
      ],
    },
  },
});
console.log("ready");
