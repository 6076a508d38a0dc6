/*
 * Many rooms on one socket, which comes back by itself. What makes a comeback seamless, per room and per send:
 *
 * - A room's position is that of the last message handed to the application. It moves by the room's messages, by `gap`, and by
 *   a `joined` that did not recover; never by an `ack`, nor by a `joined` that did, since it may break again before all is
 *   here. Holes in the offsets mean nothing: some messages are for others only.
 * - A send has a random id, waits for its `ack`, and is repeated with the same id, which the server says once. The server
 *   forgets ids after five minutes, so after four its fate is `outcome_unknown`.
 * - Little is under way at a time, since the server closes whoever floods a pending join. A refusal for the rate of messages
 *   comes before the message is read and names none: then all that is unanswered is said again, one by one.
 * - A line of the server that cannot be read may have been a message: the connection is given up, and the next one recovers.
 */

/** Where a message stands in its room's order. */
export interface Position {
  /** Names the order; a new one begins when the room was forgotten, as after a restart without Redis. */
  epoch: string;
  offset: number;
}

export interface Member {
  userId: string;
  meta?: Record<string, unknown>;
}

/** Somebody came, went, or has another `meta`. */
export interface Presence extends Member {
  type: 'user_joined' | 'user_left' | 'user_updated';
  /** Milliseconds since 1970, by the server's clock. */
  timestamp: number;
  room: string;
  rev: number;
}

/** What somebody said in a room. */
export interface Message {
  /** `chat`, or a type of the application. */
  type: string;
  /** Absent if the application itself says it. */
  userId?: string;
  content: any;
  /** Milliseconds since 1970, by the server's clock. */
  timestamp: number;
  /** The room's name, as the server shows it. */
  room: string;
  key?: string;
  /** Absent, with `offset`, from volatile messages and those with a key. */
  epoch?: string;
  offset?: number;
}

/** Anything after `lost.after` and up to `offset` may be missing: fetch again what the messages are about. */
export interface Gap {
  room: Room;
  lost: { epoch: string; after: number };
  epoch: string;
  offset: number;
}

/**
 * Codes of the server: `bad_request`, `not_joined`, `forbidden`, `rate_limited`, `too_many_rooms`, `id_conflict`,
 * `unavailable`, `internal`. Codes of this client: `outcome_unknown` (a send was written, its answer did not come within four
 * minutes or before the end), `queue_full`, `too_big`, `closed`, `left` (of `ready`), `token_failed`.
 */
export class RoomcastError extends Error {
  readonly code: string;
  /** The type of the message that it answers, where the server says so. */
  readonly re?: string;
  /** The name of the room that it is about. */
  readonly room?: string;
  /** The id of the send that it is about. */
  readonly id?: string;
  /** Milliseconds after which it may be tried again; of a send with an id this client does so by itself. */
  readonly retryAfter?: number;
}

/** `closed`: by `close()`, or for good by the server. `connecting` and `offline` are on the way back. */
export type State = 'connecting' | 'online' | 'offline' | 'closed';

export interface StateEvent {
  state: State;
  /** Of `offline` and `closed`: why, as a WebSocket close code; 1006 for a connection that broke. */
  code?: number;
  reason?: string;
  /** Of `offline`: when the next attempt begins, in milliseconds since 1970. */
  retryAt?: number;
}

export interface ConnectionEvents {
  state: StateEvent;
  /** In a room, also one that the host's application lets this connection into by itself: it is among `rooms` then. */
  joined: { room: Room; comesBack: boolean; recovered: boolean };
  /** After a comeback: what was missed in a room follows, in order, before what is live. */
  recovered: { room: Room };
  /** Messages of a room are missing. */
  gap: Gap;
  /** The instance has lost (`isolated`) or found (`connected`) the others. */
  status: { type: 'status'; state: 'isolated' | 'connected' };
  /** A refusal; also each that rejects the promise of a send. Joins that are refused for the moment are repeated instead. */
  error: RoomcastError;
  /** Something that the application says to this connection alone, outside any room. */
  message: { type: string; content: any; timestamp: number };
}

