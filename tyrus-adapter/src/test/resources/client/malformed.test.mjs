// What a server should not say. A line that cannot be read may have been a message, so the client recovers by the next
// connection; and whatever comes, nothing is thrown, lost without a word, or repeated without end.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { FakeServer, heard } from './fake.mjs';

let server;

beforeEach(() => {
  server = new FakeServer();
});

function inRoom() {
  const client = server.connect();
  const room = client.join('r');
  server.welcome();
  server.joined('r', { offset: 5 });
  server.sent();
  return { client, room };
}

const chat = offset => JSON.stringify(server.chat('r', offset));

describe('a line that cannot be read', () => {
  for (const line of [
    '', 'nonsense', 'null', '[]', '7', '"x"', 'true', '{}', '{"type":1}', '{"type":["chat"]}', '{"type":"pong"',
    '{"type":"pong"} {"type":"pong"}',
    '{"type":"joined"}',
    '{"type":"joined","room":"s","epoch":"e","offset":0,"members":{},"count":1,"rev":1}',
    '{"type":"joined","room":"s","epoch":"e","offset":0,"members":[null],"count":1,"rev":1}',
    '{"type":"joined","room":"s","epoch":"e","offset":0,"members":[{"userId":1}],"count":1,"rev":1}',
    '{"type":"joined","room":"s","epoch":"e","offset":0,"recovered":1,"members":[],"count":1,"rev":1}',
    '{"type":"members","room":"r","count":1,"rev":1}',
    '{"type":"members","room":"r","members":null,"count":1,"rev":1}',
    '{"type":"members","room":"r","members":[{"userId":"ann","meta":[]}],"count":1,"rev":1}',
    '{"type":"user_joined","room":"r","rev":2}',
    '{"type":"user_left","room":"r","userId":"ann","rev":-2}',
    '{"type":"ack","id":"id1"}',
    '{"type":"ack","id":1,"epoch":"e","offset":6}',
    '{"type":"gap","room":"r","epoch":"e","offset":6}',
    '{"type":"gap","room":"r","epoch":"e","offset":6,"lost":{"epoch":"e"}}',
    '{"type":"gap","room":"r","epoch":"e","offset":6,"lost":{"epoch":"e","after":"5"}}',
    '{"type":"left"}', '{"type":"error"}', '{"type":"status"}',
    '{"type":"chat","room":"r","content":1,"epoch":"E","offset":"7"}',
    '{"type":"chat","room":"r","content":1,"epoch":"E","offset":7.5}',
    '{"type":"chat","room":"r","content":1,"epoch":"E","offset":1e300}',
    '{"type":"chat","room":"r","content":1,"offset":7}',
    '{"type":"chat","room":"r","content":1,"epoch":"E"}',
    '{"type":"chat","room":"r","epoch":"E","offset":7}',
    '{"type":"chat","content":1,"epoch":"E","offset":7}',
    '{"type":"chat","room":["r"],"content":1}',
    '{"type":"chat","room":"r","userId":7,"content":1}',
    '{"type":"chat","room":"r","content":1,"key":null}',
  ]) {
    test(`gives the connection up, and nothing behind it counts: ${line}`, async () => {
      const { client, room } = inRoom();
      const seen = heard(room, 'chat');
      server.sayLines(chat(6), line, chat(8));
      assert.equal(client.state, 'offline');
      assert.deepEqual(room.position, { epoch: 'E', offset: 6 });
      await server.clock.advance(20_000);
      assert.deepEqual(server.welcome().at(-1), { type: 'join', room: 'r', epoch: 'E', offset: 6 });
      server.joined('r', { offset: 8, recovering: true, recovered: true });
      server.sayLines(chat(7), chat(8));
      assert.deepEqual(seen.map(([, { offset }]) => offset), [6, 7, 8]);
    });
  }

  test('may be no text at all', () => {
    const { client } = inRoom();
    server.socket.onmessage({ data: new ArrayBuffer(3) });
    assert.equal(client.state, 'offline');
  });

  test('is not come back from all the time', async () => {
    server.connect();
    for (let i = 0; i < 600; i++) {
      if (server.socket.readyState === 0) {
        server.welcome();
        server.sayLines('null');
      }
      await server.clock.advance(100);
    }
    assert.ok(server.sockets.length < 20, `${server.sockets.length} connections in a minute`);
  });
});

describe('what is only new, or a time,', () => {
  for (const line of [
    '{"type":"rc.news","room":"r"}',
    '{"type":"news","more":{"of":[{"this":null}]}}',
    '{"type":"pong","offsets":-1,"members2":{},"constructor":1,"__proto__":null}',
    '{"type":"constructor","room":"r","content":{"__proto__":1}}',
    '{"type":"welcome","userId":"me","heartbeat":"x","expiresIn":[]}',
    '{"type":"reconnect","after":-1}',
    '{"type":"error","code":"rate_limited","retryAfter":"soon"}',
    // What the page itself has sent is named by the refusal.
    '{"type":"error","code":"bad_request","message":"","re":"","room":"","id":""}',
  ]) {
    test(`is no reason: ${line}`, () => {
      const { client, room } = inRoom();
      const seen = heard(room, 'chat');
      server.sayLines(line, chat(6));
      assert.equal(client.state, 'online');
      assert.equal(seen.length, 1);
    });
  }

  test('nesting costs no stack', () => {
    const { client, room } = inRoom();
    const seen = heard(room, 'chat');
    const deep = '[{"x":'.repeat(20_000) + '1' + '}]'.repeat(20_000);
    server.sayLines(`{"type":"pong","x":${deep}}`, chat(6));
    assert.ok(client.state === 'offline' || seen.length === 1);
  });
});

