// What the browser keeps for us: sessionStorage for this tab, localStorage for all of them.

/** Keeps a value for later, or with null forgets it. A browser that keeps nothing is no reason to fail. */
export function recall(store, key, value) {
  try {
    if (value === null) {
      window[store].removeItem(`roomcast.${key}`);
    } else if (value !== undefined) {
      window[store].setItem(`roomcast.${key}`, value);
    }
    return window[store].getItem(`roomcast.${key}`);
  } catch {
    return null;
  }
}
