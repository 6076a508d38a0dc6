// Our own messages between sending them and seeing them in the room. The page says of each what is known, and no more: on its
// way, refused, or of unknown fate because the connection was away for too long.

/**
 * Shows them in log. send(text) returns a promise of a place in the room; position() is the place of the last message that was
 * shown; edit(text) gives a refused text back to its writer.
 */
export function outgoing(log, { send, position, edit }) {
  const waiting = new Set();
  // Places of our own messages of which we do not know yet which one they are.
  const unclaimed = new Set();

  function take(sent) {
    waiting.delete(sent);
    sent.item.remove();
    if (waiting.size === 0) {
      unclaimed.clear();
    }
  }

  /** It is in the room, but will not be told to us. */
  function show(sent) {
    take(sent);
    log.message({ userId: sent.userId, text: sent.text, timestamp: sent.timestamp, mine: true });
  }

  function attempt(sent) {
    sent.failed = false;
    send(sent.text).then(place => acknowledged(sent, place), error => refused(sent, error));
  }

  function acknowledged(sent, place) {
    if (!waiting.has(sent)) {
      return;
    }
    if (unclaimed.has(named(place))) {
      take(sent);
    } else if (isAhead(place, position())) {
      sent.place = place;
    } else {
      show(sent);
    }
  }

  function refused(sent, { code }) {
    if (!waiting.has(sent)) {
      return;
    }
    sent.failed = true;
    const again = ['Try again', () => {
      sent.item.again();
      attempt(sent);
    }];
    const change = ['Edit', () => {
      take(sent);
      edit(sent.text);
    }];
    if (code === 'outcome_unknown') {
      sent.item.failed('The connection was away for too long; this may not have arrived.', again);
    } else if (code === 'too_big') {
      sent.item.failed('Not sent: too large.', change);
    } else {
      sent.item.failed('Not sent.', again, change);
    }
  }

  return {
    /** Sends a text, now or when the connection is back, and shows that it is on its way. */
    send(userId, text) {
      const sent = { userId, text, timestamp: Date.now(), place: null, failed: false, item: log.outgoing(userId, text) };
      waiting.add(sent);
      attempt(sent);
    },

    /** A message of ours came in; it may also have been sent from another tab. */
    seen(text, place) {
      const found = [...waiting].find(sent =>
        sent.place === null ? !sent.failed && sent.text === text : named(sent.place) === named(place));
      if (found) {
        take(found);
      } else if (waiting.size > 0) {
        unclaimed.add(named(place));
      }
    },

    /** Messages are missing, and ours may be among them. */
    skipped() {
      for (const sent of [...waiting]) {
        if (sent.place !== null && !isAhead(sent.place, position())) {
          show(sent);
        }
      }
    },
  };
}

const named = ({ epoch, offset }) => `${epoch} ${offset}`;

const isAhead = (place, position) => position?.epoch === place.epoch && place.offset > position.offset;