test('what an error brings along does not change what it is', () => {
  const { client, room } = inRoom();
  const errors = heard(client, 'error');
  room.send('chat', 'x');
  const [{ id }] = server.sent();
  server.sayLines(`{"type":"error","code":"forbidden","message":{},"id":"${id}","stack":1,"name":"x","__proto__":{"y":1}}`);
  const [[, error]] = errors;
  assert.equal(error.name, 'RoomcastError');
  assert.equal(error.y, undefined);
});

/** Small, seeded, good enough. */
function randomOf(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = n => Math.floor(next() * n);
  return { next, below, any: among => among[below(among.length)] };
}

/** Damages a line in a way that shows: one number in the place of another does not. */
function damaged(line, { below, any }) {
  const frame = JSON.parse(line);
  const field = any(Object.keys(frame));
  switch (below(6)) {
    case 0: return line.slice(0, below(line.length));
    case 1: return line + line;
    case 2: return any(['null', '[]', '1', '"x"', 'true', '{}', '{"offset":1}']);
    case 3: return line.slice(1);
    case 4: return JSON.stringify({ ...frame, type: any([1, null, [], {}]) });
    default: {
      if (['content', 'timestamp', 'recovering', 'recovered', 'meta'].includes(field)) {
        return '{';
      }
      const rest = { ...frame };
      delete rest[field];
      // Without `userId` it would be one of the host's, which is as good.
      return any([JSON.stringify({ ...frame, [field]: any([null, [[]], {}, -1, true, 0.5]) }), field === 'userId' ? '{' : JSON.stringify(rest)]);
    }
  }
}

describe('whatever is damaged, every message is told once and in order', () => {
  for (let seed = 1; seed <= 40; seed++) {
    test(`seed ${seed}`, async () => {
      const random = randomOf(seed);
      const { client, room } = inRoom();
      const seen = heard(room, 'chat');
      const gaps = heard(client, 'gap');
      let said = 5;
      for (let round = 0; round < 100; round++) {
        const frames = Array.from({ length: random.below(6) }, () => server.chat('r', ++said));
        frames.push(random.any([
          { type: 'members', room: 'r', members: [{ userId: 'me' }], count: 1, rev: 1 },
          { type: 'user_joined', room: 'r', userId: 'ben', timestamp: 1, rev: 2 },
          { type: 'status', state: 'connected' },
        ]));
        const lines = frames.map(frame => JSON.stringify(frame));
        server.sayLines(...lines.map(line => random.below(15) ? line : damaged(line, random)));
        if (client.state === 'offline') {
          while (client.state !== 'connecting') {
            await server.clock.advance(100);
          }
          const { offset } = server.welcome().at(-1);
          const replay = Array.from({ length: said - offset }, (_, i) => chat(offset + 1 + i));
          server.joined('r', { offset: said, recovering: true, recovered: true });
          server.sayLines(...replay, '{"type":"pong"}');
        }
        assert.equal(client.state, 'online');
      }
      assert.deepEqual(seen.map(([, { offset }]) => offset), Array.from({ length: said - 5 }, (_, i) => i + 6));
      assert.deepEqual(gaps, []);
    });
  }
});

describe('whatever is said, the client stays what it is', () => {
  const TYPES = [
    'welcome', 'joined', 'left', 'user_joined', 'user_left', 'user_updated', 'members', 'chat', 'ack', 'error', 'gap', 'pong',
    'reconnect', 'status', '*', 'constructor', '__proto__', 'toString',
  ];
  const FIELDS = [
    'room', 'epoch', 'offset', 'recovered', 'members', 'count', 'rev', 'userId', 'timestamp', 'meta', 'content', 'key', 'id',
    'code', 'message', 're', 'retryAfter', 'lost', 'state', 'heartbeat', 'expiresIn', 'after', '__proto__', 'constructor',
  ];
  const VALUES = [
    '"r"', '"r"', '"s"', '"E"', '"E"', '"new"', '"join"', '"leave"', '"auth"', '"rate_limited"', '"bad_request"', '0', '1', '7',
    '-1', '1e300', '1e999', '9007199254740991', 'null', 'true', 'false', '[]', '{}', '[{"userId":"me"}]', '[null]',
    '{"epoch":"E","after":3}', '"__proto__"', '""',
  ];

  for (let seed = 1; seed <= 20; seed++) {
    test(`seed ${seed}`, async () => {
      const random = randomOf(1000 + seed);
      const { client } = inRoom();
      client.join('s');
      const anything = () => {
        const fields = Array.from({ length: random.below(9) }, () => `,"${random.any(FIELDS)}":${random.any(VALUES)}`);
        return `{"type":"${random.any(TYPES)}"${fields.join('')}}`;
      };
      let written = 0;
      for (let round = 0; round < 300; round++) {
        if (server.socket.readyState === 0) {
          server.welcome();
        }
        if (client.state === 'online') {
          client.rooms[0]?.send('chat', round).catch(() => {});
          server.sayLines(anything(), anything());
        }
        await server.clock.advance(random.below(3_000));
        written += server.sent().length;
        assert.ok(server.clock.pending < 1_500);
      }
      assert.ok(written < 300 * 40, `${written} frames written`);
      client.close();
      client.reconnect();
      const room = client.join('last');
      let sent = server.welcome();
      for (let i = 0; i < 50 && room.state !== 'joined'; i++) {
        sent.filter(({ type }) => type === 'join').forEach(({ room: name }) => server.joined(name));
        sent = server.sent();
      }
      assert.equal(room.state, 'joined');
    });
  }
});
