// The client before the real server: what a unit's fake could have wrong.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { client, Network, next, Orders, until, url } from './site.mjs';

const orders = new Orders();
const clients = [];
let network;

/** Behind the network that can be cut, unless told otherwise. */
function open(user, options = {}, address = url('rooms', network.port)) {
  const connection = client(address, { user, ...options });
  clients.push(connection);
  return connection;
}

before(async () => {
  network = await new Network().start();
});

afterEach(() => {
  clients.splice(0).forEach(connection => connection.close());
  network.up();
});

after(() => {
  network.close();
  orders.close();
});

const texts = room => {
  const all = [];
  room.on('*', ({ content }) => all.push(content));
  return all;
};

test('what is said is heard, with what the sender was told of its place', async () => {
  const [ann, ben] = [open('ann').join('talk'), open('ben').join('talk')];
  await Promise.all([ann.ready, ben.ready]);
  const heard = next(ben, 'chat');
  const position = await ann.send('chat', { text: 'hello', n: [1, null] });
  const message = await heard;
  assert.deepEqual(message.content, { text: 'hello', n: [1, null] });
  assert.deepEqual({ epoch: message.epoch, offset: message.offset }, position);
  assert.equal(message.userId, 'ann');
});

test('a cut in many rooms brings each up to date, in order, whatever was said meanwhile', async () => {
  const ann = open('ann');
  const rooms = Array.from({ length: 40 }, (_, i) => ann.join(`many${i}`));
  await Promise.all(rooms.map(({ ready }) => ready));
  const heard = rooms.map(texts);
  network.down();
  await next(ann, 'state', ({ state }) => state === 'offline');
  for (const { name } of rooms) {
    await orders.ask('say', name, 'chat', 'one');
    await orders.ask('say', name, 'chat', 'two');
  }
  network.up();
  await until('all rooms are up to date', () => heard.every(({ length }) => length === 2));
  assert.ok(heard.every(([one, two]) => one === 'one' && two === 'two'));
});

test('what is said while away waits, and goes out once and in order', async () => {
  const ann = open('ann').join('away');
  const ben = open('ben', {}, url()).join('away');
  await Promise.all([ann.ready, ben.ready]);
  const heard = texts(ben);
  network.down();
  const sent = ['one', 'two', 'three'].map(text => ann.send('chat', text));
  network.up();
  const positions = await Promise.all(sent);
  await until('all is heard', () => heard.length === 3);
  assert.deepEqual(heard, ['one', 'two', 'three']);
  assert.deepEqual(positions.map(({ offset }) => offset), [1, 2, 3]);
});

test('more than history holds is a gap and never a part', async () => {
  const ann = open('ann');
  const room = ann.join('short-1');
  await room.ready;
  const heard = texts(room);
  await orders.ask('say', 'short-1', 'chat', 'before');
  await until('it is heard', () => heard.length === 1);
  const gap = next(ann, 'gap');
  network.down();
  for (let i = 0; i < 9; i++) {
    await orders.ask('say', 'short-1', 'chat', `lost${i}`);
  }
  network.up();
  const { lost, offset } = await gap;
  assert.deepEqual(lost, { epoch: room.position.epoch, after: 1 });
  assert.equal(offset, 10);
  await orders.ask('say', 'short-1', 'chat', 'after');
  await until('it is heard', () => heard.length === 2);
  assert.deepEqual(heard, ['before', 'after']);
});

for (const [name, position] of [
  ['of another epoch', () => ({ epoch: 'somewhere-else', offset: 1 })],
  ['from the future', ({ epoch }) => ({ epoch, offset: 1_000 })],
]) {
  test(`a position ${name} is a gap`, async () => {
    const first = open('ann').join('wrong');
    await first.ready;
    await first.send('chat', 'x');
    const ben = open('ben');
    const gap = next(ben, 'gap');
    const room = ben.join('wrong', { position: position(first.position) });
    await room.ready;
    assert.equal((await gap).room, room);
    assert.equal(room.position.epoch, first.position.epoch);
    const heard = next(room, 'chat');
    await first.send('chat', 'live');
    assert.equal((await heard).content, 'live');
  });
}

