// The server that the tests run against, a line of orders to it, and a network that can be cut.
import { createRequire } from 'node:module';
import { createServer, connect as dial } from 'node:net';
import { createInterface } from 'node:readline';
import { connect } from '../../../main/resources/META-INF/resources/roomcast/roomcast.js';

/** Of each instance. */
export const PORTS = process.env.ROOMCAST_PORT.split(',').map(Number);
/** Node's own, unless that of a package is to be tried. */
export const WebSocket = process.env.ROOMCAST_WS
  ? createRequire(process.env.ROOMCAST_WS + '/')('ws')
  : globalThis.WebSocket;

/** Gives orders to the server, and asks it for the truth. */
export class Orders {
  #socket = dial(Number(process.env.ROOMCAST_ORDERS), '127.0.0.1');
  #waiting = [];

  constructor() {
    createInterface({ input: this.#socket }).on('line', line => this.#waiting.shift()(JSON.parse(line)));
  }

  async ask(...words) {
    this.#socket.write(words.join(' ') + '\n');
    const answer = await new Promise(resolve => this.#waiting.push(resolve));
    if (answer?.failed) {
      throw new Error(answer.failed);
    }
    return answer;
  }

  close() {
    this.#socket.destroy();
  }
}

/**
 * Between the clients and the server, of whose instances it takes one after the other: cuts without a close, swallows what it
 * should carry, or lets nobody through.
 */
export class Network {
  #server = createServer({ allowHalfOpen: true }, near => this.#carry(near));
  #links = new Set();
  #open = true;
  #turn = 0;
  port;

  async start() {
    await new Promise(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = this.#server.address().port;
    return this;
  }

  #carry(near) {
    if (!this.#open) {
      near.resetAndDestroy();
      return;
    }
    const far = dial(PORTS[this.#turn++ % PORTS.length], '127.0.0.1');
    const link = { ends: [near, far], swallows: false };
    this.#links.add(link);
    for (const [one, other] of [[near, far], [far, near]]) {
      one.setNoDelay(true);
      one.on('error', () => {});
      one.on('close', () => {
        if (!link.swallows) {
          other.destroy();
          this.#links.delete(link);
        }
      });
      one.pipe(other);
    }
  }

  /** Without a close. */
  cut() {
    this.#links.forEach(({ ends }) => ends.forEach(end => end.resetAndDestroy()));
    this.#links.clear();
  }

  /** Carries nothing any more on the links that are there, and does not say so. */
  swallow() {
    for (const link of this.#links) {
      link.swallows = true;
      link.ends.forEach(end => end.unpipe().resume());
    }
  }

  down() {
    this.#open = false;
    this.cut();
  }

  up() {
    this.#open = true;
  }

  close() {
    this.down();
    this.#server.close();
  }
}

export const url = (path = 'rooms', port = PORTS[0]) => `ws://127.0.0.1:${port}/${path}`;

/** A client of the real server, which does not wait long before it comes back. */
export const client = (address, options, open = connect) => open(address, { WebSocket, random: () => 0.02, ...options });

/** Waits until something holds, however slow the machine is. */
export async function until(what, holds, patience = 20_000) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await holds();
    if (value) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`not within ${patience} ms: ${what}`);
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

/** Waits for the next event. */
export const next = (emitter, type, fits = () => true) => new Promise(resolve => {
  const stop = emitter.on(type, event => {
    if (fits(event)) {
      stop();
      resolve(event);
    }
  });
});
