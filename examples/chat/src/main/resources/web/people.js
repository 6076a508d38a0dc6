// Who is in the room, and the list that shows it. A big room names only some of its members, with a count of all.

import { avatar, element } from './log.js';

/** Keeps the members and shows them in list; rest says how many have no name here, counters how many there are. */
export function peopleList(list, rest, counters) {
  let names = new Set();
  let count = 0;
  let isWhole = false;
  let me = '';

  function show() {
    const others = [...names].filter(name => name !== me).sort((a, b) => a.localeCompare(b));
    const sorted = names.has(me) ? [me, ...others] : others;
    list.replaceChildren(...sorted.map(name => {
      const item = element('li');
      item.append(avatar(name), element('bdi', 'name', name));
      if (name === me) {
        item.append(element('span', 'you', 'you'));
      }
      return item;
    }));
    const unnamed = count - sorted.length;
    rest.hidden = unnamed <= 0;
    rest.textContent = `and ${unnamed} more`;
    counters.forEach(counter => (counter.textContent = count));
  }

  return {
    get count() {
      return count;
    },

    /** Whose list it is. */
    iAm(userId) {
      me = userId;
      show();
    },

    /** Takes over who is there, and tells who came and who went since before, where that can be told. */
    set(members, total) {
      const before = names;
      const wasWhole = isWhole;
      names = new Set(members.map(({ userId }) => userId));
      count = total;
      isWhole = count === names.size;
      show();
      const comparable = wasWhole && isWhole;
      return {
        came: comparable ? [...names].filter(name => !before.has(name)) : [],
        went: comparable ? [...before].filter(name => !names.has(name)) : [],
      };
    },

    clear() {
      names = new Set();
      count = 0;
      isWhole = false;
      show();
    },
  };
}
