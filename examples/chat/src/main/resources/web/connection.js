// The link to one room: opens the socket, says what state it is in, and comes back after a loss. It knows nothing of the
// page, so that it can be exchanged without touching what people see.

const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 20_000;
const BACK_OFF_PAUSE = 5_000;
const SETTLED_AFTER = 10_000;

// Close codes after which the same request would end the same way. Everything else is worth another try.
const STAY_AWAY = new Set([1000, 1008, 1009, 4400, 4401, 4403, 4409]);
// The server asks for more patience.
const BACK_OFF = new Set([4429, 4503]);

/**
 * Connects to a room and stays connected until close() is called or the server sends us away. token() is asked at each
 * attempt, and may return null.
 *
 * onState is called with {name: 'connecting' | 'online'}, {name: 'offline', code, retryAt} or {name: 'ended', code};
 * onFrame with each frame of the server, an object with a type.
 */
export function connect({ room, user, token, onState, onFrame }) {
  let socket = null;
  let timer = 0;
  let watch = 0;
  let attempt = 0;
  let onlineSince = Infinity;
  let heard = true;
  let waiting = false;

  function open() {
    clearTimeout(timer);
    waiting = false;
    onState({ name: 'connecting' });
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const query = `room=${encodeURIComponent(room)}&user=${encodeURIComponent(user)}`;
    const opened = new WebSocket(`${scheme}//${location.host}/rooms?${query}`);
    // The token never stands in the address, which ends up in logs. Without one we say something else first: a server that
    // wants a token then tells us at once, and one that does not answers the ping.
    opened.onopen = () => {
      const known = token();
      opened.send(JSON.stringify(known ? { type: 'auth', token: known } : { type: 'ping' }));
    };
    // A socket that was given up may still report; only the current one counts.
    opened.onmessage = event => opened === socket && receive(event.data);
    opened.onclose = event => opened === socket && lost(event.code);
    socket = opened;
  }

  function receive(data) {
    heard = true;
    const frame = parsed(data);
    if (frame === null) {
      return;
    }
    if (frame.type === 'welcome') {
      listenFor(frame.heartbeat);
    } else if (frame.type === 'joined') {
      onlineSince = Date.now();
      onState({ name: 'online' });
    }
    onFrame(frame);
  }

  function lost(code) {
    drop();
    if (STAY_AWAY.has(code)) {
      onState({ name: 'ended', code });
      return;
    }
    // A connection that broke soon after it stood does not count as a success, or a flapping server would be hammered.
    if (Date.now() - onlineSince > SETTLED_AFTER) {
      attempt = 0;
    }
    onlineSince = Infinity;
    const pause = pauseBefore(attempt++, BACK_OFF.has(code) ? BACK_OFF_PAUSE : SHORTEST_PAUSE);
    waiting = true;
    timer = setTimeout(open, pause);
    onState({ name: 'offline', code, retryAt: Date.now() + pause });
  }

  function drop() {
    clearInterval(watch);
    clearTimeout(timer);
    waiting = false;
    const dropped = socket;
    socket = null;
    dropped?.close();
  }

  // A link can die without a close. The browser hides the server's pings from us, so ask when a whole round was silent.
  function listenFor(heartbeat) {
    clearInterval(watch);
    let asked = false;
    watch = setInterval(() => {
      if (!heard && asked) {
        lost(1006);
        return;
      }
      asked = !heard;
      if (asked) {
        socket.send(JSON.stringify({ type: 'ping' }));
      }
      heard = false;
    }, Math.max(heartbeat || 30_000, 1_000));
  }

  function retry() {
    if (socket === null) {
      open();
    }
  }

  // The network is back: no point in sitting out the pause.
  const networkIsBack = () => waiting && open();

  addEventListener('online', networkIsBack);
  open();

  return {
    /** Hands a frame to the socket. Returns false if there is none; true does not mean that the server has it. */
    send(frame) {
      if (socket?.readyState !== WebSocket.OPEN) {
        return false;
      }
      socket.send(JSON.stringify(frame));
      return true;
    },

    /** Tries at once instead of waiting, also after the end. */
    retry,

    /** Leaves for good. The close frame makes the others see it at once. */
    close() {
      removeEventListener('online', networkIsBack);
      drop();
    },
  };
}

// Full jitter: when a server restarts, its clients must not all come back in the same instant.
function pauseBefore(attempt, shortest) {
  const ceiling = Math.min(LONGEST_PAUSE, shortest * 2 ** (attempt + 1));
  return shortest + Math.random() * (ceiling - shortest);
}

function parsed(data) {
  try {
    const frame = JSON.parse(data);
    return typeof frame?.type === 'string' ? frame : null;
  } catch {
    return null;
  }
}
