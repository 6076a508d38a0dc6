// The token that says who we are, where the server asks for one. It comes behind the # of a link, which browsers send to no
// server, or from the form of the page. To replace it by a login of your own, let current() return what that gave you.

import { recall } from './memory.js';

// Kept here too: a browser that keeps nothing still gets us in once.
let token = recall('sessionStorage', 'token');

/** The token, or null. */
export function current() {
  return token;
}

/** Keeps what somebody pasted, a token or a whole link with one; null forgets it. */
export function keep(pasted) {
  token = pasted && pasted.trim().replace(/^.*#token=/s, '');
  recall('sessionStorage', 'token', token);
}

/** Moves a token out of the address bar, where it would be seen, shared and remembered. Returns whether there was one. */
export function takeFromAddress() {
  const found = /^#token=(.+)/.exec(location.hash);
  if (found) {
    history.replaceState(null, '', location.pathname + location.search);
    keep(found[1]);
  }
  return found !== null;
}

/** Whom a JWT names, for the page to show: the server makes sure by itself. Of other tokens nothing is known here. */
export function nameIn(jwt) {
  try {
    const payload = atob(jwt.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'));
    const { sub } = JSON.parse(new TextDecoder().decode(Uint8Array.from(payload, byte => byte.charCodeAt(0))));
    return typeof sub === 'string' ? sub : '';
  } catch {
    return '';
  }
}
