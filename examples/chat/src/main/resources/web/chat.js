// The page: a form to enter a room, and the room.

import { connect } from './roomcast/roomcast.js';
import { messageLog } from './log.js';
import { recall } from './memory.js';
import { outgoing } from './outgoing.js';
import { peopleList } from './people.js';
import * as token from './token.js';
import { ENDED, ENTRY_REFUSED, ISOLATED, REFUSED } from './words.js';

// Before anything else, so that it stands in the address bar for no longer than it must.
token.takeFromAddress();

const $ = id => document.getElementById(id);
const text = $('text');
const log = messageLog($('log'), $('newer'));
const people = peopleList($('people-list'), $('people-rest'), document.querySelectorAll('.people-count'));

// What belongs to the room one is in; null outside.
let here = null;

// ---- entering and leaving ----

function enter(room, user) {
  here = {
    name: room,
    me: user,
    // What the page shows: connecting, online, offline or ended.
    state: 'connecting',
    isolated: false, // the server, from others that share its rooms
    // Whether the server has let this connection in.
    welcome: false,
    greeted: false,
    knowsOfGap: false,
    outgoing: outgoing(log, {
      send: words => here.room.send('chat', words),
      position: () => here.room.position,
      edit: giveBack,
    }),
    unread: 0,
    connection: null,
    room: null,
  };
  recall('sessionStorage', 'room', room);
  recall('sessionStorage', 'user', user);
  if (!token.current()) {
    recall('localStorage', 'user', user);
  }
  // The address is what one shares: it names the room, not the person.
  history.replaceState(null, '', `?room=${encodeURIComponent(room)}`);

  $('offline').hidden = true;
  $('title-text').textContent = room;
  $('entry').hidden = true;
  $('chat').hidden = false;
  showTitle();
  people.clear();
  people.iAm(user);
  log.clear();
  hint('');
  open();
  // On a touch screen this would open the keyboard over the conversation that one wants to see first.
  (matchMedia('(pointer: fine)').matches ? text : $('title')).focus();
}

/** The library does the rest: it comes back, gets what was missed, and sends what waits. */
function open() {
  const connection = connect('rooms', { user: here.me, getToken: token.current });
  const room = connection.join(here.name, { position: here.room?.position });
  Object.assign(here, { connection, room });
  // What a connection says that was given up is of no interest.
  const current = listener => event => here?.connection === connection && listener(event);
  Object.entries(on).forEach(([type, listener]) => room.on(type, current(listener)));
  connection.on('state', current(stateChanged));
  connection.on('error', current(refused));
  connection.on('status', current(({ state }) => isolated(state === 'isolated')));
  showState({ name: 'connecting' });
}

function retry() {
  if (here.room.state === 'left') {
    open();
  } else {
    here.connection.reconnect();
  }
}

function leave() {
  const { connection, name, me } = here;
  here = null;
  connection.close();
  recall('sessionStorage', 'room', null);
  stopWaiting();
  text.value = '';
  fit();
  showEntry(name, me);
}

function showEntry(room, user) {
  document.title = 'Roomcast chat';
  $('chat').hidden = true;
  $('ask').hidden = true;
  $('entry').hidden = false;
  const jwt = token.current();
  $('as-token').hidden = !jwt;
  $('as-name').hidden = Boolean(jwt);
  // A required field that is not there could not be filled in.
  $('name').disabled = Boolean(jwt);
  $('token-name').textContent = (jwt && token.nameIn(jwt)) || 'the one your token names';
  $('name').value = user;
  $('room-name').value = room;
  const empty = [$('name'), $('room-name')].find(field => !field.value && !field.disabled);
  (empty ?? $('entry-form').querySelector('.primary')).focus();
}

/** The server does not let us in, or not any longer. The conversation stays behind the form. */
function askForToken() {
  $('ask-why').textContent = here.welcome
    ? 'Your token does not hold any longer: the server has ended the connection. Paste a new one to go on.'
    : token.current()
      ? 'The server did not accept your token: it may have expired, or be meant for another server.'
      : 'This server lets in only who has a token. Whoever runs it can give you one.';
  here.welcome = false;
  token.keep(null);
  $('chat').hidden = true;
  $('ask').hidden = false;
  $('token').value = '';
  $('token').focus();
}

