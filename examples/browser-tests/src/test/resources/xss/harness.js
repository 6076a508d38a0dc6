// Listens to a hub as any page would, and puts every string that comes over the wire into frames of the page. Whatever runs
// there calls alert() or one of its kind, which the test has replaced in every frame by a message to this page.

const FRAMES_AT_ONCE = 128;
const HARMLESS = new Set(['http:', 'https:', 'mailto:']);

/** How pages show text. */
const SINKS = {
  textContent(host, text) {
    host.textContent = text;
  },
  innerHTML(host, text) {
    host.innerHTML = text;
    // What an editor or a template does: write the tree out, and parse it again.
    const copy = host.ownerDocument.createElement('div');
    host.after(copy);
    copy.innerHTML = host.innerHTML;
  },
  // What html() of some libraries does. Unlike innerHTML it runs script elements.
  fragment(host, text) {
    const range = host.ownerDocument.createRange();
    range.selectNodeContents(host);
    host.append(range.createContextualFragment(text));
  },
  attribute(host, text) {
    host.innerHTML = `<p title="${text}" class='${text}'>x</p>`;
  },
};

let socket;
let answers = [];
let waiting = null;
const strings = new Set();
const contents = [];

/** Opens a connection to a hub and keeps all that it says. */
function listen(path, room) {
  socket = new WebSocket(`ws://${location.host}/${path}?room=${room}&user=reader`);
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    collect(frame);
    if (frame.type === 'chat') {
      contents.push(frame.content);
    }
    answers.push(frame);
    waiting?.();
  };
  return until(frame => frame.type === 'user_joined');
}

function collect(value) {
  if (typeof value === 'string') {
    // A single word, as ids and the names of fields are, is no attack.
    if (!/^[\w-]*$/.test(value)) {
      strings.add(value);
    }
  } else if (value && typeof value === 'object') {
    Object.entries(value).flat().forEach(collect);
  }
}

/** Waits for a frame that has not been waited for. */
function until(test) {
  return new Promise(found => {
    waiting = () => {
      const place = answers.findIndex(test);
      if (place >= 0) {
        waiting = null;
        found(answers.splice(0, place + 1)[place]);
      }
    };
    waiting();
  });
}

/** Enters rooms with these names, says something, and leaves. Returns how many names were refused. */
async function visit(rooms) {
  let refused = 0;
  for (const room of rooms) {
    socket.send(JSON.stringify({ type: 'join', room }));
    const { type } = await until(frame => frame.type === 'user_joined' || frame.type === 'error');
    if (type === 'error') {
      refused++;
      continue;
    }
    socket.send(JSON.stringify({ room, content: 'hello' }));
    socket.send(JSON.stringify({ type: 'leave', room }));
    await until(frame => frame.type === 'left');
  }
  return refused;
}

/**
 * Shows all strings that came and provokes what is in them. So many share a frame: 1 tells which of them ran, since none can
 * hide what another does; more are quicker. Returns how many strings there were, those in whose frames something ran, and
 * what kinds of elements and attributes came into being; as JSON, since half a character cannot be handed to the test otherwise.
 */
async function provoke(sink, together) {
  const ran = new Set();
  const made = new Set();
  const groups = slices([...strings], together);
  for (const some of slices(groups, FRAMES_AT_ONCE)) {
    await provokeSome(some, sink, ran, made);
  }
  return JSON.stringify({ strings: strings.size, ran: [...ran], made: [...made].sort() });
}

function slices(list, length) {
  return Array.from({ length: Math.ceil(list.length / length) }, (_, i) => list.slice(i * length, (i + 1) * length));
}

async function provokeSome(groups, sink, ran, made) {
  const frames = new Map(groups.map(group => [document.body.appendChild(document.createElement('iframe')), group]));
  const executed = ({ data, source }) => {
    if (data === 'executed') {
      const where = [...frames.keys()].find(frame => isIn(source, frame));
      (frames.get(where) ?? [`somewhere, by ${sink}`]).forEach(text => ran.add(text));
    }
  };
  addEventListener('message', executed);
  for (const [frame, group] of frames) {
    for (const text of group) {
      const host = frame.contentDocument.createElement('div');
      frame.contentDocument.body.append(host);
      SINKS[sink](host, text);
    }
    describe(frame.contentDocument.body, made);
  }
  // First what fires by itself: images that do not load, animations, focus.
  await pause(250);
  for (const frame of frames.keys()) {
    // A frame that has gone elsewhere cannot be looked into any more.
    if (frame.contentDocument) {
      touch(frame.contentDocument);
    }
  }
  await pause(250);
  removeEventListener('message', executed);
  frames.forEach((group, frame) => frame.remove());
}

function isIn(source, frame) {
  for (let inner = source; inner && inner !== inner.parent; inner = inner.parent) {
    if (inner === frame.contentWindow) {
      return true;
    }
  }
  return false;
}

function describe(body, made) {
  for (const element of body.querySelectorAll(':scope > div *')) {
    made.add(element.localName);
    for (const name of namesOf(element)) {
      const value = name === 'href' ? `=${protocol(element.getAttribute(name))}` : '';
      made.add(`${element.localName}[${name}${value}]`);
    }
  }
}

/** Does to every element what a person might do, and what its handlers wait for. */
function touch(root) {
  root.addEventListener('click', event => {
    const link = event.target.closest('a, area');
    const address = link?.getAttribute('href') ?? link?.getAttribute('xlink:href');
    if (address && HARMLESS.has(protocol(address))) {
      event.preventDefault();
    }
  });
  root.addEventListener('submit', event => {
    const action = event.submitter?.getAttribute('formaction') ?? event.target.getAttribute('action') ?? '';
    if (HARMLESS.has(protocol(action))) {
      event.preventDefault();
    }
  });
  for (const element of root.querySelectorAll('*')) {
    for (const name of namesOf(element).filter(attribute => attribute.startsWith('on'))) {
      const type = name.slice(2);
      element.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }));
      // SVG's animations call theirs beginEvent, endEvent and repeatEvent.
      element.dispatchEvent(new Event(`${type}Event`));
    }
    for (const type of ['mouseover', 'pointerover', 'mousemove']) {
      element.dispatchEvent(new MouseEvent(type, { bubbles: true }));
    }
    element.focus?.();
    element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    if (element.shadowRoot) {
      touch(element.shadowRoot);
    }
  }
}

// A form's field can stand in the place of its properties, attributes among them.
const namesOf = element => Element.prototype.getAttributeNames.call(element);

function protocol(address) {
  try {
    return new URL(address, document.baseURI).protocol;
  } catch {
    return 'none';
  }
}

/** What a reader sees of each content, in order. */
function read(sink) {
  return contents.map(content => {
    const host = document.createElement('div');
    document.body.append(host);
    SINKS[sink](host, content);
    return host.textContent;
  });
}

const pause = millis => new Promise(done => setTimeout(done, millis));

window.harness = {
  listen,
  until: content => until(frame => frame.type === 'chat' && frame.content === content).then(() => true),
  visit,
  provoke,
  read,
};
