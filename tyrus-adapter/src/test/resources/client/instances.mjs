// The same cuts where each comeback lands on another instance. Run by a test that has a Redis.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../../main/resources/META-INF/resources/roomcast/roomcast.js';
import { cuts } from './cuts.mjs';

const TIMES = Number(process.env.ROOMCAST_CUTS ?? 40);

test(`a client that is cut ${TIMES} times, and lands on another instance each time, misses nothing`, async context => {
  const { faults, comebacks, messages } = await cuts('instances', TIMES, connect);
  context.diagnostic(`${TIMES} cuts, ${comebacks} recoveries, ${messages} messages, two instances`);
  assert.deepEqual(faults, []);
  assert.ok(comebacks > TIMES / 10, `it came back ${comebacks} times only`);
});
