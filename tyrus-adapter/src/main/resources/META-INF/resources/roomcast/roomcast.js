// Roomcast's client for browsers and Node. roomcast.d.ts describes its face, and what makes a comeback seamless.

const RECONNECT = 0;
const BACK_OFF = 1;
const NEW_TOKEN = 2;
const STAY_AWAY = 3;

// What the close codes of PROTOCOL.md advise. Any other is a reason to come back.
const ADVICE = {
  1000: STAY_AWAY,
  1008: STAY_AWAY,
  1009: STAY_AWAY,
  4400: STAY_AWAY,
  4401: NEW_TOKEN,
  4403: STAY_AWAY,
  4409: STAY_AWAY,
  4429: BACK_OFF,
  4503: BACK_OFF,
};

// Milliseconds.
const PAUSE = 500; // at most; each failure doubles it
const LONG_PAUSE = 5_000; // for a server that wants patience
const LONGEST_PAUSE = 20_000;
const SETTLED = 10_000; // what breaks sooner is a failure
const OPENING = 15_000; // until `welcome`
const ANSWER = 10_000; // to a handshake or a ping
const SOON = 3_000; // to a ping, when in doubt
const LATE = 5_000; // a timer later than this has slept
const REPEATED = 240_000; // a send
const UNANSWERED = 30_000; // a request
const AGAIN = 1_000; // without `retryAfter`, or after a refused token
const PACE = 40; // at least, after failures and for each refused request
const LONGEST_TIMER = 2 ** 31 - 1;

// Most that is unanswered. The server lets 32 messages and 64 KiB wait for a join.
const REQUESTS = 8;
const SENDS = 16;
const SEND_BYTES = 32 * 1024;
const VOLATILE_BYTES = 64 * 1024;
const REFUSALS = 3; // of tokens

const PRESENCE = new Set(['user_joined', 'user_left', 'user_updated']);
const NOT_SENT = new Set(['auth', 'join', 'leave', 'members', 'ping']);

// A field is of one kind wherever it occurs. For times there are defaults.
const WRONG = new RegExp('^((type|room|epoch|userId|key|id|code|re|state):(?!string)|(offset|count|rev|timestamp):(?!count)'
  + '|recovered:(?!boolean)|(meta|lost):(?!object)|members:(?!list))');
const NEEDED = {
  __proto__: null,
  joined: 'room epoch offset members count rev',
  members: 'room members count rev',
  gap: 'room epoch offset lost',
  ack: 'id epoch offset',
  left: 'room',
  error: 'code',
  status: 'state',
};

const kindOf = value => value === null ? 'none'
  : Array.isArray(value) ? 'list'
  : Number.isSafeInteger(value) && value >= 0 ? 'count'
  : typeof value;
const time = (value, otherwise) => kindOf(value) === 'count' ? value : otherwise;
const fits = (object, needed) => kindOf(object) === 'object'
  && needed.split(' ').every(field => field in object)
  && !Object.entries(object).some(([field, value]) => WRONG.test(`${field}:${kindOf(value)}`));

function read(line) {
  const frame = JSON.parse(line);
  const { type, epoch, offset = epoch, lost, members = [] } = frame;
  const needed = PRESENCE.has(type) ? 'room userId rev' : offset === undefined ? 'type' : 'type room epoch offset content';
  if (!fits(frame, NEEDED[type] ?? needed)
    || (lost && !(fits(lost, 'epoch after') && kindOf(lost.after) === 'count'))
    || !members.every(member => fits(member, 'userId'))) {
    throw new TypeError('malformed');
  }
  return frame;
}

export class RoomcastError extends Error {
  constructor(code, message = code, more) {
    super(message);
    this.name = 'RoomcastError';
    Object.assign(this, more, { code });
  }
}

export function connect(url, options = {}) {
  return new Connection(url, options);
}

class Listeners {
  #of = new Map();

  on(type, listener) {
    const entry = [listener];
    this.#of.set(type, (this.#of.get(type) ?? new Set()).add(entry));
    return () => void this.#of.get(type).delete(entry);
  }

  emit(type, event) {
    for (const [listener] of [...(this.#of.get(type) ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        // It must not cost the other listeners anything.
        queueMicrotask(() => { throw error; });
      }
    }
  }
}

class Room {
  #inside;

