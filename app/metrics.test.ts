import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { type Logger, silentLogger } from '../core/ports/logger.ts';
import { createMetrics, type Gauges } from './metrics.ts';

function office() {
  const told: string[] = [];
  const logger: Logger = { ...silentLogger, error: (_: object, text: string) => void told.push(text) };
  let messages: Gauges['messages'] = () => Promise.resolve([]);
  const metrics = createMetrics(
    {
      vettings: () => 0,
      advisoriesAge: () => null,
      advisoriesProblems: () => 0,
      scans: () => ({ waiting: 0, running: 0 }),
      policyProblem: () => false,
      toReevaluate: () => 0,
      messages: () => messages(),
    },
    logger,
  );
  const lines = async (name: string): Promise<string[]> =>
    (await metrics.read()).text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return { metrics, told, lines, answer: (now: Gauges['messages']) => (messages = now) };
}

describe('messages that wait', () => {
  const name = 'pratique_event_messages';

  test('are shown of those receivers alone that have some', async () => {
    const { lines, answer } = office();
    answer(() => Promise.resolve([{ receiver: 'chat', waiting: 3, dead: 1 }]));
    expect(await lines(name)).toEqual([
      `${name}{receiver="chat",state="waiting"} 3`,
      `${name}{receiver="chat",state="dead"} 1`,
    ]);
    answer(() => Promise.resolve([]));
    expect(await lines(name)).toEqual([]);
  });

  test('are absent where the state is gone: the other numbers are there, and it is told once', async () => {
    const { metrics, told, lines, answer } = office();
    answer(() => Promise.resolve([{ receiver: 'chat', waiting: 3, dead: 0 }]));
    await metrics.read();
    answer(() => Promise.reject(new Error('the state thread has ended')));
    expect(await lines(name)).toEqual([]);
    expect((await metrics.read()).text).toContain('pratique_vettings_under_way 0');
    expect(told).toEqual(['messages about events cannot be counted']);
  });
});

test('an upstream that answers with any number makes no series for each', async () => {
  const { metrics, lines } = office();
  for (let status = 100; status < 1000; status += 1)
    metrics.onAnswer({
      kind: 'other',
      method: 'GET',
      status,
      upstream: 'docker.io',
      milliseconds: 1,
      served: null,
      user: null,
      request: new IncomingMessage(new Socket()),
    });
  const series = await lines('pratique_registry_answers_total');
  expect(series.length).toBeLessThan(80);
  expect(series).toContainEqual(expect.stringContaining('status="404"'));
  expect(series).toContainEqual(expect.stringContaining('status="other"'));
});