test('two tabs of one user recover each from its own position', async () => {
  const other = await new Network().start();
  const one = open('ann').join('tabs');
  const two = open('ann', {}, url('rooms', other.port)).join('tabs');
  await Promise.all([one.ready, two.ready]);
  const heard = [texts(one), texts(two)];
  const say = text => orders.ask('say', 'tabs', 'chat', text);
  await say('a');
  await until('both heard', () => heard.every(({ length }) => length === 1));
  network.down();
  await say('b');
  await until('one heard', () => heard[1].length === 2);
  other.down();
  await say('c');
  network.up();
  other.up();
  await until('both heard', () => heard.every(({ length }) => length === 3));
  assert.deepEqual(heard, [['a', 'b', 'c'], ['a', 'b', 'c']]);
  other.close();
});

test('a server that only seems to be there is noticed', async () => {
  const ann = open('ann');
  const room = ann.join('silent');
  await room.ready;
  const offline = next(ann, 'state', ({ state }) => state === 'offline');
  const recovered = next(ann, 'recovered');
  network.swallow();
  const sent = room.send('chat', 'x');
  assert.equal((await offline).reason, 'the server was silent');
  await recovered;
  assert.equal((await sent).offset, 1);
});

test('members are the truth after cuts, comings and goings', async () => {
  const ann = open('ann').join('who', { meta: { color: 'red' } });
  const ben = open('ben', {}, url());
  await Promise.all([ann.ready, ben.join('who').ready]);
  await until('ben is seen', () => ann.members.length === 2);
  network.down();
  ben.close();
  const cid = open('cid', {}, url()).join('who');
  await cid.ready;
  network.up();
  await until('all see the same', async () => {
    const truth = (await orders.ask('members', 'who')).sort().join();
    return [ann, cid].every(({ members }) => members.map(({ userId }) => userId).sort().join() === truth) && truth === 'ann,cid';
  });
  assert.deepEqual(cid.members.find(({ userId }) => userId === 'ann').meta, { color: 'red' });
});

test('who is taken out is told, and does not come back by itself', async () => {
  const ann = open('ann');
  const room = ann.join('out');
  await room.ready;
  const left = next(room, 'left');
  await orders.ask('kick', 'out', 'ann');
  assert.equal((await left).error.code, 'left');
  const again = ann.join('out');
  await again.ready;
  assert.equal(again.state, 'joined');
});

test('who is let into a room by the host is told, and comes back to it', async () => {
  const ann = open('invited');
  const joined = next(ann, 'joined');
  await next(ann, 'state', ({ state }) => state === 'online');
  await orders.ask('invite', 'inbox', 'invited');
  const { room } = await joined;
  assert.deepEqual(ann.rooms, [room]);
  const heard = texts(room);
  await orders.ask('say', 'inbox', 'chat', 'one');
  network.down();
  await orders.ask('say', 'inbox', 'chat', 'two');
  network.up();
  await until('both are heard', () => heard.length === 2);
  assert.deepEqual(heard, ['one', 'two']);
});

test('128 rooms come back at the default rate without an error', async () => {
  const ann = open('ann', {}, url('usual', network.port));
  const errors = [];
  ann.on('error', error => errors.push(error));
  const rooms = Array.from({ length: 128 }, (_, i) => ann.join(`usual${i}`));
  await Promise.all(rooms.map(({ ready }) => ready));
  let back = 0;
  ann.on('recovered', () => back++);
  network.cut();
  await until('all are back', () => back === 128);
  assert.deepEqual(errors, []);
});