  constructor(inside) {
    this.#inside = inside;
  }

  get name() { return this.#inside.name; }
  get state() { return this.#inside.state; }
  get ready() { return this.#inside.ready; }
  get position() { return this.#inside.position; }
  get members() { return [...this.#inside.members.values()]; }
  get count() { return this.#inside.count; }
  on(type, listener) { return this.#inside.listeners.on(type, listener); }
  send(type, content, options = {}) { return this.#inside.send(type, content, options); }
  leave() { this.#inside.leave(); }
}

class Connection {
  #url;
  #options;
  #listeners = new Listeners();
  #rooms = new Map();
  #state = 'connecting';
  #userId = '';
  #socket = null;

  #attempt = 0; // failures in a row
  #turn = 0; // counts attempts
  #slot = 0; // when `reconnect` says to come back
  #onlineAt = Infinity;
  #advice = RECONNECT;
  #token;
  #refused; // a token
  #refusals = 0;

  #timers = {};
  #heartbeat = 0;
  #heard = false;
  #doubts = false;
  #page; // ends our listening to the page

  #early = new Map(); // gaps before `joined`, by name
  #leaving = []; // rooms, before `leave`
  #gone = new Set(); // names, before `left`
  #requests = []; // unanswered auth, join and leave, in order
  #sends = []; // not settled, in order
  #window = SENDS;
  #resting = false; // until what was refused is said again

  constructor(url, options) {
    this.#options = {
      WebSocket: globalThis.WebSocket,
      random: Math.random,
      now: Date.now,
      monotonic: () => performance.now(),
      setTimeout: (task, ms) => setTimeout(task, ms),
      clearTimeout: timer => clearTimeout(timer),
      maxPending: 1_000,
      maxMessage: 64 * 1024,
      ...options,
    };
    if (!this.#options.WebSocket) {
      throw new TypeError('there is no WebSocket here: pass one as an option');
    }
    const absolute = new URL(url, globalThis.location?.href);
    absolute.protocol = absolute.protocol.replace('http', 'ws');
    absolute.hash = '';
    if (options.user !== undefined) {
      absolute.searchParams.set('user', options.user);
    }
    // Rooms are joined by message, or a lost position would be taken for a first visit.
    ['room', 'epoch', 'offset'].forEach(name => absolute.searchParams.delete(name));
    this.#url = absolute.href;
    this.#open();
  }

  get state() { return this.#state; }
  get userId() { return this.#userId; }
  get rooms() { return [...this.#rooms.values()].map(room => room.face); }

  on(type, listener) {
    return this.#listeners.on(type, listener);
  }

  join(name, { meta, position } = {}) {
    const known = [...this.#rooms.values()].find(room => room.name === name);
    if (known) {
      return known.face;
    }
    JSON.stringify(meta); // throws here or never
    const { face } = this.#add(name, meta, position);
    this.#pump();
    return face;
  }

  #add(name, meta, position) {
    const room = {
      name,
      meta,
      position,
      state: 'joining',
      asked: false,
      failures: 0,
      rev: -1,
      members: new Map(),
      count: 0,
      listeners: new Listeners(),
      send: (type, content, options) => this.#send(room, type, content, options),
      leave: () => this.#leave(room),
    };
    room.face = new Room(room);
    room.ready = new Promise((resolve, reject) => Object.assign(room, { resolve, reject }));
    room.ready.catch(() => {});
    this.#rooms.set(name, room);
    return room;
  }

  close() {
    const socket = this.#drop();
    socket?.close(1000);
    this.#end(1000, 'closed here');
  }

  reconnect() {
    if (this.#socket === null) {
      this.#attempt = this.#refusals = 0;
      this.#refused = undefined;
      this.#open();
    }
  }

  #open() {
    const { getToken, token } = this.#options;
    const turn = ++this.#turn;
    this.#clear(this.#timers.retry);
    this.#watchPage();
    this.#become('connecting');
    if (turn !== this.#turn) {
      return;
    }
    if (getToken) {
      this.#askToken(given => this.#dial(given), () => this.#lost(1006, 'no token'));
    } else {
      this.#dial(token);
    }
  }

  #dial(token) {
    if (token && token === this.#refused) {
      return this.#lost(4401, 'no other token');
    }
    this.#token = token;
    let socket;
    try {
      socket = new this.#options.WebSocket(this.#url, 'roomcast.v1');
    } catch (error) {
      return this.#lost(1006, error.message);
    }
    this.#socket = socket;
    // A socket that was given up may still report; only the current one counts.
    const current = task => event => socket === this.#socket && task(event);
    const unanswered = () => this.#lost(1006, 'no answer');
    socket.onopen = current(() => {
      socket.onerror = () => {};
      this.#alive(OPENING, unanswered);
      // A server that wants a token says so at once.
      if (token) {
        this.#auth(token);
      } else {
        this.#write({ type: 'ping' });
      }
    });
    socket.onmessage = current(({ data }) => {
      this.#heard = true;
      try {
        for (const line of data.split('\n')) {
          if (socket === this.#socket) {
            this.#receive(read(line));
          }
        }
      } catch (error) {
        // It may have been a message: the next connection recovers it.
        current(() => this.#lost(1006, error.message))();
      }
    });
    socket.onclose = current(({ code, reason }) => this.#lost(code, reason));
    // All that Node 22 says when there is no connection.
    socket.onerror = current(() => this.#lost(1006));
    this.#alive(ANSWER, unanswered);
  }

  #write(frame) {
    if (this.#socket?.readyState === 1) {
      this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    }
  }

  /** Lets go of the socket and what was about it. */
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#state = 'offline';
    this.#turn++;
    Object.values(this.#timers).forEach(timer => this.#clear(timer));
    this.#early.clear();
    this.#gone.clear();
    this.#requests = [];
    this.#leaving = [];
    this.#window = SENDS;
    this.#resting = false;
    for (const room of this.#rooms.values()) {
      this.#clear(room.timer);
      room.asked = false;
      room.state = 'joining';
    }
    for (const send of [...this.#sends]) {
      this.#clear(send.timer);
      send.timer = undefined;
      send.isOut = false;
      if (send.room.state === 'left') {
        this.#refuse(send, 'outcome_unknown', 'the room was left before the answer');
      }
    }
    return socket;
  }

  #lost(code, reason = '') {
    const socket = this.#drop();
    // A close in order would tell the others that we have left.
    socket?.terminate ? socket.terminate() : socket?.close();
    this.#advice = ADVICE[code] ?? RECONNECT;
    const isRefused = this.#advice === NEW_TOKEN;
    const isLast = isRefused && (!(this.#options.getToken && this.#token) || ++this.#refusals > REFUSALS);
    if (this.#advice === STAY_AWAY || isLast) {
      this.#end(code, reason);
      return;
    }
    this.#refused = isRefused ? this.#token : undefined;
    const now = this.#options.now();
    this.#attempt = now - this.#onlineAt > SETTLED ? 0 : this.#attempt;
    this.#onlineAt = Infinity;
    const pause = this.#pause(this.#attempt++, now);
    this.#slot = 0;
    this.#timer('retry', pause, () => this.#open());
    this.#become('offline', { code, reason, retryAt: now + pause });
  }

  /** Full jitter: clients must not all come back at once. */
  #pause(attempt, now) {
    const patient = this.#advice === BACK_OFF;
    const ceiling = Math.min(LONGEST_PAUSE, (patient ? LONG_PAUSE : PAUSE) * 2 ** Math.min(attempt, 10));
    const least = patient ? PAUSE : this.#refusals > 1 ? AGAIN : attempt && PACE;
    const pause = Math.max(least, this.#options.random() * ceiling);
    // A server that only sends away is a failure.
    return this.#slot ? Math.max(this.#slot - now, attempt && pause) : pause;
  }

  /** What waits is settled, unless for a new token. */
  #end(code, reason) {
    this.#page?.abort();
    this.#page = undefined;
    this.#become('closed', { code, reason });
    if (ADVICE[code] !== NEW_TOKEN) {
      for (const send of [...this.#sends]) {
        this.#refuse(send, send.firstAt ? 'outcome_unknown' : 'closed', 'the connection has ended');
      }
    }
  }

  #become(state, more) {
    this.#state = state;
    this.#listeners.emit('state', { state, ...more });
  }

  // Browsers hide the server's pings, so after a silent heartbeat we ask. Nothing is concluded from a clock alone, which goes on
  // while a computer sleeps.
  #alive(ms, otherwise, isSure = false) {
    const due = this.#options.now() + ms;
    this.#timer('alive', ms, () => {
      const slept = this.#options.now() - due > LATE;
      if (slept && !isSure && this.#state === 'online') {
        this.#ask(SOON, true);
      } else {
        otherwise();
      }
    });
  }

  #rest() {
    this.#heard = false;
    this.#doubts = false;
    if (this.#requests[0]?.at <= this.#options.now() - UNANSWERED) {
      this.#lost(1006, 'no answer');
      return;
    }
    this.#alive(this.#heartbeat, () => this.#heard ? this.#rest() : this.#ask(Math.min(ANSWER, this.#heartbeat)));
  }

  #ask(ms, isSure) {
    this.#heard = false;
    this.#doubts = ms === SOON;
    this.#write({ type: 'ping' });
    this.#alive(ms, () => this.#heard ? this.#rest() : this.#lost(1006, 'the server was silent'), isSure);
  }

  #doubt() {
    if (this.#state === 'online' && !this.#doubts) {
      this.#ask(SOON);
    } else if (this.#state === 'offline' && this.#advice === RECONNECT) {
      this.#open();
    }
  }

  #watchPage() {
    const { document, addEventListener } = globalThis;
    if (this.#page || !addEventListener) {
      return;
    }
    this.#page = new AbortController();
    const { signal } = this.#page;
    const doubt = () => document?.visibilityState !== 'hidden' && this.#doubt();
    ['online', 'offline', 'pageshow'].forEach(type => addEventListener(type, doubt, { signal }));
    ['resume', 'visibilitychange'].forEach(type => document?.addEventListener(type, doubt, { signal }));
  }

  #receive(frame) {
    const { type, room: name } = frame;
    const room = this.#rooms.get(name);
    switch (type) {
      case 'pong': return;
      case 'welcome': return this.#welcome(frame);
      case 'ack': return this.#acknowledged(frame);
      case 'error': return this.#error(frame);
      case 'joined': return this.#joined(frame);
      case 'left': return this.#left(frame);
      case 'status': return this.#listeners.emit('status', frame);
      case 'reconnect':
        this.#slot = this.#options.now() + time(frame.after, 0);
        return;
    }
    if (room?.state === 'joined') {
      this.#heardIn(room, frame);
    } else if (type === 'gap' && this.#early.size < 1_000) {
      // Frames in between may have been dropped.
      this.#early.set(name, { ...frame, lost: (this.#early.get(name) ?? frame).lost });
    } else if (name === undefined && 'content' in frame) {
      this.#listeners.emit('message', frame);
    }
  }

  #heardIn(room, frame) {
    const { type, epoch, offset } = frame;
    if (type === 'gap') {
      room.position = { epoch, offset };
      this.#tellGap(room, frame);
    } else if (type === 'members') {
      this.#roster(room, frame);
    } else if (PRESENCE.has(type)) {
      this.#presence(room, frame);
    } else if ('content' in frame) {
      if (offset !== undefined) {
        if (room.position.epoch === epoch && offset <= room.position.offset) {
          return;
        }
        room.position = { epoch, offset };
      }
      if (type !== '*') {
        room.listeners.emit(type, frame);
      }
      room.listeners.emit('*', frame);
    }
  }

  #tellGap(room, { lost, epoch, offset }) {
    const gap = { room: room.face, lost, epoch, offset };
    room.listeners.emit('gap', gap);
    this.#listeners.emit('gap', gap);
  }

  #welcome({ userId = '', heartbeat, expiresIn }) {
    this.#userId = userId;
    this.#heartbeat = Math.max(AGAIN, time(heartbeat, 30_000));
    this.#refusals = 0;
    this.#requests = this.#requests.filter(({ type }) => type !== 'auth');
    this.#clear(this.#timers.refresh);
    if (this.#options.getToken && kindOf(expiresIn) === 'count') {
      this.#refreshBefore(this.#options.monotonic() + expiresIn);
    }
    if (this.#state !== 'online') {
      this.#onlineAt = this.#options.now();
      this.#become('online', { userId });
    }
    this.#rest();
    this.#pump();
  }

  #joined(frame) {
    const { room: name, epoch, offset, recovered } = frame;
    const gap = this.#early.get(name);
    this.#early.delete(name);
    const request = this.#answered('join', name);
    let room = request ? request.room : this.#rooms.get(name);
    if (room && !request) {
      // Of a repeated join.
      return this.#roster(room, frame);
    }
    if (!room && !this.#gone.has(name)) {
      // By the host itself.
      room = this.#add(name);
      room.asked = true;
    }
    if (!room || room.state === 'left') {
      return this.#pump();
    }
    if (room.name !== name) {
      this.#rooms.delete(room.name);
      this.#rooms.set(name, room);
    }
    const before = room.position;
    const comesBack = room.rev >= 0;
    Object.assign(room, { state: 'joined', failures: 0, rev: -1, shown: name });
    room.position = recovered && before ? before : { epoch, offset };
    this.#roster(room, frame);
    const event = { room: room.face, comesBack, recovered };
    this.#listeners.emit('joined', event);
    room.listeners.emit('joined', event);
    room.resolve(room.face);
    if (recovered) {
      this.#listeners.emit('recovered', { room: room.face });
    } else if (before) {
      this.#tellGap(room, { lost: { epoch: before.epoch, after: before.offset }, epoch, offset });
    }
    if (gap) {
      // What was missed is from before it.
      recovered ? this.#tellGap(room, gap) : this.#heardIn(room, gap);
    }
    this.#pump();
  }

  #left({ room: name }) {
    const room = this.#rooms.get(name);
    this.#early.delete(name);
    this.#gone.delete(name);
    if (!this.#answered('leave', name) && room?.asked) {
      this.#answered('join', name);
      this.#expel(room, new RoomcastError('left', 'taken out of the room'));
    }
    this.#pump();
  }

  #expel(room, error) {
    this.#forget(room);
    room.reject(error);
    room.listeners.emit('left', { room: room.face, error });
  }

