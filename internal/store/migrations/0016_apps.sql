-- +goose Up

-- Apps that may ask for a workspace's data. The secret is kept as it is, since it
-- signs what is sent to the app. own is true of the one that the workspace has for
-- itself.
CREATE TABLE apps (
	workspace_id  TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id            BIGINT NOT NULL,
	client_id     TEXT NOT NULL,
	client_secret TEXT NOT NULL,
	name          TEXT NOT NULL,
	own           BOOLEAN NOT NULL,
	redirect_urls JSONB NOT NULL,
	scopes        JSONB NOT NULL,
	created_at    BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX apps_own ON apps (workspace_id) WHERE own;

-- Whose the app with a client id is: an app that comes to the door says no more
-- than that.
CREATE TABLE app_client_ids (
	client_id    TEXT PRIMARY KEY,
	workspace_id TEXT NOT NULL,
	app_id       BIGINT NOT NULL,
	FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX app_client_ids_by_workspace ON app_client_ids (workspace_id, app_id);

-- The app that a token was made for; NULL for a token made by hand.
ALTER TABLE access_tokens ADD COLUMN app_id BIGINT;
CREATE INDEX access_tokens_by_app ON access_tokens (workspace_id, app_id, admin_id, created_at) WHERE app_id IS NOT NULL AND revoked_at IS NULL;

-- What an admin gave to an app, until the app fetches its token. token_hash is
-- that token's once the code was used.
CREATE TABLE authorization_codes (
	workspace_id TEXT NOT NULL,
	code_hash    TEXT NOT NULL,
	app_id       BIGINT NOT NULL,
	admin_id     BIGINT NOT NULL,
	redirect_url TEXT NOT NULL,
	expires_at   BIGINT NOT NULL,
	token_hash   TEXT,
	PRIMARY KEY (workspace_id, code_hash),
	FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, admin_id) REFERENCES admins (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX authorization_codes_by_app ON authorization_codes (workspace_id, app_id);
CREATE INDEX authorization_codes_by_admin ON authorization_codes (workspace_id, admin_id);
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (workspace_id, expires_at);

-- How an admin signs in. otp_secret is that of an authenticator; until the admin
-- has shown a code of it, otp_confirmed is false and it is not asked for. otp_step
-- is the last step of time whose code was used.
CREATE TABLE admin_credentials (
	workspace_id   TEXT NOT NULL,
	admin_id       BIGINT NOT NULL,
	password_hash  TEXT,
	otp_secret     TEXT,
	otp_confirmed  BOOLEAN NOT NULL,
	otp_step       BIGINT NOT NULL,
	recovery_codes JSONB NOT NULL,
	updated_at     BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, admin_id),
	FOREIGN KEY (workspace_id, admin_id) REFERENCES admins (workspace_id, id) ON DELETE CASCADE
);

-- Admins who are signed in, or have yet to show their second factor.
CREATE TABLE admin_sessions (
	workspace_id TEXT NOT NULL,
	token_hash   TEXT NOT NULL,
	admin_id     BIGINT NOT NULL,
	complete     BOOLEAN NOT NULL,
	created_at   BIGINT NOT NULL,
	seen_at      BIGINT NOT NULL,
	expires_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, token_hash),
	FOREIGN KEY (workspace_id, admin_id) REFERENCES admins (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX admin_sessions_by_admin ON admin_sessions (workspace_id, admin_id);
CREATE INDEX admin_sessions_by_expiry ON admin_sessions (workspace_id, expires_at);

-- How often something was tried that may be tried so often only, as a hash of what
-- that is, and when the count begins anew.
CREATE TABLE sign_in_attempts (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	subject      TEXT NOT NULL,
	attempts     BIGINT NOT NULL,
	expires_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, subject)
);
CREATE INDEX sign_in_attempts_by_expiry ON sign_in_attempts (workspace_id, expires_at);