describe('a close by the server', () => {
  for (const code of [1001, 4008, 4408, 4429, 4503]) {
    test(`with ${code} brings one back`, async () => {
      // A user of its own: the one of the test before may still be on its way out.
      const user = `ann${code}`;
      const ann = open(user);
      const room = ann.join('codes');
      await room.ready;
      const heard = texts(room);
      const recovered = next(ann, 'recovered');
      const offline = next(ann, 'state', ({ state }) => state === 'offline');
      assert.equal(await orders.ask('close', user, code), 1);
      await orders.ask('say', 'codes', 'chat', 'missed');
      assert.equal((await offline).code, code);
      await recovered;
      await until('it is heard', () => heard.length === 1);
    });
  }

  for (const code of [1000, 1008, 1009, 4400, 4401, 4403, 4409]) {
    test(`with ${code} is the end`, async () => {
      const user = `ann${code}`;
      const ann = open(user);
      await ann.join('codes').ready;
      const ended = next(ann, 'state');
      await orders.ask('close', user, code);
      assert.deepEqual(await ended, { state: 'closed', code, reason: 'as the test wants' });
      await until('the server has let go of it', async () => (await orders.ask('connections', user)) === 0);
    });
  }
});

describe('a token', () => {
  test('lets in, and is renewed before it ends, on the same connection', async () => {
    let count = 0;
    const ann = open('nobody', { getToken: async () => `ann:${++count < 3 ? 2_500 + count : 60_000}` }, url('tokens', network.port));
    const states = [];
    const room = ann.join('t');
    await room.ready;
    ann.on('state', event => states.push(event));
    await until('it was renewed twice', () => count === 3);
    assert.equal((await room.send('chat', 'x')).offset, 1);
    assert.equal(ann.userId, 'ann');
    assert.deepEqual(states, []);
  });

  test('that is no good ends it when there is no other', async () => {
    const tokens = ['bad1', 'bad2', 'bad2'];
    const ann = open('nobody', { getToken: () => tokens.shift() }, url('tokens', network.port));
    const { code } = await next(ann, 'state', ({ state }) => state === 'closed');
    assert.equal(code, 4401);
    assert.deepEqual(tokens, []);
  });

  test('that is missing is asked for at once', async () => {
    const ann = open('nobody', {}, url('tokens', network.port));
    const { code } = await next(ann, 'state', ({ state }) => state === 'closed');
    assert.equal(code, 4401);
  });
});

test('a restart costs a gap where nothing outlives it, and no message that waits', async () => {
  const ann = open('ann', {}, url('rooms', await orders.ask('restart', 0)));
  const room = ann.join('restart');
  await room.ready;
  await room.send('chat', 'before');
  const { epoch } = room.position;
  const gap = next(ann, 'gap');
  const offline = next(ann, 'state', ({ state }) => state === 'offline');
  const restarted = orders.ask('restart', 0);
  assert.equal((await offline).code, 1001);
  const sent = room.send('chat', 'meanwhile');
  await restarted;
  assert.equal((await gap).lost.epoch, epoch);
  assert.notEqual((await sent).epoch, epoch);
});

test('a server that drains sends its clients away one by one, and they come back to the next', async () => {
  const address = url('rooms', await orders.ask('restart', 0));
  const away = [];
  const all = Array.from({ length: 6 }, (_, i) => open(`user${i}`, {}, address));
  await Promise.all(all.map(connection => connection.join('drain').ready));
  all.forEach(connection => next(connection, 'state', ({ state }) => state === 'offline')
    .then(({ code }) => away.push({ code, at: Date.now() })));
  const restarted = orders.ask('restart', 900);
  const sent = all.map(connection => connection.rooms[0].send('chat', connection.userId));
  await until('all were sent away', () => away.length === 6);
  assert.ok(away.every(({ code }) => code === 1001));
  assert.ok(away.at(-1).at - away[0].at > 400, 'they went together');
  await restarted;
  await Promise.all(sent);
  const seen = () => all.map(({ state, rooms: [room] }) => `${state} ${room.state} ${room.count}`);
  await until('all are back', () => seen().every(each => each === 'online joined 6'))
    .catch(error => assert.fail(`${error.message}: ${seen()}`));
});