  #acknowledged({ id, epoch, offset }) {
    const send = this.#sends.find(each => each.id === id);
    if (send) {
      this.#settle(send);
      // Slowly: who is refused is overtaken.
      this.#window = this.#sends.length ? Math.min(SENDS, this.#window + 0.2) : SENDS;
      send.resolve({ epoch, offset });
    }
    this.#pump();
  }

  #error(frame) {
    const { code, message, re, room: name, id } = frame;
    const retryAfter = time(frame.retryAfter);
    const error = new RoomcastError(code, message, { re, room: name, id, retryAfter });
    const send = id === undefined ? undefined : this.#sends.find(each => each.id === id);
    const again = code === 'rate_limited' || code === 'unavailable';
    // A comeback with many rooms.
    const isQuiet = again && (re === 'join' || (!re && id === undefined && this.#requests.length));
    if (re === 'auth') {
      // The server asks for no token.
      this.#requests = this.#requests.filter(({ type }) => type !== 'auth');
      return this.#pump();
    }
    if (re === 'join') {
      this.#joinRefused(this.#answered('join', name)?.room, error, again || code === 'internal');
    } else if (re === 'leave') {
      this.#answered('leave', name);
      this.#gone.delete(name);
    } else if (send && again) {
      this.#window = 1;
      send.isOut = false;
      send.timer = this.#later(retryAfter ?? AGAIN, () => {
        send.timer = undefined;
        this.#pump();
      });
    } else if (send) {
      return this.#refuse(send, code, message, error);
    } else if (re === undefined && id === undefined && (code === 'rate_limited' || code === 'bad_request')) {
      this.#refusedUnnamed(error);
    }
    if (!isQuiet) {
      this.#listeners.emit('error', error);
    }
    this.#pump();
  }

  #joinRefused(room, error, again) {
    if (!room || room.state === 'left') {
      return;
    }
    if (again) {
      const pause = Math.min(LONGEST_PAUSE, AGAIN * 2 ** Math.min(room.failures++, 10));
      room.timer = this.#later(error.retryAfter ?? pause, () => {
        room.asked = false;
        this.#pump();
      });
    } else {
      this.#expel(room, error);
    }
  }

  /** Unread, so nobody can tell which one. */
  #refusedUnnamed({ code, message, retryAfter = AGAIN }) {
    const out = this.#sends.filter(send => send.isOut);
    if (this.#resting && code !== 'rate_limited') {
      return;
    }
    if (code === 'bad_request' && out.length === 1 && !this.#requests.length) {
      this.#refuse(out[0], code, message);
      return;
    }
    this.#resting = true;
    this.#window = 1;
    this.#timer('resume', this.#requests.length * Math.max(retryAfter, PACE) || retryAfter, () => {
      this.#resting = false;
      out.forEach(send => (send.isOut = false));
      // Some may be answered twice.
      this.#requests.forEach(request => {
        request.at = this.#options.now();
        this.#write(request.frame);
      });
      this.#pump();
    });
  }

  /** The server may name a room in a form that is safe to show. */
  #answered(type, name) {
    const some = this.#requests.filter(each => each.type === type);
    const known = this.#rooms.get(name);
    const found = some.find(({ room }) => room.name === name || room === known)
      ?? some.find(({ room }) => !known && (name === undefined || /[&<>"'`+=@]/.test(room.name)));
    this.#requests = this.#requests.filter(each => each !== found);
    return found;
  }

  #roster(room, { members, count, rev }) {
    if (rev >= room.rev) {
      room.members = new Map(members.map(({ userId, meta }) => [userId, { userId, meta }]));
      Object.assign(room, { rev, count: Math.max(count, members.length), complete: members.length >= count });
      room.listeners.emit('members', { room: room.face });
    }
  }

  /** Several changes may share a revision. */
  #presence(room, frame) {
    const { type, userId, meta, rev } = frame;
    const { members } = room;
    if (rev >= room.rev) {
      if (type === 'user_left') {
        members.delete(userId);
        room.count--;
      } else {
        // Our own coming was in `joined` already.
        const isNew = !members.has(userId) && rev > room.rev;
        members.set(userId, { userId, meta: meta ?? (type === 'user_joined' ? members.get(userId)?.meta : undefined) });
        room.count += isNew ? 1 : 0;
      }
      room.count = room.complete ? members.size : Math.max(members.size, room.count);
      room.rev = rev;
      room.listeners.emit('members', { room: room.face });
    }
    room.listeners.emit(type, frame);
  }

  #auth(token) {
    const frame = { type: 'auth', token };
    this.#requests.push({ type: 'auth', frame, at: this.#options.now() });
    this.#write(frame);
  }

  /** Silence is a no; what comes too late is not used. */
  async #askToken(given, failed) {
    const turn = this.#turn;
    const late = new Promise((_, reject) => {
      this.#timer('token', UNANSWERED, () => reject(new Error('no answer')));
    });
    const { getToken } = this.#options;
    let token;
    try {
      token = await Promise.race([getToken(), late]);
    } catch (error) {
      given = failed;
      if (turn === this.#turn) {
        this.#listeners.emit('error', new RoomcastError('token_failed', error?.message));
      }
    }
    if (turn === this.#turn) {
      this.#clear(this.#timers.token);
      given(token);
    }
  }

  /** By a clock that nobody sets. */
  #refreshBefore(ends) {
    const left = ends - this.#options.monotonic();
    const again = () => this.#refreshBefore(ends);
    this.#timer('refresh', left > 0 ? Math.max(AGAIN, left - Math.min(60_000, left / 2)) : ANSWER, () => {
      this.#askToken(token => {
        if (!token || token === this.#token) {
          return again();
        }
        this.#token = token;
        this.#auth(token);
      }, again);
    });
  }

  #send(room, type, content = null, { volatile: isVolatile, key, id }) {
    const named = id ?? randomId();
    const isKept = !isVolatile && key === undefined;
    const said = { type, room: room.name, content, ...(isKept ? { id: named } : { volatile: isVolatile, key }) };
    const frame = JSON.stringify(said);
    const send = { room, key, frame, id: isKept ? named : undefined, size: new TextEncoder().encode(frame).length };
    const promise = new Promise((resolve, reject) => Object.assign(send, { resolve, reject }));
    // It is told by `error`, too.
    promise.catch(() => {});
    if (NOT_SENT.has(type)) {
      this.#refuse(send, 'bad_request', `${type} is a word of the protocol`);
    } else if (send.size > this.#options.maxMessage) {
      this.#refuse(send, 'too_big', `a message has at most ${this.#options.maxMessage} bytes`);
    } else if (room.state === 'left') {
      this.#refuse(send, 'not_joined', 'the room was left');
    } else if (this.#state === 'closed') {
      this.#refuse(send, 'closed', 'the connection has ended');
    } else if (isVolatile) {
      if (this.#isFree(room) && this.#socket.bufferedAmount < VOLATILE_BYTES) {
        this.#write(frame);
      }
      send.resolve(null);
    } else {
      const older = key === undefined ? -1 : this.#sends.findIndex(each => each.key === key && each.room === room);
      if (older >= 0) {
        this.#sends.splice(older, 1)[0].resolve(null);
      }
      if (this.#sends.length < this.#options.maxPending) {
        this.#sends.push(send);
        this.#pump();
      } else {
        this.#refuse(send, 'queue_full', 'too much waits to be sent');
      }
    }
    return promise;
  }

  #leave(room) {
    if (room.state === 'left') {
      return;
    }
    const isKnown = room.asked;
    this.#forget(room);
    room.reject(new RoomcastError('left', 'the room was left'));
    if (isKnown && this.#state === 'online') {
      this.#leaving.push(room);
      this.#gone.add(room.shown ?? room.name);
      this.#pump();
    }
  }

  #forget(room) {
    this.#clear(room.timer);
    room.state = 'left';
    this.#rooms.forEach((each, name) => each === room && this.#rooms.delete(name));
    for (const send of this.#sends.filter(each => each.room === room && !each.isOut)) {
      this.#refuse(send, send.firstAt ? 'outcome_unknown' : 'not_joined', 'the room was left');
    }
  }

  #isFree(room) {
    return this.#state === 'online' && room.state === 'joined' && !this.#resting && !this.#requests.length;
  }

  /** Requests first; when they are answered, sends in their order. */
  #pump() {
    if (this.#state !== 'online' || this.#resting) {
      return;
    }
    while (this.#leaving.length && this.#requests.length < REQUESTS) {
      const room = this.#leaving.shift();
      this.#request('leave', room, {});
    }
    for (const room of this.#rooms.values()) {
      if (this.#requests.length >= REQUESTS || this.#leaving.length) {
        return;
      }
      if (!room.asked) {
        room.asked = true;
        this.#request('join', room, { ...room.position, meta: room.meta });
      }
    }
    let count = 0;
    let bytes = 0;
    const waiting = new Set();
    for (const send of [...this.#sends]) {
      const { room, size } = send;
      if (send.isOut) {
        count++;
        bytes += size;
      } else if (send.timer || !this.#isFree(room)) {
        waiting.add(room);
      } else if (count + 1 > this.#window || (count && bytes + size > SEND_BYTES)) {
        return;
      } else if (!waiting.has(room)) {
        count += this.#say(send) ? 1 : 0;
        bytes += size;
      }
    }
  }

  #request(type, room, fields) {
    const frame = { type, room: room.name, ...fields };
    this.#requests.push({ type, room, frame, at: this.#options.now() });
    this.#write(frame);
  }

  /** Writes a send; true if an answer is to come. */
  #say(send) {
    const now = this.#options.now();
    if (send.firstAt && now - send.firstAt >= REPEATED) {
      this.#tooLate(send);
      return false;
    }
    this.#write(send.frame);
    if (send.id === undefined) {
      this.#settle(send);
      send.resolve(null);
      return false;
    }
    send.isOut = true;
    if (!send.firstAt) {
      send.firstAt = now;
      send.deadline = this.#later(REPEATED, () => this.#tooLate(send));
    }
    return true;
  }

  #tooLate(send) {
    this.#refuse(send, 'outcome_unknown', 'it may have been said, or not');
  }

  #settle(send) {
    this.#clear(send.timer);
    this.#clear(send.deadline);
    const index = this.#sends.indexOf(send);
    if (index >= 0) {
      this.#sends.splice(index, 1);
    }
  }

  #refuse(send, code, message, more) {
    this.#settle(send);
    const error = new RoomcastError(code, message, { ...more, room: send.room.name, id: send.id });
    send.reject(error);
    this.#listeners.emit('error', error);
    this.#pump();
  }

  #timer(name, ms, task) {
    this.#clear(this.#timers[name]);
    this.#timers[name] = this.#later(ms, task);
  }

  #later(ms, task) {
    return this.#options.setTimeout(task, Math.min(ms, LONGEST_TIMER));
  }

  #clear(timer) {
    this.#options.clearTimeout(timer);
  }
}

// randomUUID is there for https alone.
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), part => part.toString(36)).join('');
}
