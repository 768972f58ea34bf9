/** How the server of a run is started, or found. */
export interface StartOptions {
  /** The program; PARLEY_BINARY, or parley on the PATH, if absent. Given, one is started even where PARLEY_URL is set. */
  binary?: string;
  /** More arguments of `parley serve`. */
  args?: string[];
  /** What each workspace is made as, unless it says otherwise. */
  workspace?: WorkspaceOptions;
}

/** A server that runs already. */
export interface AttachOptions {
  /** PARLEY_URL if absent. */
  url?: string;
  /** PARLEY_DEV_TOKEN if absent, or parley-dev. */
  devToken?: string;
  /** What each workspace is made as, unless it says otherwise. */
  workspace?: WorkspaceOptions;
}

/** What a workspace is made as: the members of workspace_request in the contract. */
export interface WorkspaceOptions {
  /** 8 lower-case letters and digits; random if absent. */
  id?: string;
  name?: string;
  /** Of the IANA database. */
  timezone?: string;
  region?: 'US' | 'EU' | 'AU';
  /** An access token of your own choice. */
  token?: string;
  /** `demo`, or the YAML text of a seed. */
  seed?: string;
  /** A snapshot of any workspace of the server. */
  snapshot?: { workspace_id: string; name: string };
  /** The same calls give the same ids in workspaces of the same `ids`. */
  ids?: string | number;
  /** What the clock shows from the beginning, in Unix seconds. */
  now?: number;
  /** Whether the clock stands. */
  frozen?: boolean;
}

/**
 * Starts a server for this process, or attaches to the one that PARLEY_URL names. It is a server of its own on a free
 * port of 127.0.0.1, with data that is removed at the end, and ends with this process, even if that is killed.
 */
export function start(options?: StartOptions): Promise<Server>;

/** Attaches to a server that runs already, without a call. */
export function attach(options?: AttachOptions): Server;

/**
 * Makes a workspace on the server of the test run: the one that PARLEY_URL names, as after a global set-up, or one that is
 * started for this process when the first is made.
 */
export function workspace(options?: WorkspaceOptions): Promise<Workspace>;

/**
 * Makes a test of a function that takes a workspace, which is made before it and deleted afterwards. What the runner gives
 * to a test, as `node --test` its context, comes after it. If the test fails, the calls that were made are printed.
 */
export function withWorkspace<T extends unknown[]>(test: (parley: Workspace, ...given: T) => unknown): (...given: T) => Promise<void>;
export function withWorkspace<T extends unknown[]>(
  options: WorkspaceOptions | undefined,
  test: (parley: Workspace, ...given: T) => unknown,
): (...given: T) => Promise<void>;

/** A server where workspaces are made. */
export class Server implements AsyncDisposable {
  private constructor();
  readonly url: string;
  readonly devToken: string;
  /** Makes a workspace that shares nothing with any other. */
  workspace(options?: WorkspaceOptions): Promise<Workspace>;
  /** Ends the server and all that was in it. One that was attached to goes on. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A workspace of a test's own. What is not right is refused with a ParleyError. */
export class Workspace implements AsyncDisposable {
  private constructor();
  /** The base URL for the client under test. */
  readonly url: string;
  /** The access token of the admin who owns the workspace. */
  readonly token: string;
  /** The API's app_id, id_code and workspace_id. */
  readonly appId: string;
  readonly clock: Clock;

  /** Brings it back to what it was made as. */
  reset(): Promise<void>;
  /** Keeps what is in it under a name, `snapshot` if absent, in the place of what had that name. Resolves with the name. */
  snapshot(name?: string): Promise<string>;
  /** Brings it back to a snapshot. */
  restore(name?: string): Promise<void>;
  /** Tells what has changed since a snapshot, or up to another. */
  diff(name?: string, options?: { to?: string }): Promise<Diff>;

  /** Has something go wrong from the next call on, until the function that it resolves with is called. */
  fault(fault: FaultRequest): Promise<() => Promise<void>>;
  /** Those there are, with how many calls each was for, and at how many it acted. */
  faults(): Promise<Fault[]>;
  /** Ends all faults. */
  clearFaults(): Promise<void>;
  /** Has searches not find what is younger than so many seconds; 0 ends it. */
  searchLag(seconds: number): Promise<void>;

  /** The calls that were made of it, oldest first: the last 1,000. */
  requests(filter?: RequestFilter): Promise<LoggedRequest[]>;
  /** Waits until there are so many calls, 1 if absent, for so many seconds, 10 if absent; fails with what there was. */
  waitForRequests(filter?: RequestFilter, options?: { count?: number; timeout?: number }): Promise<LoggedRequest[]>;
  /** Fails with an AssertionError unless as many calls were made, and tells what there was. Resolves with how many. */
  assertRequests(assertion?: RequestAssertion): Promise<number>;
  /** Forgets the calls that were made. */
  forgetRequests(): Promise<void>;

  /** All that has left it or would leave it, oldest first: e-mails, text messages and webhooks. */
  outbox(filter?: OutboxFilter): Promise<Outgoing[]>;
  /** Waits until so much has left it, 1 if absent, for so many seconds, 10 if absent; fails with what there was. */
  waitForOutbox(filter?: OutboxFilter, options?: { count?: number; timeout?: number }): Promise<Outgoing[]>;

  /**
   * Has a URL told of topics, at http://localhost or http://127.0.0.1 too, and resolves with the id of the webhook and the
   * secret of the app that signs what is sent there.
   */
  webhook(url: string, topics: string[]): Promise<{ id: string; secret: string }>;

