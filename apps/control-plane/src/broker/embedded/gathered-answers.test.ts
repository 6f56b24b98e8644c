import { Writable } from 'node:stream';
import { manualClock } from '@towline/kit';
import { expect, test } from 'vitest';
import { GatheredAnswers } from './gathered-answers.ts';

/** Notes what leaves together: a socket sends one segment for each. */
function connection() {
  const left: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      left.push(String(chunk));
      done();
    },
    writev(chunks, done) {
      left.push(chunks.map(({ chunk }) => String(chunk)).join(' '));
      done();
    },
  });
  return { stream, left };
}

test('a PUBACK leaves together with the acknowledgement that follows it', () => {
  const answers = new GatheredAnswers(manualClock());
  const { stream, left } = connection();
  answers.hold(stream);
  stream.write('puback');
  answers.hold(stream);
  stream.write('puback');
  expect(left).toEqual([]);
  stream.write('ack');
  answers.release(stream);
  expect(left).toEqual(['puback puback ack']);
});

test('while Postgres stands still a PUBACK, and a ping that is answered meanwhile, leave all the same', async () => {
  const clock = manualClock();
  const answers = new GatheredAnswers(clock);
  const { stream, left } = connection();
  for (let count = 1; count <= 2; count += 1) {
    answers.hold(stream);
    stream.write('puback');
    stream.write('pingresp');
    await clock.advance(400);
    expect(left).toHaveLength(count);
  }
  answers.release(stream);
  stream.write('alone');
  expect(left).toEqual(['puback pingresp', 'puback pingresp', 'alone']);
});

test('what has only just come does not leave with what has waited long', async () => {
  const clock = manualClock();
  const answers = new GatheredAnswers(clock);
  const [early, late] = [connection(), connection()];
  answers.hold(early.stream);
  early.stream.write('puback');
  await clock.advance(390);
  answers.hold(late.stream);
  late.stream.write('puback');
  await clock.advance(10);
  expect([early.left, late.left]).toEqual([['puback'], []]);
  late.stream.write('ack');
  answers.release(late.stream);
  expect(late.left).toEqual(['puback ack']);
});

test('a connection that is gone meanwhile disturbs nobody', async () => {
  const clock = manualClock();
  const answers = new GatheredAnswers(clock);
  const [gone, other] = [connection(), connection()];
  for (const { stream } of [gone, other]) answers.hold(stream);
  gone.stream.destroy();
  other.stream.write('puback');
  await clock.advance(400);
  expect(other.left).toEqual(['puback']);
});
