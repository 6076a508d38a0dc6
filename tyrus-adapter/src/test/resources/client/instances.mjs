// The same cuts where each comeback lands on another instance, and where now and then an instance is killed, or Redis. Run by
// a test that has a Redis.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../../main/resources/META-INF/resources/roomcast/roomcast.js';
import { cuts } from './cuts.mjs';

const TIMES = Number(process.env.ROOMCAST_CUTS ?? 30);

/** A user may have 4096 ids in a room within five minutes; short runs may be faster than long ones. */
const PACE = TIMES > 100 ? 150 : 12;
const INSTANCE = { every: 25, first: 10 };
const REDIS = { every: 50, first: 20 };

const isDue = (cut, { every, first }) => cut < TIMES && cut % every === first;

/**
 * Each waits until the one before is over; at the end all are there again. A Redis that was killed costs a client one gap, and
 * seldom two, when it changes the instance meanwhile.
 */
async function fault(cut, orders) {
  if (isDue(cut, INSTANCE)) {
    await orders.ask('kill-instance', cut + INSTANCE.every < TIMES);
  }
  if (isDue(cut, REDIS)) {
    await orders.ask('kill-redis');
  }
  if (cut === TIMES) {
    await orders.ask('settle');
  }
  return isDue(cut, REDIS) ? 2 : 0;
}

test(`a client that is cut ${TIMES} times, and lands on another instance each time, misses nothing`, async context => {
  const { faults, comebacks, messages, gaps } = await cuts('instances', TIMES, connect, { pace: PACE, fault });
  context.diagnostic(`${TIMES} cuts, ${comebacks} recoveries, ${gaps} gaps, ${messages} messages, two instances`);
  assert.deepEqual(faults, []);
  assert.ok(comebacks > TIMES / 10, `it came back ${comebacks} times only`);
});
