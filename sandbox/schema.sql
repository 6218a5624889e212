PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;

CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS teams (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, domain TEXT NOT NULL, email_domain TEXT NOT NULL DEFAULT ''
);

CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, team_id TEXT NOT NULL, name TEXT NOT NULL, real_name TEXT NOT NULL,
    email TEXT, title TEXT NOT NULL DEFAULT '', tz TEXT NOT NULL DEFAULT 'Europe/London',
    is_admin INTEGER NOT NULL DEFAULT 0, is_owner INTEGER NOT NULL DEFAULT 0,
    is_restricted INTEGER NOT NULL DEFAULT 0, is_ultra_restricted INTEGER NOT NULL DEFAULT 0,
    bot_id TEXT, app_id TEXT, deleted INTEGER NOT NULL DEFAULT 0,
    color TEXT NOT NULL, status_text TEXT NOT NULL DEFAULT '', status_emoji TEXT NOT NULL DEFAULT '', updated INTEGER NOT NULL
);

-- One row per credential of the app. An installation is a bot token that is not revoked.
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, app_id TEXT NOT NULL, team_id TEXT, user_id TEXT, bot_id TEXT,
    scopes TEXT NOT NULL DEFAULT '', revoked INTEGER NOT NULL DEFAULT 0
);

-- What buys the next token, where the app's tokens rotate, and when the present one ends.
CREATE TABLE IF NOT EXISTS refresh_tokens (
    refresh_token TEXT PRIMARY KEY, token TEXT NOT NULL, ends REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS channels (
    id TEXT PRIMARY KEY, team_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, creator TEXT NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, is_archived INTEGER NOT NULL DEFAULT 0,
    topic TEXT NOT NULL DEFAULT '', purpose TEXT NOT NULL DEFAULT '', previous_names TEXT NOT NULL DEFAULT '[]'
);

-- The workspaces a channel is shared with besides its host; each may know it under another name.
CREATE TABLE IF NOT EXISTS channel_teams (
    channel_id TEXT NOT NULL, team_id TEXT NOT NULL, name TEXT, PRIMARY KEY (channel_id, team_id)
);

CREATE TABLE IF NOT EXISTS members (
    channel_id TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (channel_id, user_id)
);

-- `body` is the message object as Slack shows it, without the counters and reactions added on reading.
CREATE TABLE IF NOT EXISTS messages (
    channel_id TEXT NOT NULL, ts TEXT NOT NULL, thread_ts TEXT, user_id TEXT, in_channel INTEGER NOT NULL,
    only_for TEXT, body TEXT NOT NULL, PRIMARY KEY (channel_id, ts)
);
CREATE INDEX IF NOT EXISTS messages_thread ON messages (channel_id, thread_ts, ts);

CREATE TABLE IF NOT EXISTS reactions (
    channel_id TEXT NOT NULL, ts TEXT NOT NULL, name TEXT NOT NULL, user_id TEXT NOT NULL,
    PRIMARY KEY (channel_id, ts, name, user_id)
);

CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, channel_id TEXT NOT NULL, name TEXT NOT NULL,
    mimetype TEXT NOT NULL, created INTEGER NOT NULL, content BLOB NOT NULL
);

CREATE TABLE IF NOT EXISTS views (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT NOT NULL, team_id TEXT NOT NULL,
    root_id TEXT NOT NULL, previous_id TEXT, is_open INTEGER NOT NULL, body TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS triggers (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, team_id TEXT NOT NULL, view_id TEXT, created REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS response_urls (
    id TEXT PRIMARY KEY, team_id TEXT NOT NULL, channel_id TEXT NOT NULL, user_id TEXT NOT NULL, message_ts TEXT,
    created REAL NOT NULL, uses INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS oauth_codes (
    code TEXT PRIMARY KEY, team_id TEXT NOT NULL, user_id TEXT NOT NULL, scopes TEXT NOT NULL,
    redirect_uri TEXT NOT NULL, created REAL NOT NULL
);

-- The same for "Sign in with Slack", and what the app wants to find again in the answer.
CREATE TABLE IF NOT EXISTS openid_codes (
    code TEXT PRIMARY KEY, team_id TEXT NOT NULL, user_id TEXT NOT NULL, scopes TEXT NOT NULL,
    redirect_uri TEXT NOT NULL, nonce TEXT NOT NULL, created REAL NOT NULL
);

-- Every Web API call the app made, and what it was answered.
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, method TEXT NOT NULL, team_id TEXT,
    args TEXT NOT NULL, status INTEGER NOT NULL, answer TEXT NOT NULL
);

-- Every request to the app: an event, an interaction or a slash command.
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, event_id TEXT, summary TEXT NOT NULL,
    channel_id TEXT, url TEXT NOT NULL, content_type TEXT NOT NULL, body BLOB NOT NULL,
    created REAL NOT NULL, state TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS deliveries_state ON deliveries (state);

CREATE TABLE IF NOT EXISTS attempts (
    delivery_id INTEGER NOT NULL, number INTEGER NOT NULL, at REAL NOT NULL, status INTEGER,
    reason TEXT, seconds REAL NOT NULL, duplicate INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS attempts_delivery ON attempts (delivery_id);
