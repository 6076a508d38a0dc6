// The page: a form to enter a room, and the room.

import { connect } from './connection.js';
import { messageLog } from './log.js';
import { recall } from './memory.js';
import { outgoing } from './outgoing.js';
import { peopleList } from './people.js';
import * as token from './token.js';

// Before anything else, so that it stands in the address bar for no longer than it must.
token.takeFromAddress();

const $ = id => document.getElementById(id);
const text = $('text');
const log = messageLog($('log'), $('newer'));
const people = peopleList($('people-list'), $('people-rest'), document.querySelectorAll('.people-count'));

const ENDED = {
  1000: 'The server has closed this conversation.',
  1008: 'The server closed the connection: too much came in at once.',
  1009: 'That message was too large for this server.',
  4400: 'The server could not make sense of what this page sent. Another name or room may help.',
  4403: 'You may not enter this room.',
  4409: 'You are connected too many times. Close another tab first.',
};

const REFUSED = {
  bad_request: 'The server did not accept that message.',
  forbidden: 'You may not write in this room.',
  not_joined: 'You are not in this room any more.',
  unavailable: 'The room cannot take messages right now.',
};

// What belongs to the room one is in; null outside.
let here = null;

// ---- entering and leaving ----

function enter(room, user) {
  here = {
    room,
    me: user,
    state: 'connecting',
    // Whether the server has let this connection in.
    welcome: false,
    greeted: false,
    // Where the last message that we saw stands.
    position: null,
    outgoing: outgoing(log, { send: sendFrame, edit: giveBack }),
    unread: 0,
    link: null,
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
  here.link = connect({ room, user, token: token.current, onState: showState, onFrame: receive });
  // On a touch screen this would open the keyboard over the conversation that one wants to see first.
  (matchMedia('(pointer: fine)').matches ? text : $('title')).focus();
}

function leave() {
  here.link.close();
  const { room, me } = here;
  here = null;
  recall('sessionStorage', 'room', null);
  clearInterval(ticking);
  text.value = '';
  fit();
  showEntry(room, me);
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
  here.link.retry();
  text.focus();
}

// ---- what the server says ----

const on = {
  welcome({ userId }) {
    here.welcome = true;
    here.me = userId;
    people.iAm(userId);
  },

  joined({ epoch, offset, members, count }) {
    const before = here.position;
    here.position = { epoch, offset };
    const { came, went } = people.set(members, count);
    if (before) {
      log.line(`You are back. ${missed(before, here.position)}`);
      went.forEach(name => log.line({ name }, ' left'));
      came.forEach(name => log.line({ name }, ' joined'));
    }
    hint('');
  },

  members({ members, count }) {
    people.set(members, count);
  },

  user_joined({ userId }) {
    const news = people.came(userId);
    if (userId !== here.me) {
      if (news) {
        log.line({ name: userId }, ' joined');
      }
    } else if (!here.greeted) {
      // Each of our connections is told of itself, but we come in only once.
      here.greeted = true;
      log.line('You joined. ', people.count > 1 ? `${people.count} are here.` : 'You are the only one here so far.');
    }
  },

  user_left({ userId }) {
    people.went(userId);
    log.line({ name: userId }, ' left');
  },

  chat({ userId = 'Server', content, timestamp, epoch, offset }) {
    const mine = userId === here.me;
    const said = typeof content === 'string' ? content : JSON.stringify(content);
    if (offset !== undefined) {
      here.position = { epoch, offset };
    }
    if (mine) {
      here.outgoing.seen(said, offset);
    }
    log.message({ userId, text: said, timestamp, mine });
    if (!mine && document.hidden) {
      here.unread++;
      showTitle();
    }
  },

  ack({ id, epoch, offset }) {
    const { position } = here;
    here.outgoing.acknowledged(id, offset, position?.epoch === epoch && position.offset < offset);
  },

  error({ code, message, re, id, retryAfter }) {
    if (re === 'auth') {
      // A server that asks for no token; then the name in the address is enough.
      return;
    }
    const seconds = Math.ceil((retryAfter ?? 0) / 1000);
    const why = code === 'rate_limited'
      ? `Slow down a little. ${seconds > 1 ? `Try again in ${seconds} s.` : 'Try again in a moment.'}`
      : REFUSED[code] ?? `The server says: ${message}`;
    if (re === 'join') {
      here.link.close();
      showState({ name: 'ended', why });
      return;
    }
    hint(why);
    if (id !== undefined || re === undefined || re === 'chat') {
      here.outgoing.refused(id);
    }
  },

  left() {
    here.link.close();
    showState({ name: 'ended', why: 'You were taken out of this room.' });
  },
};

function receive(frame) {
  // Types that this page does not know are for others.
  if (here && Object.hasOwn(on, frame.type)) {
    on[frame.type](frame);
  }
}

function missed(before, now) {
  if (before.epoch === undefined || before.epoch !== now.epoch) {
    return 'Messages sent meanwhile are not shown.';
  }
  const count = now.offset - before.offset;
  return count === 0 ? 'You missed nothing.'
    : count === 1 ? 'One message sent meanwhile is not shown.'
      : `${count} messages sent meanwhile are not shown.`;
}

// ---- sending ----

function send() {
  const words = text.value.trimEnd();
  if (words && here.outgoing.send(here.me, words)) {
    text.value = '';
    fit();
    hint('');
  }
}

function sendFrame(frame) {
  const sent = here.state === 'online' && here.link.send(frame);
  hint(sent ? '' : 'Not sent: you are not online. Your text stays here.');
  return sent;
}

function giveBack(words) {
  text.value = [text.value, words].filter(Boolean).join('\n');
  fit();
  text.focus();
}

// ---- showing ----

let ticking = 0;

function showState({ name, code, retryAt, why }) {
  const before = here.state;
  here.state = name;
  clearInterval(ticking);
  $('status').dataset.state = name;
  $('retry').hidden = name === 'connecting';
  $('send').setAttribute('aria-disabled', name !== 'online');

  if (name === 'online') {
    $('status-text').textContent = 'Online';
    $('offline').hidden = true;
    say('Online');
  } else if (name === 'connecting') {
    here.welcome = false;
    $('status-text').textContent = 'Connecting…';
    $('offline-text').textContent = 'Connecting…';
  } else {
    $('offline').hidden = false;
    hint('');
    $('retry').textContent = name === 'ended' ? 'Connect again' : 'Try now';
    here.outgoing.lost(code === 1009);
    if (name === 'ended') {
      $('status-text').textContent = 'Disconnected';
      if (code === 4401) {
        askForToken();
        return;
      }
      $('offline-text').textContent = why ?? ENDED[code] ?? 'The connection has ended.';
      say($('offline-text').textContent);
    } else {
      countDown(retryAt);
      ticking = setInterval(countDown, 250, retryAt);
      if (before === 'online') {
        say('Connection lost. Reconnecting.');
      }
    }
  }
}

function countDown(retryAt) {
  const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
  $('status-text').textContent = `Offline, ${seconds} s`;
  $('offline-text').textContent = `Offline. Reconnecting in ${seconds} s. What you write stays here.`;
}

function showPeople(open) {
  $('people').classList.toggle('open', open);
  $('people-toggle').setAttribute('aria-expanded', open);
}

function showTitle() {
  document.title = `${here.unread ? `(${here.unread}) ` : ''}#${here.room} · Roomcast chat`;
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
$('retry').addEventListener('click', () => here.link.retry());
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
