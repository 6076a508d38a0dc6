// What the page says of refusals and ends, by the codes of the server.

/** Why a connection has ended, by the code of its close. */
export const ENDED = {
  1000: 'The server has closed this conversation.',
  1008: 'The server closed the connection: too much came in at once.',
  1009: 'That message was too large for this server.',
  4400: 'The server could not make sense of what this page sent. Another name or room may help.',
  4403: 'You may not enter this room.',
  4409: 'You are connected too many times. Close another tab first.',
};

/** Why a message was not taken. */
export const REFUSED = {
  bad_request: 'The server did not accept that message.',
  forbidden: 'You may not write in this room.',
  not_joined: 'You are not in this room any more.',
};

/** Why one is not let in. */
export const ENTRY_REFUSED = {
  forbidden: 'You may not enter this room.',
  bad_request: 'This room cannot be entered. Another name for it may help.',
};

export const ISOLATED = 'The server has lost sight of others. What you write goes out to them when it is back.';
