// Holds every message that a client was handed, and every send that it was asked for, against what is in the room.

export class Checker {
  #user;
  #room;
  #start;
  /** Messages and gaps, as they were handed out. */
  #events = [];
  #sent = new Map();
  #said = 0;

  /** To be made before the room is joined. */
  constructor(user, room) {
    this.#user = user;
    this.#room = room;
    room.on('joined', () => (this.#start ??= room.position.offset));
    room.on('chat', message => this.#events.push(message));
    room.on('gap', gap => this.#events.push(gap));
  }

  /** Says something that nobody else says, and notes what came of it. */
  say() {
    const content = `${this.#user}-${++this.#said}`;
    const sent = { content };
    this.#sent.set(content, sent);
    sent.done = this.#room.send('chat', content).then(
      position => Object.assign(sent, { position }),
      error => Object.assign(sent, { error }),
    );
  }

  /** Until each send is settled. */
  async settled() {
    await Promise.all([...this.#sent.values()].map(({ done }) => done));
  }

  /** The offset up to which it has been handed everything, or told that it is missing. */
  get at() {
    return this.#events.at(-1)?.offset ?? this.#start;
  }

  get gaps() {
    return this.#events.filter(({ lost }) => lost).length;
  }

  /** All that is wrong, in words. `history` is everything in the room, in order; so many gaps are no fault. */
  faults(history, mostGaps = 0) {
    const faults = [];
    const behind = offset => history.findIndex(message => message.offset > offset);
    if (this.gaps > mostGaps) {
      faults.push(`${this.#user} was told ${this.gaps} gaps, and there were ${mostGaps}`);
    }
    let at = this.#start;
    let next = behind(at);
    for (const event of this.#events) {
      if (event.lost && event.lost.after !== at) {
        faults.push(`${this.#user} was told a gap after ${event.lost.after} when it was at ${at}`);
      }
      if (event.lost) {
        next = behind(event.offset);
      } else {
        const want = history[next++];
        if (['epoch', 'offset', 'content', 'userId'].some(field => want?.[field] !== event[field])) {
          faults.push(`${this.#user} was handed ${text(event)} in the place of ${text(want)}`);
        }
      }
      at = event.offset;
      if (faults.length >= 5) {
        break;
      }
    }
    if (behind(at) >= 0) {
      faults.push(`${this.#user} was not handed ${text(history[behind(at)])}`);
    }
    const places = Map.groupBy ? Map.groupBy(history, ({ content }) => content) : grouped(history);
    for (const { content, position, error } of this.#sent.values()) {
      const found = places.get(content) ?? [];
      if (found.length > 1) {
        faults.push(`${content} is in the room ${found.length} times`);
      }
      if (position && found[0]?.offset !== position.offset) {
        faults.push(`${content} was acknowledged at ${position.offset} and is at ${found[0]?.offset}`);
      }
      if (error && error.code !== 'outcome_unknown' && found.length > 0) {
        faults.push(`${content} was refused as ${error.code} and is in the room`);
      }
    }
    const own = history.filter(({ userId }) => userId === this.#user).map(({ content }) => Number(content.split('-')[1]));
    if (own.some((number, i) => i > 0 && number <= own[i - 1])) {
      faults.push(`what ${this.#user} said is not in the order in which it was said`);
    }
    return faults;
  }
}

const text = message => (message ? `${message.offset} ${message.content}` : 'nothing');

function grouped(history) {
  const groups = new Map();
  history.forEach(message => groups.set(message.content, [...(groups.get(message.content) ?? []), message]));
  return groups;
}