  /** Tells of the last calls, for a person who wants to know why a test failed. */
  report(): Promise<string>;
  /** Deletes it, with all that is in it. */
  delete(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The clock of a workspace, which goes forward only. Times are Unix seconds, or a Date. */
export class Clock {
  private constructor();
  /** What it shows. */
  now(): Promise<number>;
  /** Has it stand, at a time if there is one. */
  freeze(at?: number | Date): Promise<number>;
  /** Has it show a later time, and stand or run on as before. */
  set(now: number | Date): Promise<number>;
  /** Has so many seconds pass, or the time until a Date, doing all that falls due on the way, each thing at its own time. */
  advance(by: number | Duration | Date): Promise<{ now: number; jobs: number }>;
  /** Has it run on from where it stands. */
  release(): Promise<number>;
}

export interface Duration {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

/** What goes wrong, and with which calls: the members of fault_request in the contract. */
export interface FaultRequest {
  /** The id of an operation of the REST API. */
  operation?: string;
  method?: string;
  /** A pattern like `/contacts/*`. */
  path?: string;
  /** An id, e-mail address or external id. */
  contact?: string;
  /** The first call that it acts at, of those that it is for. */
  from?: number;
  /** At how many it acts; at all if absent. */
  times?: number;
  /** At each so manieth. */
  every?: number;
  /** At so many by chance, from 0 to 1, which is the same for the same seed. */
  probability?: number;
  seed?: number;
  /** Milliseconds before the call is looked at. */
  latency?: number;
  /** The call is not done, and answered with this status. */
  status?: number;
  code?: string;
  message?: string;
  /** Seconds, in the header Retry-After. */
  retry_after?: number;
  /** The call is answered as one too many. */
  rate_limit?: boolean;
  /** The connection is closed without an answer. */
  drop?: boolean;
  /** It is dropped once the call is done. */
  after?: boolean;
  /** The connection is closed after so many bytes of the body. */
  truncate?: number;
  /** The body comes with so many bytes a second. */
  drip?: number;
  /** What happens to deliveries to webhooks, and nothing to calls. */
  deliveries?: 'lose' | 'duplicate' | 'reorder';
  topic?: string;
  webhook_id?: string;
  /** Seconds by which reorder has a delivery come too late. */
  delay?: number;
}

export interface Fault extends FaultRequest {
  type: 'fault';
  id: string;
  created_at: number;
  /** How many calls it was for. */
  calls: number;
  /** At how many of them it acted. */
  acted: number;
}

export interface RequestFilter {
  /** The id of an operation of the REST API. */
  operation?: string;
  method?: string;
  /** A pattern like `/contacts/*`. */
  path?: string;
  /** A status, or a class of them: `4xx`. */
  status?: number | string;
  /** A JSON pointer, = and a value, or a text that is in the body; of several, all. */
  body?: string | string[];
  /** Of what the API does not know, or of others. */
  unmatched?: boolean;
  /** Only calls after this one, an id. */
  since?: string;
  /** How many, 1,000 if absent: the newest, or with since the oldest. */
  limit?: number;
}

export interface RequestAssertion extends Omit<RequestFilter, 'limit'> {
  /** Exactly so many. */
  count?: number;
  /** 1 if no number is given. */
  at_least?: number;
  at_most?: number;
  /** Seconds to wait until it is so, 25 at most. */
  wait?: number;
}

/** A call that was made. */
export interface LoggedRequest {
  type: 'request';
  id: string;
  at: number;
  /** Microseconds until the answer began. */
  took_us: number;
  method: string;
  path: string;
  query: string;
  /** null for what the API does not have. */
  operation: string | null;
  /** null if there was no answer. */
  status: number | null;
  unmatched: boolean;
  /** JSON pointers to members that the operation does not read. */
  unknown_members: string[];
  fault_id: string | null;
  request_headers: Record<string, string[]>;
  request_body: string;
  request_body_cut: boolean;
  response_headers: Record<string, string[]>;
  response_body: string;
  response_body_cut: boolean;
  /** The call as a command for a shell. */
  curl: string | null;
}

export interface Diff {
  type: 'diff';
  /** How many changes there are; the first 1,000 are in data. */
  total_count: number;
  data: Change[];
}

export interface Change {
  type: string;
  id: string;
  change: 'created' | 'updated' | 'deleted';
  fields: Record<string, { before: unknown; after: unknown }>;
}

export interface OutboxFilter {
  kind?: 'email' | 'sms' | 'webhook';
  /** An e-mail address, phone number or URL. */
  to?: string;
}

/** What has left a workspace, or would leave it. */
export interface Outgoing {
  type: 'outgoing';
  kind: 'email' | 'sms' | 'webhook';
  /** Of a webhook's, the delivery's. */
  id: string;
  at: number;
  to: string;
  /** What has become of it. */
  state: string;
  /** null for a webhook. */
  contact_id: string | null;
  subject: string | null;
  /** The text of an e-mail or a text message. */
  body: string | null;
  html: string | null;
  webhook_id: string | null;
  topic: string | null;
  /** What the webhook is sent. */
  notification: Record<string, unknown> | null;
}

/** An answer of Parley that is not a success: why, in its own words. */
export class ParleyError extends Error {
  /** The status of the answer. */
  readonly status: number;
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  /** The method and the path. */
  readonly call: string;
}
