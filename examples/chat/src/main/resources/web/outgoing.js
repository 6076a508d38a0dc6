// Our own messages between sending them and seeing them in the room. The page says of each what is known, and no more:
// on its way, refused, or of unknown fate because the connection broke.

/**
 * Shows them in log. send(frame) returns whether the frame went to a socket; edit(text) gives a refused text back to its
 * writer.
 */
export function outgoing(log, { send, edit }) {
  const waiting = new Map();
  // Places of our own messages of which we do not know yet which one they are.
  const unclaimed = new Set();

  function take(id) {
    const sent = waiting.get(id);
    waiting.delete(id);
    sent.item.remove();
    return sent;
  }

  function show({ userId, text, timestamp }) {
    log.message({ userId, text, timestamp, mine: true });
  }

  function fail(id, why, ...actions) {
    const sent = waiting.get(id);
    if (sent) {
      sent.failed = true;
      sent.item.failed(why, ...actions);
    }
  }

  const tryAgain = id => ['Try again', () => {
    const sent = waiting.get(id);
    if (send({ content: sent.text, id })) {
      sent.failed = false;
      sent.item.again();
    }
  }];
  const editAgain = id => ['Edit', () => edit(take(id).text)];

  return {
    /** Sends a text and shows that it is on its way; false if there is no connection. */
    send(userId, text) {
      // The id lets a repeat after a lost connection count as the same message.
      const id = randomId();
      if (!send({ content: text, id })) {
        return false;
      }
      const item = log.outgoing(userId, text);
      waiting.set(id, { userId, text, timestamp: Date.now(), offset: undefined, failed: false, item });
      return true;
    },

    /** A message of ours came in; it may also have been sent from another tab. */
    seen(text, offset) {
      const found = [...waiting].find(([, sent]) =>
        sent.offset === undefined ? !sent.failed && sent.text === text : sent.offset === offset);
      if (found) {
        take(found[0]);
      } else {
        unclaimed.add(offset);
      }
    },

    /** The server has put a message at a place in the room; ahead says whether we are still to see that place. */
    acknowledged(id, offset, ahead) {
      const sent = waiting.get(id);
      if (!sent) {
        return;
      }
      if (ahead) {
        sent.offset = offset;
      } else if (unclaimed.delete(offset)) {
        take(id);
      } else {
        // A repeat of a message that went through the first time, while we were away: it does not come again.
        show(take(id));
      }
    },

    /** The server refused a message. Where it does not say which one, any that is not in the room yet may be meant. */
    refused(id) {
      if (id !== undefined) {
        fail(id, 'Not sent.', tryAgain(id), editAgain(id));
        return;
      }
      for (const [unsure, { failed, offset }] of waiting) {
        if (!failed && offset === undefined) {
          fail(unsure, 'This may not have been sent.', tryAgain(unsure));
        }
      }
    },

    /** The connection is gone. */
    lost(tooLarge) {
      unclaimed.clear();
      for (const [id, { failed, offset }] of [...waiting]) {
        if (offset !== undefined) {
          show(take(id));
        } else if (tooLarge) {
          fail(id, 'Not sent: too large.', editAgain(id));
        } else if (!failed) {
          fail(id, 'The connection broke; this may not have arrived.', tryAgain(id));
        }
      }
    },
  };
}

function randomId() {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), part => part.toString(36)).join('-');
}
