import { describe, expect, test } from '@jest/globals';
import { eventKinds, eventSeverities, noSubject } from '../../../core/event.ts';
import { messageOf } from '../../message.ts';
import { event } from '../../samples.ts';
import { falcosidekickPost } from './payload.ts';

const config = { type: 'falcosidekick', url: 'http://127.0.0.1:2801/', token: null, ca: null } as const;

/** What falcosidekick answers, by its handler's rules: 400, or a crash of the request where a string was assumed. */
function falcosidekickAnswers(text: string): 200 | 400 | 'panic' {
  const body = JSON.parse(text) as Record<string, unknown>;
  const known = [
    'emergency',
    'alert',
    'critical',
    'error',
    'warning',
    'notice',
    'informational',
    'info',
    'debug',
  ];
  for (const key of ['output', 'priority', 'rule', 'source', 'hostname'])
    if (key in body && typeof body[key] !== 'string') return 400;
  const tags = body.tags ?? [];
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) return 400;
  const time = body.time;
  const rfc3339 =
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})$/;
  if (typeof time !== 'string' || !rfc3339.test(time)) return 400;
  const fields = body.output_fields;
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return 400;
  for (const name of ['k8s.ns.name', 'k8s.pod.name']) {
    const value: unknown = Reflect.get(fields, name);
    if (value !== undefined && value !== null && typeof value !== 'string') return 'panic';
  }
  if (!known.includes(String(body.priority).toLowerCase())) return 400;
  if (body.rule === undefined || body.rule === '') return 400;
  if (time.startsWith('0001-01-01T00:00:00')) return 400;
  return Object.keys(fields).length === 0 ? 400 : 200;
}

describe('what falcosidekick takes', () => {
  const whole = {
    output: 'x',
    priority: 'Notice',
    rule: 'r',
    time: '2026-11-24T08:00:00.000Z',
    output_fields: { a: 'b' },
  };

  test.each([
    ['everything', {}, 200],
    ['no priority', { priority: undefined }, 400],
    ['an unknown priority', { priority: 'urgent' }, 400],
    ['no rule', { rule: undefined }, 400],
    ['no time', { time: undefined }, 400],
    ['a time that is none', { time: 'today' }, 400],
    ['no field', { output_fields: {} }, 400],
    ['a namespace that is no string', { output_fields: { 'k8s.ns.name': ['a'] } }, 'panic'],
    ['a pod that is no string', { output_fields: { 'k8s.pod.name': 1 } }, 'panic'],
  ] as const)('%s', (_, over, answer) => {
    expect(falcosidekickAnswers(JSON.stringify({ ...whole, ...over }))).toBe(answer);
  });

  const all = eventKinds.flatMap((kind) => eventSeverities.map((severity) => [kind, severity] as const));
  test.each(all)('%s, %s', (kind, severity) => {
    for (const subject of [noSubject, { ...noSubject, namespace: 'shop', workload: 'Deployment/web' }]) {
      const { body } = falcosidekickPost(config, messageOf(event({ kind, severity, subject }), ''), 'host-1');
      expect(falcosidekickAnswers(body)).toBe(200);
    }
  });
});

test('Falco reads where it was', () => {
  const subject = { ...event().subject, namespace: 'shop', workload: 'Deployment/web' };
  const { body } = falcosidekickPost(config, messageOf(event({ subject }), ''), 'host-1');
  expect(JSON.parse(body)).toMatchObject({
    rule: 'Pratique verdict changed',
    priority: 'Warning',
    source: 'pratique',
    hostname: 'host-1',
    tags: ['pratique', 'verdict-changed'],
    output_fields: {
      'k8s.ns.name': 'shop',
      'k8s.pod.name': 'Deployment/web',
      'container.image.repository': 'docker.io/library/nginx',
    },
  });
});
