// A server of the tests' own, without a network, and a clock that is turned by hand.
import { connect } from '../../../main/resources/META-INF/resources/roomcast/roomcast.js';

export class ManualClock {
  #now = 1_000_000;
  #timers = new Set();

  #wrong = 0;

  now = () => this.#now + this.#wrong;
  monotonic = () => this.#now;
  setTimeout = (task, ms) => {
    const timer = { task, due: this.#now + ms };
    this.#timers.add(timer);
    return timer;
  };
  clearTimeout = timer => this.#timers.delete(timer);

  /** The date is wrong from now on, and nothing else is. */
  setWrong(ms) {
    this.#wrong = ms;
  }

  get pending() {
    return this.#timers.size;
  }

  /** Turns it on, timer by timer, and lets promises run between them. */
  async advance(ms) {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (!next) {
        break;
      }
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.task();
      await settled();
    }
    this.#now = end;
  }

  /** The computer sleeps: time goes by, and the timers are late. */
  async sleep(ms) {
    this.#now += ms;
    await this.advance(0);
  }
}

/** Lets everything run that waits for a promise alone. */
export const settled = () => new Promise(resolve => setImmediate(resolve));

/** Both ends: what the client opens, and what the test says in the server's place. */
export class FakeServer {
  sockets = [];
  clock = new ManualClock();

  constructor() {
    const server = this;
    this.WebSocket = class {
      readyState = 0;
      bufferedAmount = 0;
      sent = [];

      constructor(url, protocol) {
        Object.assign(this, { url, protocol });
        server.sockets.push(this);
      }

      send(text) {
        this.sent.push(JSON.parse(text));
      }

      close(code) {
        this.readyState = 3;
        this.closedWith = code ?? 1005;
      }
    };
  }

  connect(options = {}) {
    const { now, monotonic, setTimeout, clearTimeout } = this.clock;
    const defaults = { user: 'me', WebSocket: this.WebSocket, random: () => 0.5, now, monotonic, setTimeout, clearTimeout };
    return connect('ws://server/rooms', { ...defaults, ...options });
  }

  get socket() {
    return this.sockets.at(-1);
  }

  open() {
    this.socket.readyState = 1;
    this.socket.onopen({});
  }

  /** Says frames, all in one text frame. */
  say(...frames) {
    this.sayLines(...frames.map(frame => JSON.stringify(frame)));
  }

  /** Says anything. */
  sayLines(...lines) {
    this.socket.onmessage({ data: lines.join('\n') });
  }

  close(code, reason = '') {
    this.socket.readyState = 3;
    this.socket.onclose({ code, reason });
  }

  /** What was sent since the last time. */
  sent() {
    return this.socket.sent.splice(0);
  }

  /** Lets the client in, and into the rooms that it asks for. */
  welcome(more) {
    this.open();
    this.say({ type: 'welcome', connection: 'c', userId: 'me', heartbeat: 30_000, ...more });
    return this.sent();
  }

  joined(room, more) {
    this.say({
      type: 'joined', room, epoch: 'E', offset: 0, recovering: false, recovered: false,
      members: [{ userId: 'me' }], count: 1, rev: 1, ...more,
    });
  }

  chat(room, offset, more) {
    return { type: 'chat', userId: 'other', content: `m${offset}`, timestamp: 1, room, epoch: 'E', offset, ...more };
  }
}

/** What an emitter said, in order. */
export function heard(emitter, ...types) {
  const events = [];
  types.forEach(type => emitter.on(type, event => events.push([type, event])));
  return events;
}