function comeInWithToken() {
  token.keep($('token').value);
  $('token').value = '';
  $('ask').hidden = true;
  $('chat').hidden = false;
  retry();
  text.focus();
}

// ---- what the library says ----

const on = {
  joined({ comesBack, recovered }) {
    showState({ name: 'online' });
    here.knowsOfGap = comesBack && !recovered;
    if (comesBack) {
      log.line(recovered ? 'You are back.' : 'You are back. Messages sent meanwhile may be missing.');
    }
    showMembers();
    if (!here.greeted) {
      here.greeted = true;
      log.line('You joined. ', people.count > 1 ? `${people.count} are here.` : 'You are the only one here so far.');
    }
  },

  left({ error }) {
    here.connection.close();
    const why = error.code === 'left' ? 'You were taken out of this room.' : ENTRY_REFUSED[error.code];
    showState({ name: 'ended', why: why ?? `The server says: ${error.message}` });
  },

  members() {
    // Those of a comeback are told behind the line that says so.
    if (here.state === 'online') {
      showMembers();
    }
  },

  gap() {
    if (!here.knowsOfGap) {
      log.line('Some messages are missing here.');
    }
    here.knowsOfGap = false;
    here.outgoing.skipped();
  },

  chat({ userId = 'Server', content, timestamp, epoch, offset }) {
    const mine = userId === here.me;
    const said = typeof content === 'string' ? content : JSON.stringify(content);
    if (mine && offset !== undefined) {
      here.outgoing.seen(said, { epoch, offset });
    }
    log.message({ userId, text: said, timestamp, mine });
    if (!mine && document.hidden) {
      here.unread++;
      showTitle();
    }
  },
};

function stateChanged({ state, code, retryAt, userId }) {
  if (state === 'online') {
    // The page is online when it is in its room.
    here.welcome = true;
    here.isolated && isolated(false);
    here.me = userId;
    people.iAm(userId);
  } else {
    showState({ name: state === 'closed' ? 'ended' : state, code, retryAt });
  }
}

function isolated(now) {
  here.isolated = now;
  hint(now ? ISOLATED : '');
  here.state === 'online' && showState({ name: 'online' });
}

function refused({ code, message, re, id, retryAfter }) {
  const seconds = Math.ceil((retryAfter ?? 0) / 1000);
  if (code === 'rate_limited') {
    hint(`Slow down a little: what you wrote goes out ${seconds > 1 ? `in ${seconds} s` : 'in a moment'}.`);
  } else if (re !== 'join' && (id === undefined || REFUSED[code])) {
    hint(REFUSED[code] ?? `The server says: ${message}`);
  }
}

function showMembers() {
  const { came, went } = people.set(here.room.members, here.room.count);
  went.forEach(name => log.line({ name }, ' left'));
  came.filter(name => name !== here.me).forEach(name => log.line({ name }, ' joined'));
}

// ---- sending ----

function send() {
  const words = text.value.trimEnd();
  if (here.state === 'ended') {
    hint('Not sent: you are not connected. Your text stays here.');
  } else if (words) {
    text.value = '';
    fit();
    hint('');
    here.outgoing.send(here.me, words);
  }
}

function giveBack(words) {
  text.value = [text.value, words].filter(Boolean).join('\n');
  fit();
  text.focus();
}

// ---- showing ----

let ticking = 0;
let patience = 0;

// Most losses are over before anyone has read that there was one.
const NOTICE_AFTER = 1_500;

function showState({ name, code, retryAt, why }) {
  here.state = name;
  clearInterval(ticking);
  $('status').dataset.state = name;
  $('retry').hidden = name === 'connecting';
  $('send').setAttribute('aria-disabled', name === 'ended');

  if (name === 'online') {
    stopWaiting();
    $('status').dataset.state = here.isolated ? 'isolated' : 'online';
    $('status-text').textContent = here.isolated ? 'Others out of sight' : 'Online';
    $('offline').hidden = true;
    say(here.isolated ? ISOLATED : 'Online');
  } else if (name === 'connecting') {
    $('status-text').textContent = 'Connecting…';
    $('offline-text').textContent = 'Connecting… What you write goes out then.';
  } else if (name === 'ended') {
    stopWaiting();
    showEnd(code, why);
  } else {
    $('retry').textContent = 'Try now';
    countDown(retryAt);
    ticking = setInterval(countDown, 250, retryAt);
    patience ||= setTimeout(() => {
      $('offline').hidden = false;
      say('Connection lost. Reconnecting.');
    }, NOTICE_AFTER);
  }
}

