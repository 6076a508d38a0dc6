import { connect } from './roomcast/roomcast.js';

const $ = (id) => document.getElementById(id);
const name = new URLSearchParams(location.search).get('user') ?? 'guest-' + Math.floor(Math.random() * 900 + 100);
const MOST_LINES = 500;

function line(text, kind = 'note') {
  const item = document.createElement('li');
  item.className = kind;
  item.textContent = text;
  $('log').append(item);
  while ($('log').childElementCount > MOST_LINES) {
    $('log').firstElementChild.remove();
  }
  item.scrollIntoView({ block: 'nearest' });
  return item;
}

function spoken(user, content) {
  const item = line('', user === name ? 'mine' : 'theirs');
  const who = document.createElement('b');
  who.textContent = user;
  item.append(who, ' ', document.createTextNode(String(content)));
}

async function ask(path, options) {
  const answer = await fetch(path, options);
  if (!answer.ok) {
    throw new Error((await answer.text()) || answer.statusText);
  }
  return answer.json();
}

async function act(verb, part) {
  try {
    show(await ask(`/${verb}?part=${part}`, { method: 'POST', headers: { 'X-Cluster': 'page' } }));
    line(`${part}: ${verb === 'kill' ? 'killed' : 'started'}`);
  } catch (failed) {
    line(`${part}: ${failed.message}`, 'bad');
  }
}

function show(state) {
  $('parts').replaceChildren(...state.parts.map((part) => {
    const item = document.createElement('li');
    item.dataset.running = part.running;
    const label = document.createElement('span');
    label.textContent = part.name === 'Redis' ? 'Redis' : `Instance ${part.name}`;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = part.running ? 'Kill' : 'Start';
    button.setAttribute('aria-label', `${button.textContent} ${label.textContent}`);
    button.addEventListener('click', () => {
      button.disabled = true;
      act(part.running ? 'kill' : 'start', part.name);
    });
    item.append(label, button);
    return item;
  }));
}

const state = await ask('/state');
show(state);
setInterval(async () => {
  try {
    show(await ask('/state'));
  } catch {
    // The cluster itself has ended.
  }
}, 2000);

$('me').textContent = name;
const connection = connect(`ws://localhost:${state.sockets}/rooms`, { user: name });
connection.on('state', (event) => {
  $('state').dataset.state = event.state;
  $('state').textContent = event.state;
  if (event.state === 'offline') {
    $('instance').textContent = '–';
  }
});
connection.on('message', (event) => {
  if (event.type === 'instance') {
    $('instance').textContent = event.content;
    line(`on instance ${event.content}`);
  }
});
connection.on('status', (event) => line(
  event.state === 'isolated' ? 'this instance has lost Redis' : 'this instance has found Redis again'));
connection.on('recovered', () => line('came back, and missed nothing'));
connection.on('gap', () => line('some messages may be missing here', 'bad'));

const room = connection.join('lobby');
room.on('chat', (message) => spoken(message.userId, message.content));
room.on('user_joined', (event) => line(`${event.userId} is here`));
room.on('user_left', (event) => line(`${event.userId} has left`));
room.on('members', () => {
  $('members').replaceChildren(...room.members.map((member) => {
    const item = document.createElement('li');
    item.textContent = member.userId;
    return item;
  }));
});

$('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = $('text').value;
  $('text').value = '';
  const waiting = line(`sending: ${text}`, 'waiting');
  try {
    await room.send('chat', text);
  } catch (failed) {
    line(`not sent (${failed.code}): ${text}`, 'bad');
  }
  waiting.remove();
});