export interface RoomEvents {
  /** In, for the first time or again (`comesBack`), with everything that was missed to follow (`recovered`) or not. */
  joined: { room: Room; comesBack: boolean; recovered: boolean };
  /** Out: taken out by the server, or not let in. Not told after `leave()`. */
  left: { room: Room; error: RoomcastError };
  gap: Gap;
  /** `members` or `count` have changed. */
  members: { room: Room };
  user_joined: Presence;
  user_left: Presence;
  user_updated: Presence;
  /** Every message, whatever its type. */
  '*': Message;
}

export interface SendOptions {
  /** Worth nothing when late: dropped if it cannot be written now, or for members that are behind. Not kept. */
  volatile?: boolean;
  /** The latest of its key takes the place of those that wait. Not kept. */
  key?: string;
  /** At most 64 bytes, unique among all that the user sends. Default: a random one. */
  id?: string;
}

export interface Room {
  readonly name: string;
  /** `joining` also while the connection is away. */
  readonly state: 'joining' | 'joined' | 'left';
  /** Resolves when the room was first joined; rejects if that was refused. */
  readonly ready: Promise<Room>;
  /** Of the last message that was handed out. */
  readonly position?: Position;
  /** As last told; in a big room a sample. */
  readonly members: Member[];
  readonly count: number;
  /** Listens to an event or a type of message; returns a function that ends it. */
  on<E extends keyof RoomEvents>(event: E, listener: (event: RoomEvents[E]) => void): () => void;
  on(type: string, listener: (message: Message) => void): () => void;
  /**
   * Says something in the room, once and in the order of the calls (when the server begins to refuse for the rate of
   * messages, some that were under way may be overtaken). Waits while the connection is away. Resolves with its position
   * when it is in the room's order; with null, without being sure, if it is volatile or has a key. Rejects with a
   * RoomcastError.
   */
  send(type: string, content?: unknown, options?: SendOptions): Promise<Position | null>;
  leave(): void;
}

export interface Connection {
  readonly state: State;
  /** As the server knows us; empty before the first welcome. */
  readonly userId: string;
  readonly rooms: Room[];
  on<E extends keyof ConnectionEvents>(event: E, listener: (event: ConnectionEvents[E]) => void): () => void;
  /**
   * Comes into a room, now and after each comeback. The same name twice is the same room.
   *
   * `meta` is shown to the other members. `position` is where an earlier page left off, if it kept that.
   */
  join(name: string, options?: { meta?: Record<string, unknown>; position?: Position }): Room;
  /** Tries at once instead of waiting, also after the end. */
  reconnect(): void;
  /** Ends it; the others see it at once. Sends without an answer reject. */
  close(): void;
}

export interface ConnectOptions {
  /** Who we are, where the server does not ask for a token. */
  user?: string;
  /** The same token for each attempt. */
  token?: string;
  /**
   * Asked for each attempt, and again before the token expires. No answer within 30 s is a failure, after which it is asked
   * again. After a token was refused it is asked for another at most three times, with pauses: the same one may come from a
   * cache.
   */
  getToken?: () => string | null | undefined | Promise<string | null | undefined>;
  /** For environments without one of their own, such as Node before 22: the one of the package `ws`. */
  WebSocket?: unknown;
  /** Most sends that wait. Default: 1000. */
  maxPending?: number;
  /** Largest message, in bytes; the server's MESSAGE_BYTES. Default: 65536. */
  maxMessage?: number;
  /** For tests: a number from 0 to 1. */
  random?: () => number;
  /** For tests: milliseconds since 1970. */
  now?: () => number;
  /** For tests: milliseconds of a clock that nobody sets, by which a token's lifetime is measured. Default: performance.now(). */
  monotonic?: () => number;
  setTimeout?: (task: () => void, ms: number) => unknown;
  clearTimeout?: (timer: any) => void;
}

/**
 * Opens a connection, which stays until `close()` or until the server sends it away for good.
 *
 * @param url the endpoint, such as `/rooms`: in a page relative to it; http and https stand for ws and wss
 */
export function connect(url: string | URL, options?: ConnectOptions): Connection;