function stopWaiting() {
  clearInterval(ticking);
  clearTimeout(patience);
  patience = 0;
}

function showEnd(code, why) {
  hint('');
  $('offline').hidden = false;
  $('retry').textContent = 'Connect again';
  $('status-text').textContent = 'Disconnected';
  if (code === 4401) {
    askForToken();
    return;
  }
  $('offline-text').textContent = why ?? ENDED[code] ?? 'The connection has ended.';
  say($('offline-text').textContent);
}

function countDown(retryAt) {
  const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
  $('status-text').textContent = `Offline, ${seconds} s`;
  $('offline-text').textContent = `Offline. Reconnecting in ${seconds} s. What you write goes out then.`;
}

function showPeople(open) {
  $('people').classList.toggle('open', open);
  $('people-toggle').setAttribute('aria-expanded', open);
}

function showTitle() {
  document.title = `${here.unread ? `(${here.unread}) ` : ''}#${here.name} · Roomcast chat`;
}

function hint(words) {
  $('hint').hidden = !words;
  $('hint').textContent = words;
  if (words) {
    say(words);
  }
}

/** For those who hear the page. */
function say(words) {
  $('spoken').textContent = words;
}

/** Makes the text box as high as its text, up to what the style allows. */
function fit() {
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight}px`;
}

// ---- start ----

$('entry-form').addEventListener('submit', event => {
  event.preventDefault();
  const [user, room] = [$('name'), $('room-name')].map(field => field.value.trim());
  if (room && (user || token.current())) {
    enter(room, token.current() ? token.nameIn(token.current()) : user);
  }
});
$('forget').addEventListener('click', () => {
  token.keep(null);
  showEntry($('room-name').value, recall('localStorage', 'user') ?? '');
});
$('ask-form').addEventListener('submit', event => {
  event.preventDefault();
  comeInWithToken();
});
$('ask-leave').addEventListener('click', leave);
// A link with a token, opened in this very tab, changes nothing but the part behind the #.
addEventListener('hashchange', () => token.takeFromAddress() && location.reload());
$('composer').addEventListener('submit', event => {
  event.preventDefault();
  send();
});
text.addEventListener('keydown', event => {
  // While an input method composes, Enter chooses a word.
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
});
text.addEventListener('input', fit);
$('leave').addEventListener('click', leave);
$('retry').addEventListener('click', retry);
$('people-toggle').addEventListener('click', () => showPeople(!$('people').classList.contains('open')));
$('log').addEventListener('click', () => showPeople(false));
addEventListener('keydown', event => event.key === 'Escape' && showPeople(false));
document.addEventListener('visibilitychange', () => {
  if (here && !document.hidden) {
    here.unread = 0;
    showTitle();
  }
});
// Only a page from https or localhost may write to the clipboard.
$('share').hidden = !navigator.clipboard;
$('share').addEventListener('click', async () => {
  await navigator.clipboard.writeText(location.href);
  $('share-text').textContent = 'Copied';
  say('Link copied');
  setTimeout(() => ($('share-text').textContent = 'Copy link'), 2_000);
});

const asked = new URLSearchParams(location.search);
const room = asked.get('room') ?? '';
const jwt = token.current();
const user = (jwt ? token.nameIn(jwt) : asked.get('user')) ?? '';
const was = { room: recall('sessionStorage', 'room'), user: jwt ? user : recall('sessionStorage', 'user') };
if (room && (jwt || user)) {
  enter(room, user);
} else if (was.room && (jwt || was.user) && (!room || room === was.room)) {
  // This tab was in the room before it was loaded anew.
  enter(was.room, was.user);
} else {
  showEntry(room || 'lobby', user || recall('localStorage', 'user') || '');
}
