// The conversation as people see it. Everything that came over the wire is put in by textContent, never as markup.

const LONGEST = 1_000;
const SAME_TURN = 5 * 60_000;

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const calendar = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/** Shows messages in list, and in newer how many came in while the reader was further up. */
export function messageLog(list, newer) {
  let atBottom = true;
  let unseen = 0;
  let day = '';

  list.addEventListener('scroll', () => {
    atBottom = list.scrollHeight - list.scrollTop - list.clientHeight < 48;
    if (atBottom) {
      unseen = 0;
      showNewer();
    }
  });
  newer.addEventListener('click', () => {
    toBottom();
    list.focus({ preventScroll: true });
  });
  // A phone's keyboard or a growing text box takes room away: whoever was at the bottom stays there.
  new ResizeObserver(() => atBottom && toBottom()).observe(list);

  function add(item, counts) {
    list.append(item);
    // A page that is left open for days must not grow without end.
    while (list.children.length > LONGEST) {
      list.firstElementChild.remove();
    }
    if (atBottom) {
      toBottom();
    } else if (counts) {
      unseen++;
      showNewer();
    }
  }

  function toBottom() {
    list.scrollTop = list.scrollHeight;
  }

  function showNewer() {
    newer.hidden = unseen === 0;
    newer.textContent = unseen === 1 ? '1 new message' : `${unseen} new messages`;
  }

  function sayDay(timestamp) {
    const today = calendar.format(Date.now());
    const that = calendar.format(timestamp);
    if (that !== (day || today)) {
      add(element('li', 'line day', that));
    }
    day = that;
  }

  return {
    /** A small line about the room: parts are texts, or {name} for a user's name. */
    line(...parts) {
      const item = element('li', 'line');
      item.append(...parts.map(part => (part.name === undefined ? part : element('bdi', 'name', part.name))));
      add(item);
    },

    /** A message that is in the room. */
    message({ userId, text, timestamp, mine }) {
      sayDay(timestamp);
      const item = bubble(userId, text, mine);
      const time = element('time');
      time.append(element('bdi', '', clock.format(timestamp)));
      time.dateTime = new Date(timestamp).toISOString();
      time.title = moment.format(timestamp);
      item.lastElementChild.append(time);
      item.dataset.user = userId;
      item.dataset.timestamp = timestamp;
      const before = list.lastElementChild;
      item.classList.toggle(
        'again',
        before?.dataset.user === userId && timestamp - before.dataset.timestamp < SAME_TURN,
      );
      add(item, !mine);
    },

    /** A message on its way. What becomes of it is told to the object that this returns. */
    outgoing(userId, text) {
      const item = bubble(userId, text, true);
      item.classList.add('again', 'outgoing');
      // Read out when it is in the room, not twice.
      item.setAttribute('aria-live', 'off');
      const fate = element('p', 'fate', 'Sending…');
      item.append(fate);
      atBottom = true;
      add(item);
      return {
        /** Actions are pairs of a label and what to do. */
        failed(why, ...actions) {
          item.classList.add('failed');
          fate.replaceChildren(why, ...actions.map(([label, run]) => action(label, run)));
          if (atBottom) {
            toBottom();
          }
        },
        again() {
          item.classList.remove('failed');
          fate.textContent = 'Sending…';
        },
        remove() {
          item.remove();
        },
      };
    },

    clear() {
      list.replaceChildren();
      atBottom = true;
      unseen = 0;
      day = '';
      showNewer();
    },
  };
}

/** A letter on a colour: the same person has the same one for everybody. */
export function avatar(userId) {
  const [letter = '?'] = userId.trim();
  const badge = element('span', 'avatar', letter.toUpperCase());
  badge.setAttribute('aria-hidden', 'true');
  let hash = 0;
  for (const character of userId) {
    hash = (hash * 31 + character.codePointAt(0)) % 997;
  }
  badge.style.setProperty('--hue', (hash * 47) % 360);
  return badge;
}

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

function bubble(userId, text, mine) {
  const item = element('li', mine ? 'message mine' : 'message');
  const who = element('p', 'who');
  who.append(avatar(userId), element('bdi', 'name', userId));
  const said = element('div', 'bubble');
  said.dir = 'auto';
  said.append(element('span', 'text', text));
  item.append(who, said);
  return item;
}

function action(label, run) {
  const button = element('button', 'link', label);
  button.type = 'button';
  button.addEventListener('click', run);
  return button;
}
