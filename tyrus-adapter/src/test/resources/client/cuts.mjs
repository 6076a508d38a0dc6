// A client that is cut again and again, at any moment, while others talk and it talks too.
import { Checker } from './checker.mjs';
import { client, Network, Orders, PORTS, until, url } from './site.mjs';

const TALKERS = 5;

/**
 * Returns what the checkers found wrong, and figures. `open` is the `connect` of the client that is cut; `pace` is the longest
 * time between two messages of one client; `fault` does something worse than a cut before some of them, and returns how many
 * gaps that may cause.
 */
export async function cuts(name, times, open, { patience = 20_000, pace = 12, fault = () => 0 } = {}) {
  const network = await new Network().start();
  const orders = new Orders();
  const clients = [];
  const enter = (user, address, how) => {
    const connection = client(address, { user, maxPending: 100_000, random: () => 0 }, how);
    clients.push(connection);
    const room = connection.join(name);
    return { room, connection, checker: new Checker(user, room) };
  };
  try {
    const cut = enter('cut', url('rooms', network.port), open);
    const others = Array.from({ length: TALKERS }, (_, i) => enter(`talker${i}`, url('rooms', PORTS[i % PORTS.length])));
    const all = [cut, ...others];
    await Promise.all(all.map(({ room }) => room.ready));
    let going = true;
    const talking = all.map(async ({ checker }) => {
      while (going) {
        checker.say();
        await pause(pace);
      }
    });
    let comebacks = 0;
    let mostGaps = 0;
    cut.connection.on('recovered', () => comebacks++);
    for (let i = 0; i < times; i++) {
      mostGaps += await fault(i, orders);
      // At any moment: of its handshake, of what it is sent of the past, and of what is live.
      if (Math.random() < 0.6) {
        await until('it is in', () => cut.room.state === 'joined');
        await pause(30);
      } else {
        await pause(6);
      }
      network.cut();
    }
    await fault(times, orders);
    going = false;
    await Promise.all(talking);
    const inTime = within(3 * patience, Promise.all(all.map(({ checker }) => checker.settled())));
    const faults = (await inTime) ? [] : ['a send was never settled'];
    const history = await orders.ask('history', name);
    // Whoever has seen less after that has lost something, which the checker says.
    await until('all is seen', () => all.every(({ checker }) => checker.at >= (history.at(-1)?.offset ?? 0)), patience).catch(() => {});
    faults.push(...all.flatMap(({ checker }) => checker.faults(history, mostGaps)));
    const members = await orders.ask('members', name);
    await until('the members are told', () => all.every(({ room }) => same(room.members, members)), patience).catch(() => {});
    for (const { room } of all) {
      if (!same(room.members, members)) {
        faults.push(`members are told as ${room.members.map(({ userId }) => userId)} and are ${members}`);
      }
    }
    return { faults, comebacks, messages: history.length, gaps: cut.checker.gaps };
  } finally {
    clients.forEach(connection => connection.close());
    network.close();
    orders.close();
  }
}

const pause = most => new Promise(resolve => setTimeout(resolve, Math.random() * most));
const same = (members, truth) => JSON.stringify(members.map(({ userId }) => userId).sort()) === JSON.stringify([...truth].sort());
const within = (ms, task) => new Promise(resolve => {
  const timer = setTimeout(() => resolve(false), ms);
  task.then(() => {
    clearTimeout(timer);
    resolve(true);
  });
});
