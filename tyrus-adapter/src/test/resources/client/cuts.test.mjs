// Once and in order, through any number of cuts; and the checker that says so is seen to see.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { connect } from '../../../main/resources/META-INF/resources/roomcast/roomcast.js';
import { cuts } from './cuts.mjs';

const TIMES = Number(process.env.ROOMCAST_CUTS ?? 60);
const SOURCE = new URL('../../../main/resources/META-INF/resources/roomcast/roomcast.js', import.meta.url);

test(`a client that is cut ${TIMES} times sees and says everything once and in order`, async context => {
  const { faults, comebacks, messages } = await cuts('cuts', TIMES, connect);
  context.diagnostic(`${TIMES} cuts, ${comebacks} recoveries, ${messages} messages`);
  assert.deepEqual(faults, []);
  assert.ok(comebacks > TIMES / 10, `it came back ${comebacks} times only`);
});

describe('the checker sees a client that', () => {
  let folder;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'roomcast-'));
  });
  after(() => rm(folder, { recursive: true }));

  const broken = async (name, right, wrong) => {
    const source = await readFile(SOURCE, 'utf8');
    assert.ok(source.includes(right), `the client has changed: ${right}`);
    const file = join(folder, `${name}.mjs`);
    await writeFile(file, source.replaceAll(right, wrong));
    const { connect: open } = await import(pathToFileURL(file));
    // On a fast machine what matters is seldom under way in the moment of a cut.
    for (let round = 0; round < 12; round++) {
      const { faults } = await cuts(`${name}-${round}`, 25, open, { patience: 1_000 });
      if (faults.length) {
        return;
      }
    }
    assert.fail('it saw nothing wrong');
  };

  test('moves its position by a joined that recovered', () =>
    broken('joined', 'room.position = recovered && before ? before : { epoch, offset };', 'room.position = { epoch, offset };'));

  test('repeats with another id', { skip: !process.env.ROOMCAST_CUTS }, () =>
    broken('ids', 'this.#write(send.frame);', "this.#write(send.frame.replace(send.id, send.id = randomId()));"));

  test('does not repeat', { skip: !process.env.ROOMCAST_CUTS }, () =>
    broken('once', 'send.isOut = false;', 'send.isOut = send.firstAt > 0;'));

  test('forgets where it was', { skip: !process.env.ROOMCAST_CUTS }, () =>
    broken('position', '{ ...room.position, meta: room.meta }', '{ meta: room.meta }'));
});
