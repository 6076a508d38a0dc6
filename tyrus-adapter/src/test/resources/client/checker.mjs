// Holds every message that a client was handed, and every send that it was asked for, against what is in the room.

export class Checker {
  #user;
  #room;
  #start;
  #seen = [];
  #gaps = 0;
  #sent = new Map();
  #said = 0;

  /** To be made before the room is joined. */
  constructor(user, room) {
    this.#user = user;
    this.#room = room;
    room.on('joined', () => (this.#start ??= room.position.offset));
    room.on('chat', message => this.#seen.push(message));
    room.on('gap', () => this.#gaps++);
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

  get seen() {
    return this.#seen.length;
  }

  /** How many of the room's messages this client should have been handed. */
  due(history) {
    return history.filter(({ offset }) => offset > this.#start).length;
  }

  /** All that is wrong, in words. `history` is everything in the room, in order. */
  faults(history) {
    const faults = [];
    const due = history.filter(({ offset }) => offset > this.#start);
    if (this.#gaps > 0) {
      faults.push(`${this.#user} was told ${this.#gaps} gaps though nothing is missing`);
    }
    for (let i = 0; i < Math.max(due.length, this.#seen.length) && faults.length < 5; i++) {
      const [want, got] = [due[i], this.#seen[i]];
      if (want?.offset !== got?.offset || want?.content !== got?.content || want?.userId !== got?.userId) {
        faults.push(`${this.#user} was handed ${text(got)} in the place of ${text(want)}`);
      }
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
